"""Partial sight: what Keycloak leaves out of its lists is not absent, and nothing is planned from it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from reconciler.model.change import Action
from reconciler.model.errors import AccessRefused
from reconciler.model.expectations import People
from reconciler.model.finding import Code
from reconciler.model.login import Login
from reconciler.model.plan import Plan
from tests.builders import a_client, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

DESIRED = desired(an_organization("acme"), an_organization("beta"), realm=a_realm())
QUERYING = {
    kind: Login("u", frozenset({"view-realm", f"query-{kind}"} | {f"view-{other}" for other in others}))
    for kind, others in {
        "clients": ("organizations", "users"),
        "organizations": ("clients", "users"),
        "users": ("clients", "organizations"),
    }.items()
}


def hides(monkeypatch: pytest.MonkeyPatch, world: World, method: str, keeps: Callable[[dict[str, Any]], bool]) -> None:
    """Let a list of the fake server show only some, as Keycloak does for whoever lacks a role."""
    whole: Callable[..., Awaitable[tuple[dict[str, Any], ...]]] = getattr(world.keycloak, method)

    async def shown(*arguments: Any) -> tuple[dict[str, Any], ...]:
        return tuple(each for each in await whole(*arguments) if keeps(each))

    monkeypatch.setattr(world.keycloak, method, shown)


def nothing_is_planned_from(plan: Plan, role: str) -> None:
    """Check that the plan names the role, and takes nothing that is hidden for absent."""
    assert not plan.complete
    assert any(f"role {role} " in failure.remedy for failure in plan.read_failures), plan.read_failures
    assert [str(each.address) for each in plan.changes if each.action is not Action.UPDATE] == []
    assert [str(each.address) for each in plan.changes if not each.blocked] == []
    assert {finding.code for finding in plan.findings} & {Code.SCOPE_MISSING, Code.UNMANAGED_MEMBER} == set()


async def test_who_sees_everything_misses_nothing() -> None:
    world = await World(effective=False).settled(DESIRED)
    world.keycloak.store.login = Login("u", frozenset({"view-clients", "query-clients", "manage-users", "query-users"}))
    plan = await world.plan(DESIRED)
    assert plan.complete
    assert plan.changes == ()


@pytest.mark.parametrize("kind", QUERYING)
async def test_the_logins_own_roles_tell_what_it_is_not_shown(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    world = await World(effective=False).settled(DESIRED)
    world.keycloak.store.login = QUERYING[kind]
    for method in {"clients": ("clients", "client_scopes"), "organizations": ("organizations",), "users": ("members",)}[
        kind
    ]:
        hides(monkeypatch, world, method, lambda _: False)
    nothing_is_planned_from(await world.plan(DESIRED), f"view-{kind}")


async def test_a_member_whose_client_is_not_listed_gives_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await World(effective=False).settled(DESIRED)
    hidden = "api-client-beta"
    hides(monkeypatch, world, "clients", lambda client: client["clientId"] != hidden)

    async def found(client_id: str) -> None:
        assert client_id == hidden

    monkeypatch.setattr(world.keycloak, "find_client", found)
    plan = await world.plan(DESIRED)
    nothing_is_planned_from(plan, "view-clients")
    assert any(f"service-account-{hidden} is a member" in failure.reason for failure in plan.read_failures)


async def test_a_client_that_came_meanwhile_is_nothing_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await World(effective=False).settled(DESIRED)
    hides(monkeypatch, world, "clients", lambda client: client["clientId"] != "api-client-beta")
    assert (await world.plan(desired(an_organization("acme"), realm=a_realm()))).complete


async def test_a_realm_without_any_client_of_its_own_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await World(effective=False).settled(DESIRED)
    hides(monkeypatch, world, "clients", lambda client: client["clientId"].startswith("api-client-"))
    nothing_is_planned_from(await world.plan(DESIRED), "view-clients")


async def test_an_identity_provider_of_an_organization_that_is_not_listed_gives_it_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await World(effective=False).settled(DESIRED)
    world.keycloak.by_hand.link_identity_provider("idp", "beta")
    hides(monkeypatch, world, "organizations", lambda organization: organization["alias"] != "beta")

    async def refused(_: str) -> None:
        raise AccessRefused("403")

    monkeypatch.setattr(world.keycloak, "organization", refused)
    nothing_is_planned_from(await world.plan(DESIRED), "view-organizations")


async def test_a_user_that_says_another_organization_than_the_members_gives_it_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await World(effective=False).settled(DESIRED)
    hides(monkeypatch, world, "members", lambda _: False)
    nothing_is_planned_from(await world.plan(DESIRED), "view-users")


async def test_a_membership_that_somebody_ended_is_still_drift() -> None:
    world = await World(effective=False).settled(DESIRED)
    user = world.keycloak.by_hand.user_id("service-account-api-client-acme")
    (organization,) = [each for each in await world.keycloak.organizations() if each["alias"] == "acme"]
    await world.keycloak.remove_member(organization["id"], user)
    plan = await world.plan(DESIRED)
    assert plan.complete
    assert [str(each.address) for each in plan.changes] == ["client/acme/api-client-acme"]


@pytest.mark.parametrize("kind", QUERYING)
async def test_nothing_is_deleted_or_moved_by_a_plan_that_sees_only_some(kind: str) -> None:
    world = await World(effective=False).settled(DESIRED)
    world.keycloak.store.login = QUERYING[kind]
    renamed = desired(
        an_organization("acme-new", display_name="Acme", clients=[a_client("api-client-acme")]), realm=a_realm()
    )
    plan = await world.plan(renamed)
    assert not plan.complete
    assert [str(c.address) for c in plan.changes if c.action is Action.DELETE and not c.blocked] == []
    await world.execute(plan)
    assert {"acme", "beta"} <= {each["alias"] for each in world.keycloak.store.organizations.values()}


async def test_invitations_that_are_not_shown_are_a_hole_only_where_they_would_be_withdrawn() -> None:
    shared = desired(*(an_organization(name, people=People.SHARED) for name in ("acme", "beta")), realm=a_realm())
    world = await World(effective=False).settled(shared)
    for name in ("acme", "beta"):
        # Where nobody was invited since it was created, the admin events prove that, and nobody asks.
        world.keycloak.by_hand.invite(name, "ines@example.net")
    refused = AccessRefused("403 Forbidden.", remedy="Give it the role.")
    world.keycloak.traffic.fail(refused, method="invitations", times=100)
    plan = await world.plan(shared)
    assert (plan.complete, plan.changes) == (True, ())
    assert [each.code for each in plan.findings].count(Code.INVITATIONS_NOT_SHOWN) == 1
    none = desired(an_organization("acme", people=People.NONE), realm=a_realm())
    plan = await world.plan(none)
    assert [failure.what for failure in plan.read_failures] == ["invitations of organization/acme"]
    (note,) = (each for each in plan.findings if each.code is Code.INVITATIONS_NOT_SHOWN)
    assert note.detail == "Invitations are not shown to this login: 1 organization (beta) to be deleted."


async def test_an_organization_is_deleted_by_the_plan_of_a_login_that_is_shown_no_invitations() -> None:
    world = await World(effective=False).settled(DESIRED)
    world.keycloak.by_hand.invite("beta", "ines@example.net")
    refused = AccessRefused("403 Forbidden.", remedy="Give it the role.")
    world.keycloak.traffic.fail(refused, method="invitations", times=2)
    plan = await world.plan(desired(an_organization("acme"), realm=a_realm()))
    assert (plan.complete, str(plan.changes[-1].address)) == (True, "organization/beta")
    # Whoever applies it sees them.
    applied = await world.execute(plan)
    assert applied.is_complete
    assert {each["alias"] for each in world.keycloak.store.organizations.values()} == {"acme"}
