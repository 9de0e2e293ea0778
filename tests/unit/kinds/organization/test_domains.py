"""Domains that a manifest declares: what is written, what stays people's, and what no server would take."""

import pytest

from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.errors import WrongServer, WrongUsage
from reconciler.model.expectations import People
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from reconciler.model.risk import RiskLevel
from reconciler.model.server import ServerLimits
from tests.builders import a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

ACME = Address.organization("acme")


def acme(*domains: str, people: People | None = None) -> DesiredState:
    return desired(an_organization(domains=domains, people=people), realm=a_realm())


UNSAID = desired(an_organization(), realm=a_realm())


def change_of(plan: Plan) -> Change:
    return next(change for change in plan.changes if change.address == ACME)


def live(world: World) -> dict[str, bool]:
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    return {each["name"]: each["verified"] for each in organization.get("domains") or ()}


def by_hand(world: World, **verified: bool) -> None:
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    organization["domains"] = [{"name": f"{name}.example", "verified": is_so} for name, is_so in verified.items()]


@pytest.mark.parametrize("people", list(People))
async def test_declared_domains_are_the_organizations_whoever_shares_it_and_stay_verified(people: People) -> None:
    world = await World().settled(acme("a.example", people=people))
    by_hand(world, a=True, x=True)
    wanted = acme("a.example", "b.example", people=people)
    found = change_of(await world.plan(wanted))
    (field,) = found.field_changes
    assert (field.path, field.before, field.after) == (
        "domains", ("a.example", "x.example"), ("a.example", "b.example"),
    )  # fmt: skip
    assert found.risk.level is RiskLevel.MEDIUM
    await world.settled(wanted)
    assert live(world) == {"a.example": True, "b.example": False}


async def test_a_list_without_domains_takes_all_of_them_away() -> None:
    world = await World().settled(UNSAID)
    by_hand(world, a=True)
    assert (await world.plan(UNSAID)).is_empty
    await world.settled(acme())
    assert live(world) == {}


async def test_domains_that_are_no_longer_declared_are_peoples_again() -> None:
    world = await World().settled(acme("a.example"))
    await world.settled(UNSAID)
    assert live(world) == {"a.example": False}


async def test_domains_that_nobody_declares_go_where_people_do_not_share_the_organization() -> None:
    unshared = desired(an_organization(people=People.NONE), realm=a_realm())
    world = await World().settled(unshared)
    by_hand(world, a=True)
    await world.settled(unshared)
    assert live(world) == {}


async def test_a_domain_of_another_organization_is_not_taken() -> None:
    world = await World().settled(desired(an_organization("beta", domains=["a.example"]), realm=a_realm()))
    both = desired(an_organization(domains=["a.example"]), an_organization("beta"), realm=a_realm())
    blocked = change_of(await world.plan(both)).blocked
    assert blocked == "the domain 'a.example' belongs to organization/beta: take it from there first"


OLD = ServerLimits(needs_domain=True)
REFUSED = "takes no organization without a domain: acme."


@pytest.mark.parametrize(
    ("there", "wanted", "is_refused"),
    [
        (None, UNSAID, True),
        (None, acme(), True),
        (None, acme("a.example"), False),
        (acme("a.example"), UNSAID, False),
        (acme("a.example"), acme(), True),
        (acme("a.example"), acme("b.example"), False),
    ],
)
async def test_where_an_organization_needs_a_domain_a_plan_that_leaves_it_none_is_refused(
    there: DesiredState | None, wanted: DesiredState, is_refused: bool
) -> None:
    world = await World().settled(there) if there else World()
    world.keycloak.store.limits = OLD
    if not is_refused:
        assert not any(change.blocked for change in (await world.plan(wanted)).changes)
        return
    with pytest.raises(WrongUsage, match=REFUSED):
        await world.plan(wanted)


async def test_a_plan_for_others_is_not_refused_for_want_of_a_domain() -> None:
    world = World()
    world.keycloak.store.limits = OLD
    wanted = desired(an_organization(), an_organization("beta", domains=["b.example"]), realm=a_realm())
    assert (await world.plan(wanted, Address.organization("beta"))).changes


async def test_people_keep_the_last_domain_where_an_organization_needs_one() -> None:
    world = await World().settled(acme("a.example"))
    world.keycloak.store.limits = OLD
    removing = desired(an_organization(people=People.NONE), realm=a_realm())
    assert "takes no organization without a domain" in change_of(await world.plan(removing)).blocked


async def test_a_server_whose_tokens_cannot_name_the_organization_is_refused() -> None:
    world = World()
    world.keycloak.store.limits = ServerLimits(needs_domain=True, hides_organization=True)
    with pytest.raises(WrongServer, match=r"older than 26\.3"):
        await world.plan(acme("a.example"))
