"""Lists in pages: each is whole, and in the same order, however small its pages are."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from reconciler.adapters.admin import realm_admin
from reconciler.ports import AdminApi
from tests.contract.hands import Hands

pytestmark = pytest.mark.anyio

_COUNT = 5


def named(found: tuple[Any, ...]) -> list[str]:
    """Return what tells the objects apart; Keycloak shows what is in them in no particular order."""
    return [str(each.get("id") or each) if isinstance(each, dict) else str(getattr(each, "id", each)) for each in found]


@pytest.mark.parametrize("size", [2, 3])
async def test_small_pages_show_what_one_large_page_shows(
    keycloak: AdminApi, hands: Hands, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True})
    acme = await keycloak.create_organization({"name": "Acme", "alias": "acme", "enabled": True})
    for number in range(_COUNT):
        name = f"each-{number}"
        await keycloak.create_organization({"name": name, "alias": name, "enabled": True})
        uuid = await keycloak.create_client({"clientId": f"api-client-{name}", "serviceAccountsEnabled": True})
        user = await keycloak.service_account(uuid)
        assert user is not None
        await keycloak.add_member(acme, user["id"])
        hands.add_client_role("api-client-each-0", name)
        hands.add_group(name)
        hands.add_organization_group("acme", name)
    default = (await keycloak.realm() or {})["defaultRole"]["name"]
    some = (await keycloak.find_client("api-client-each-0") or {})["id"]
    lists: dict[str, Callable[[], Awaitable[tuple[Any, ...]]]] = {
        "clients": keycloak.clients,
        "organizations": keycloak.organizations,
        "members": lambda: keycloak.members(acme),
        "groups of an organization": lambda: keycloak.organization_groups(acme),
        "roles": keycloak.realm_roles,
        "roles of a client": lambda: keycloak.client_roles(some),
        "holders": lambda: keycloak.role_holders(default),
        "groups": keycloak.groups,
        "recorded events": lambda: keycloak.events(limit=0, resources=("CLIENT", "ORGANIZATION")),
        "latest events": lambda: keycloak.events(limit=2 * _COUNT),
    }
    whole = {what: named(await read()) for what, read in lists.items()}
    monkeypatch.setattr(realm_admin, "PAGE", size)
    assert {what: named(await read()) for what, read in lists.items()} == whole
    assert {what: len(found) >= min(_COUNT, 3) for what, found in whole.items()} == dict.fromkeys(whole, True)
