"""Three realms of a real Keycloak, read at once in one event loop, each with a login of its own."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from reconciler import api
from reconciler.manifest.write import manifest_text
from reconciler.model.errors import AccessRefused
from reconciler.model.plan import Plan
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand
from tests.e2e.test_login_powers import make_reader


@pytest.fixture
def realms(sandbox: Running, admin: httpx.Client) -> Iterator[tuple[str, ...]]:
    names = tuple(f"{sandbox.realm}-{number}" for number in range(3))
    for name in names:
        admin.post("", json={"realm": name, "enabled": True, "organizationsEnabled": True}).raise_for_status()
        make_reader(ByHand(admin, name), admin, name)
    yield names
    for name in names:
        admin.delete(f"/{name}")


async def planned(sandbox: Running, realm: str, secret: str = "reader-s-own") -> Plan:
    texts = {"realm.yaml": manifest_text(a_realm(realm)), "acme.yaml": manifest_text(an_organization("acme"))}
    login = api.ClientSecretLogin(realm, "reader", secret)
    async with api.connect(api.Connection("Keycloak", sandbox.keycloak_url, timeout=60), login, realm) as systems:
        request = api.PlanRequest(loaded=api.load_texts(texts, None), context=api.Context(realm, "reconciler"))
        return await api.plan(request, systems, api.Unattended())


def test_three_realms_at_once_each_with_a_login_of_its_own(sandbox: Running, realms: tuple[str, ...]) -> None:
    async def main() -> list[Plan]:
        return list(await asyncio.gather(*(planned(sandbox, realm) for realm in realms)))

    for realm, plan in zip(realms, asyncio.run(main()), strict=True):
        assert plan.realm == realm
        assert str(plan.changes[0].address) == f"realm/{realm}"
        assert "organization/acme" in {str(change.address) for change in plan.changes}


def test_a_login_that_is_refused_stops_only_its_own_realm(sandbox: Running, realms: tuple[str, ...]) -> None:
    async def main() -> list[Plan | BaseException]:
        secrets = ("reader-s-own", "of-somebody-else", "reader-s-own")
        runs = (planned(sandbox, realm, secret) for realm, secret in zip(realms, secrets, strict=True))
        return list(await asyncio.gather(*runs, return_exceptions=True))

    first, second, third = asyncio.run(main())
    assert isinstance(first, Plan)
    assert isinstance(third, Plan)
    assert isinstance(second, AccessRefused)
    assert "of-somebody-else" not in f"{second.message} {second.remedy}"
