"""An apply that is killed, or whose line breaks, at any request: the next one finishes it, and nothing is doubled."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from reconciler.adapters.clock import SystemClock
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.keycloak import KeycloakApi, authorized
from reconciler.adapters.login import PasswordLogin
from reconciler.adapters.vault import SecretVault
from reconciler.app import workflow
from reconciler.model.manifest import DesiredState, SecretRotation
from reconciler.model.outcome import Applied
from reconciler.model.plan import Plan
from reconciler.plan.context import Context
from reconciler.ports import Systems
from reconciler.review.plan_text import plan_text
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, an_organization, desired
from tests.e2e import live
from tests.e2e.fault_proxy import Act, FaultProxy, fault_proxying

pytestmark = pytest.mark.e2e

ROTATION = SecretRotation(expiration=7_776_000, overlap=172_800)
NAME = f"crash-{uuid4().hex[:8]}"
REALM = a_realm(NAME, rotation=ROTATION)
TWO = desired(an_organization(), an_organization("gone"), realm=REALM)
ONE = desired(an_organization(description="Changed"), realm=a_realm(NAME, lifespan=600, rotation=ROTATION))


@dataclass
class Site:
    """A realm on the sandbox, which the reconciler reaches through a fault proxy."""

    fault_proxy: FaultProxy
    admin: httpx.Client
    http: ApiClient
    loop: asyncio.Runner

    def systems(self) -> Systems:
        """Return what a new process would open; only its connections are not new."""
        return Systems(KeycloakApi(self.http, NAME, SecretVault()), None, SystemClock())

    async def plan(self, wanted: DesiredState) -> Plan:
        return await workflow.plan(wanted, self.systems(), Context(NAME, "reconciler"))

    async def apply(self, wanted: DesiredState) -> Applied:
        """Plan and apply, one write after the other."""
        return await workflow.apply(await self.plan(wanted), self.systems(), live.Silent(), live.Silent(), 1)

    async def apply_until_killed(self, wanted: DesiredState) -> bool:
        """Plan and apply, and drop everything at the request that the fault proxy holds; tell whether there was one."""
        apply = asyncio.create_task(self.apply(wanted))
        held = asyncio.create_task(asyncio.to_thread(self.fault_proxy.held.wait, 60))
        await asyncio.wait({apply, held}, return_when=asyncio.FIRST_COMPLETED)
        was_held = self.fault_proxy.held.is_set()
        self.fault_proxy.held.set()
        apply.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await apply
        await held
        self.fault_proxy.let_go.set()
        return was_held

    def check(self, wanted: DesiredState, where: str) -> None:
        """Finish what is left, and prove that it is right and there once."""
        self.fault_proxy.only(0, Act.PASS)
        left = self.loop.run(self.plan(wanted))
        if left.changes:
            applied = self.loop.run(self.apply(wanted))
            assert applied.is_complete, (where, [outcome.detail for outcome in applied.outcomes])
            left = self.loop.run(self.plan(wanted))
        assert left.is_empty, (where, plan_text(left))
        found = self.names()
        assert found == dict.fromkeys(found, 1), where
        for manifest in wanted.organizations:
            accounts = [f"service-account-{client.client_id}" for client in manifest.spec.clients]
            assert self.members(manifest.name) == accounts, where

    def names(self) -> Counter[str]:
        """Count what is in the realm, by names."""
        organizations = [f"organization {each['alias']}" for each in self.get("/organizations")]
        clients = [f"client {each['clientId']}" for each in self.get("/clients")]
        scopes = [f"scope {each['name']}" for each in self.get("/client-scopes")]
        profiles = [f"profile {each['name']}" for each in self.get("/client-policies/profiles")["profiles"]]
        policies = [f"policy {each['name']}" for each in self.get("/client-policies/policies")["policies"]]
        return Counter([*organizations, *clients, *scopes, *profiles, *policies])

    def members(self, alias: str) -> list[str]:
        found = next(each for each in self.get("/organizations") if each["alias"] == alias)
        return sorted(user["username"] for user in self.get(f"/organizations/{found['id']}/members"))

    def get(self, path: str) -> Any:
        answer = self.admin.get(f"/{NAME}{path}")
        answer.raise_for_status()
        return answer.json()

    def send(self, method: str, path: str, body: Any = None) -> None:
        self.admin.request(method, f"/{NAME}{path}", json=body).raise_for_status()


@pytest.fixture(scope="module")
def site(sandbox: Running, admin: httpx.Client) -> Iterator[Site]:
    login = PasswordLogin("master", "admin-cli", sandbox.admin_user, sandbox.admin_password)
    with fault_proxying(sandbox.keycloak_url) as fault_proxy, asyncio.Runner() as loop:
        opened = authorized(Connection("Keycloak", fault_proxy.url), login, SystemClock())
        yield Site(fault_proxy, admin, loop.run(opened.__aenter__()), loop)
        loop.run(opened.__aexit__(None, None, None))
    admin.delete(f"/{NAME}")


def with_an_empty_realm(site: Site) -> None:
    """Take away what a realm's manifest declares in it, and the organizations."""
    if site.admin.get(f"/{NAME}").status_code == 404:
        site.admin.post("", json={"realm": NAME}).raise_for_status()
    site.send("PUT", "", {"organizationsEnabled": True, "enabled": True, "adminEventsEnabled": False})
    for kind, name in (("organizations", "alias"), ("clients", "clientId"), ("client-scopes", "name")):
        for each in site.get(f"/{kind}"):
            if kind == "organizations" or each[name].startswith(("api-client-", "nt24-")):
                site.send("DELETE", f"/{kind}/{each['id']}")
    site.send("PUT", "/client-policies/policies", {"policies": []})
    site.send("PUT", "/client-policies/profiles", {"profiles": []})


