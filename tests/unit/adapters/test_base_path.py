"""A URL that is not quite Keycloak's: the error says which one is."""

import pytest
from aiohttp import web

from reconciler.adapters.http import Connection
from reconciler.adapters.keycloak import connect
from reconciler.adapters.login import PasswordLogin
from reconciler.adapters.vault import SecretVault
from reconciler.model.errors import WrongServer
from tests.fakes.runtime import FakeClock
from tests.unit.adapters.serving import serving

pytestmark = pytest.mark.anyio


class KeycloakBelow:
    """Answer as Keycloak does that has a base path, and as 26.7.5 does everywhere else."""

    def __init__(self, base: str) -> None:
        self._base = base

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == f"{self._base}/realms/master" and request.method == "GET":
            return web.json_response({"realm": "master", "token-service": "…"})
        return web.json_response({"error": "Unable to find matching target resource method"}, status=404)


@pytest.mark.parametrize(
    ("base", "given"),
    [
        ("", "/admin/master/console"),
        ("", "/admin"),
        ("", "/realms/master"),
        ("", "/auth"),
        ("/auth", ""),
        ("/auth", "/auth/admin/master/console"),
        ("/sso", "/sso/admin/"),
        ("/sso/auth", "/sso"),
    ],
)
async def test_the_error_says_where_keycloak_is(base: str, given: str) -> None:
    async with serving(KeycloakBelow(base)) as url:
        connection = Connection("Keycloak", url + given, attempts=1)
        login = PasswordLogin("master", "admin-cli", "u", "p")
        async with connect(connection, login, "nt24-idp", SecretVault(), FakeClock()) as api:
            with pytest.raises(WrongServer) as error:
                await api.realm()
    assert error.value.remedy == f"Set KEYCLOAK_URL to {url}{base}."