def tampered(site: Site) -> None:
    """Apply other manifests, and change by hand what they say."""
    site.fault_proxy.only(0, Act.PASS)
    assert site.loop.run(site.apply(TWO)).is_complete
    client = next(each for each in site.get("/clients") if each["clientId"] == "api-client-acme")
    # The service account is destroyed, and its membership with it.
    site.send("PUT", f"/clients/{client['id']}", {**client, "serviceAccountsEnabled": False})
    site.send("POST", f"/clients/{client['id']}/roles", {"name": "intruder"})
    scopes = {scope["name"]: scope["id"] for scope in site.get("/client-scopes")}
    site.send("PUT", f"/clients/{client['id']}/optional-client-scopes/{scopes['phone']}")
    mapper = {"name": "extra", "protocol": "openid-connect", "protocolMapper": "oidc-sub-mapper", "config": {}}
    site.send("POST", f"/client-scopes/{scopes['nt24-organization']}/protocol-mappers/models", mapper)
    site.send("PUT", "/client-policies/policies", {"policies": []})


Start = Callable[[Site], None]
Sampled = Callable[[int], int]
WAYS = [
    pytest.param(with_an_empty_realm, desired(an_organization(clients=[a_client()]), realm=REALM), 7, id="created"),
    pytest.param(tampered, ONE, 10, id="changed and deleted"),
]
"""Where it starts, what is applied, and at how many writes it is broken off, at least."""


def test_an_apply_that_is_killed_right_after_it_created_the_realm_is_finished_by_the_next(site: Site) -> None:
    site.admin.delete(f"/{NAME}")
    site.fault_proxy.only(2, Act.HOLD)
    assert site.loop.run(site.apply_until_killed(desired(realm=REALM)))
    assert site.fault_proxy.writes[0] == "POST /admin/realms"
    site.check(desired(realm=REALM), "killed after the realm was created")


def test_a_realm_whose_creation_was_not_answered_is_finished_at_once(site: Site) -> None:
    site.admin.delete(f"/{NAME}")
    site.fault_proxy.only(1, Act.CUT_AFTER)
    assert site.loop.run(site.apply(desired(realm=REALM))).is_complete
    assert site.fault_proxy.writes.count("POST /admin/realms") == 1
    site.check(desired(realm=REALM), "cut after the realm was created")


@pytest.mark.parametrize(("start", "wanted", "at_least"), WAYS)
def test_an_apply_that_is_killed_at_any_write_is_finished_by_the_next(
    site: Site, start: Start, wanted: DesiredState, at_least: int, sampled: Sampled
) -> None:
    nth = 1
    while True:
        start(site)
        site.fault_proxy.only(nth, Act.HOLD)
        if not site.loop.run(site.apply_until_killed(wanted)):
            break
        site.check(wanted, f"killed at {site.fault_proxy.writes[-1]}")
        nth += sampled(3)
    assert nth > at_least


EVERY_THIRD = 3


@pytest.mark.parametrize(("start", "wanted", "at_least"), WAYS)
def test_an_apply_that_is_killed_at_a_read_between_its_writes_is_finished_by_the_next(
    site: Site, start: Start, wanted: DesiredState, at_least: int, sampled: Sampled
) -> None:
    reads = 1
    while True:
        start(site)
        # Before Keycloak saw it, and while the answer was on its way.
        site.fault_proxy.only_read(reads, Act.HOLD if reads % 2 else Act.SLOW)
        if not site.loop.run(site.apply_until_killed(wanted)):
            break
        site.check(wanted, f"killed at read {reads}, after {site.fault_proxy.writes[-1]}")
        reads += sampled(4) * EVERY_THIRD
    assert reads > EVERY_THIRD, at_least


RECOVERED = (Act.CUT_AFTER, Act.UNAUTHORIZED, Act.FAULT_AFTER, Act.CUT_BEFORE, Act.CONFLICT)


@pytest.mark.parametrize(("start", "wanted", "at_least"), WAYS)
def test_an_apply_recovers_from_a_mishap_at_any_write(
    site: Site, start: Start, wanted: DesiredState, at_least: int, sampled: Sampled
) -> None:
    nth = 1
    while True:
        start(site)
        act = RECOVERED[nth % len(RECOVERED)]
        site.fault_proxy.only(nth, act)
        applied = site.loop.run(site.apply(wanted))
        if len(site.fault_proxy.writes) < nth:
            break
        where = f"{act} at {site.fault_proxy.writes[nth - 1]}"
        # Whose an object is that exists already, cannot be known.
        if not (act is Act.CONFLICT and "POST" in where):
            assert applied.is_complete, (where, [outcome.detail for outcome in applied.outcomes])
        site.check(wanted, where)
        # Not a multiple of the number of mishaps, so that a sample meets each of them.
        nth += sampled(3)
    assert nth > at_least


BROKEN = (Act.CUT_BEFORE, Act.UNAUTHORIZED, Act.CUT_AFTER, Act.BUSY)


@pytest.mark.parametrize(("start", "wanted", "at_least"), WAYS)
def test_an_apply_whose_every_read_breaks_once_recovers_by_itself(
    site: Site, start: Start, wanted: DesiredState, at_least: int
) -> None:
    start(site)
    site.fault_proxy.only(0, Act.PASS)
    asked: Counter[str] = Counter()

    def breaks(path: str) -> Act:
        asked[path] += 1
        return BROKEN[len(asked) % len(BROKEN)] if asked[path] % 2 else Act.PASS

    site.fault_proxy.choose_read = breaks
    applied = site.loop.run(site.apply(wanted))
    assert applied.is_complete, [outcome.detail for outcome in applied.outcomes]
    assert len(asked) > at_least
    site.check(wanted, "every read broke once")
