"""Links of identity providers on the fake server: which are ours, what is written, and what is left to people."""

import pytest

from reconciler.app import workflow
from reconciler.kinds.identity_provider.representation import MARKS
from reconciler.kinds.organization.writer import OrganizationWriter
from reconciler.kinds.writing import WriteContext
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, Verb
from reconciler.model.expectations import Expectations, People
from reconciler.model.identity_provider import IdentityProvider
from reconciler.model.layout import IDENTITY_PROVIDERS_MARK, SOFT_DELETED_MARK
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Movement, Plan
from reconciler.plan.context import Context
from reconciler.plan.planner import make_plan
from tests.builders import OWNER, REALM, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

SSO = Address.identity_provider("acme", "acme.sso")
ACME = Address.organization("acme")


def a_provider(
    alias: str = "acme.sso", *, domain: str | None = None, redirects: bool | None = None
) -> IdentityProvider:
    said = {"alias": alias} | ({"domain": domain} if domain else {})
    return IdentityProvider.model_validate(
        said | ({} if redirects is None else {"redirectWhenEmailMatches": redirects}), by_alias=True
    )


def acme(*providers: IdentityProvider, people: People | None = None, suspended: bool = False) -> DesiredState:
    organization = an_organization(providers=providers, people=people, suspended=suspended)
    return desired(organization, realm=a_realm())


def change_of(plan: Plan, address: Address = SSO) -> Change:
    return next(change for change in plan.changes if change.address == address)


def actions(plan: Plan) -> dict[str, Action]:
    return {str(change.address): change.action for change in plan.changes}


def linked(world: World) -> dict[str, str]:
    providers = world.keycloak.store.identity_providers.values()
    homes = {key: each["alias"] for key, each in world.keycloak.store.organizations.items()}
    return {each["alias"]: homes[each["organizationId"]] for each in providers if each.get("organizationId")}


async def a_world(*providers: IdentityProvider, people: People | None = None, alias: str = "acme.sso") -> World:
    world = await World().settled(acme(people=people))
    world.keycloak.by_hand.add_identity_provider(alias)
    if people is not People.NONE:
        add_domains(world, "acme.example", "acme.test")
    return await world.settled(acme(*providers, people=people)) if providers else world


def add_domains(world: World, *names: str) -> None:
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    organization["domains"] = [{"name": name, "verified": False} for name in names]


async def test_a_declared_provider_is_linked_with_its_settings_and_marked_last() -> None:
    world = await a_world()
    wanted = acme(a_provider(domain="acme.example", redirects=True))
    plan = await world.plan(wanted)
    assert actions(plan) == {str(SSO): Action.CREATE}
    assert [step.verb for step in change_of(plan).steps] == [
        Verb.UPDATE_IDENTITY_PROVIDER, Verb.LINK_IDENTITY_PROVIDER, Verb.MARK_IDENTITY_PROVIDER,
    ]  # fmt: skip
    await world.settled(wanted)
    assert linked(world) == {"acme.sso": "acme"}
    assert world.keycloak.store.identity_providers["acme.sso"]["config"] == {
        "kc.org.domain": "acme.example",
        "kc.org.broker.redirect.mode.email-matches": "true",
    }
    assert (await world.plan(wanted)).is_empty


async def test_an_existing_link_is_adopted_and_only_marked() -> None:
    world = await a_world()
    world.keycloak.by_hand.link_identity_provider("acme.sso", "acme")
    wanted = acme(a_provider(domain="acme.example"))
    plan = await world.plan(wanted)
    assert actions(plan) == {str(SSO): Action.ADOPT}
    assert [step.verb for step in change_of(plan).steps] == [Verb.MARK_IDENTITY_PROVIDER]
    assert (await (await world.settled(wanted)).plan(wanted)).is_empty


async def test_adopting_takes_no_domain_away_that_the_manifest_does_not_say() -> None:
    world = await a_world()
    world.keycloak.by_hand.link_identity_provider("acme.sso", "acme")
    blocked = change_of(await world.plan(acme(a_provider()))).blocked
    assert "adopting it would remove what was set: domain" in blocked
    assert "Declare domain." in blocked


async def test_a_link_that_somebody_ended_by_hand_comes_back() -> None:
    wanted = acme(a_provider(domain="acme.example"))
    world = await a_world(a_provider(domain="acme.example"))
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    await world.keycloak.unlink_identity_provider(organization["id"], "acme.sso")
    plan = await world.plan(wanted)
    assert actions(plan) == {str(SSO): Action.CREATE}
    await world.settled(wanted)
    assert linked(world) == {"acme.sso": "acme"}
    assert (await world.plan(wanted)).is_empty


async def test_settings_that_somebody_changed_are_drift() -> None:
    wanted = acme(a_provider(domain="acme.example"))
    world = await a_world(a_provider(domain="acme.example"))
    world.keycloak.store.identity_providers["acme.sso"]["config"] = {"kc.org.domain": "acme.test", "clientId": "x"}
    change = change_of(await world.plan(wanted))
    assert [(field.path, field.before, field.after, field.is_drift) for field in change.field_changes] == [
        ("domain", "acme.test", "acme.example", True)
    ]
    await world.settled(wanted)
    config = world.keycloak.store.identity_providers["acme.sso"]["config"]
    assert config == {"kc.org.domain": "acme.example", "clientId": "x"}


async def test_a_link_that_is_not_declared_any_more_is_ended_and_says_who_keeps_an_account() -> None:
    world = await a_world(a_provider(domain="acme.example"))
    world.keycloak.by_hand.add_managed_member("acme", "jane")
    change = change_of(await world.plan(acme()))
    assert (change.action, change.risk.level.value) == (Action.DELETE, "high")
    assert [(each.risk.code, each.names) for each in change.consequences] == [
        ("identity-provider-for-all", ("acme.sso",)),
        ("managed-members-stay", ("jane",)),
        ("login-routing-lost", ("acme.sso",)),
    ]
    assert change.deleted_accounts == ()
    await world.settled(acme())
    assert linked(world) == {}
    assert (await world.plan(acme())).is_empty
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    assert IDENTITY_PROVIDERS_MARK not in organization["attributes"]
    assert [each["username"] for each in await world.keycloak.members(organization["id"])] == [
        "jane", "service-account-api-client-acme",
    ]  # fmt: skip


async def test_a_link_that_no_mark_names_stays_peoples() -> None:
    world = await a_world(a_provider())
    world.keycloak.by_hand.link_identity_provider("theirs", "acme")
    plan = await world.plan(acme(a_provider()))
    assert plan.is_empty
    notes = [finding.detail for finding in plan.findings if finding.code == "shared-with-people"]
    assert "1 identity provider (theirs)" in notes[0]
    assert "acme.sso" not in notes[0]


async def test_without_its_mark_a_link_is_peoples_again() -> None:
    world = await a_world(a_provider())
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    del organization["attributes"][IDENTITY_PROVIDERS_MARK]
    assert (await world.plan(acme())).is_empty
    assert linked(world) == {"acme.sso": "acme"}


async def test_where_nobody_shares_the_organization_other_links_are_ended_and_declared_ones_stay() -> None:
    wanted = acme(a_provider(), people=People.NONE)
    world = await a_world(people=People.NONE)
    for alias in ("acme.sso", "theirs"):
        world.keycloak.by_hand.link_identity_provider(alias, "acme")
    plan = await world.plan(wanted)
    assert actions(plan) == {str(ACME): Action.UPDATE, str(SSO): Action.ADOPT}
    assert change_of(plan, ACME).named_by(Verb.UNLINK_IDENTITY_PROVIDER, "alias") == ("theirs",)
    await world.settled(wanted)
    assert linked(world) == {"acme.sso": "acme"}
    assert (await world.plan(wanted)).is_empty


async def test_a_provider_that_the_realm_has_not_blocks() -> None:
    world = await World().settled(acme())
    assert "the realm has no identity provider 'acme.sso'" in change_of(await world.plan(acme(a_provider()))).blocked


@pytest.mark.parametrize(
    ("people", "words"),
    [(None, "it has acme.example, acme.test"), (People.NONE, "it has none, or people: none removes them")],
)
async def test_a_domain_that_the_organization_has_not_blocks(people: People | None, words: str) -> None:
    world = await a_world(people=people)
    blocked = change_of(await world.plan(acme(a_provider(domain="other.example"), people=people))).blocked
    assert "the domain 'other.example' does not belong to the organization" in blocked
    assert words in blocked


async def test_all_domains_can_be_meant_at_once() -> None:
    world = await a_world(a_provider(domain="ANY"))
    assert (await world.plan(acme(a_provider(domain="ANY")))).is_empty


async def test_a_provider_that_is_linked_elsewhere_by_hand_blocks() -> None:
    beta = an_organization("beta")
    world = await World().settled(desired(an_organization(), beta, realm=a_realm()))
    world.keycloak.by_hand.link_identity_provider("acme.sso", "beta")
    change = change_of(await world.plan(desired(an_organization(providers=[a_provider()]), beta, realm=a_realm())))
    assert change.blocked == "the identity provider 'acme.sso' is linked to 'beta' already, by a link that is unmanaged"


async def test_a_link_moves_to_another_organization_in_one_run() -> None:
    before = desired(an_organization(), an_organization("beta", providers=[a_provider()]), realm=a_realm())
    after = desired(an_organization(providers=[a_provider()]), an_organization("beta"), realm=a_realm())
    world = World()
    await world.settled(desired(an_organization(), an_organization("beta"), realm=a_realm()))
    world.keycloak.by_hand.add_identity_provider("acme.sso")
    await world.settled(before)
    plan = await world.plan(after)
    assert actions(plan) == {"identity-provider/beta/acme.sso": Action.DELETE, str(SSO): Action.CREATE}
    assert await workflow.moved_since(plan, world.systems, 4) == ()
    await world.settled(after)
    assert linked(world) == {"acme.sso": "acme"}
    assert (await world.plan(after)).is_empty


async def test_a_link_goes_with_its_organization() -> None:
    world = await a_world(a_provider())
    nothing = desired(realm=a_realm())
    assert next(change.address for change in (await world.plan(nothing)).changes) == SSO
    await world.settled(nothing)
    assert linked(world) == {}


async def test_a_soft_deletion_of_the_organization_leaves_the_link() -> None:
    world = await a_world(a_provider())
    nothing, soft = desired(realm=a_realm()), Context(REALM, OWNER, soft_delete=True)
    plan = make_plan(nothing, await world.observe(nothing), soft)
    assert [step.verb for step in change_of(plan).steps] == [Verb.MARK_IDENTITY_PROVIDER]
    assert (await world.execute(plan)).is_complete
    assert linked(world) == {"acme.sso": "acme"}
    assert make_plan(nothing, await world.observe(nothing), soft).is_empty
    # Declared again without the link, the organization is in effect again, and so would the link be.
    plan = await world.plan(acme())
    assert actions(plan) == {
        str(ACME): Action.UPDATE,
        "client/acme/api-client-acme": Action.UPDATE,
        str(SSO): Action.DELETE,
    }


@pytest.mark.parametrize("is_forged", [False, True])
async def test_a_link_of_an_organization_that_stays_is_never_deleted_softly(is_forged: bool) -> None:
    world = await a_world(a_provider())
    if is_forged:
        add_mark(world, f"acme.sso.{SOFT_DELETED_MARK}=2026-11-28T00:00:00Z")
    plan = make_plan(acme(), await world.observe(acme()), Context(REALM, OWNER, soft_delete=True))
    assert actions(plan) == {str(SSO): Action.DELETE}
    assert actions(await world.plan(acme())) == {str(SSO): Action.DELETE}


def add_mark(world: World, *values: str) -> None:
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    attributes = organization["attributes"]
    attributes[IDENTITY_PROVIDERS_MARK] = [*attributes.get(IDENTITY_PROVIDERS_MARK, ()), *values]


async def test_a_mark_that_does_not_say_for_which_link_it_is_hides_none_and_makes_none_ours() -> None:
    world = await a_world(people=People.NONE)
    world.keycloak.by_hand.link_identity_provider("acme.sso", "acme")
    world.keycloak.store.identity_providers["acme.sso"]["config"] = {"kc.org.domain": "acme.example"}
    add_mark(world, "acme.sso.x=1")
    plan = await world.plan(acme(people=People.NONE))
    assert change_of(plan, ACME).named_by(Verb.UNLINK_IDENTITY_PROVIDER, "alias") == ("acme.sso",)
    assert plan.unmanaged == (SSO,)
    change = change_of(await world.plan(acme(a_provider(), people=People.NONE)))
    assert (change.action, "adopting it would remove" in change.blocked) == (Action.ADOPT, True)


async def test_settings_wait_while_the_organization_is_suspended() -> None:
    world = await a_world(a_provider())
    await world.settled(acme(a_provider(), suspended=True))
    change = change_of(await world.plan(acme(a_provider(domain="acme.example"), suspended=True)))
    assert "can be written once it is resumed" in change.blocked
    await world.settled(acme(a_provider(domain="acme.example")))
    assert world.keycloak.store.identity_providers["acme.sso"]["enabled"] is True


async def test_a_new_organization_gets_its_link_in_the_same_run() -> None:
    world = World()
    await world.settled(desired(realm=a_realm()))
    world.keycloak.by_hand.add_identity_provider("acme.sso")
    wanted = acme(a_provider())
    await world.settled(wanted)
    assert linked(world) == {"acme.sso": "acme"}
    assert (await world.plan(wanted)).is_empty


async def test_the_environments_people_decide_where_the_manifest_does_not() -> None:
    world = World(expected=Expectations(people=People.NONE))
    await world.settled(acme())
    world.keycloak.by_hand.add_identity_provider("acme.sso")
    assert "people: none" in change_of(await world.plan(acme(a_provider(domain="acme.example")))).blocked


async def test_nothing_is_linked_to_an_organization_that_is_suspended_or_will_be() -> None:
    world = await a_world()
    plan = await world.plan(acme(a_provider(), suspended=True))
    assert "can be linked to it once it is resumed" in change_of(plan).blocked
    await world.settled(acme(suspended=True))
    assert (
        "can be linked to it once it is resumed"
        in change_of(await world.plan(acme(a_provider(), suspended=True))).blocked
    )
    left = an_organization(providers=[a_provider()], ignore_changes=("spec.suspended",))
    assert (
        "can be linked to it once it is resumed" in change_of(await world.plan(desired(left, realm=a_realm()))).blocked
    )
    # Resumed first, it can be linked in the same run.
    await world.settled(acme(a_provider()))
    assert world.keycloak.store.identity_providers["acme.sso"]["enabled"] is True


async def test_nothing_is_linked_to_an_organization_that_somebody_suspended_since() -> None:
    world = await a_world()
    plan = await world.plan(acme(a_provider()))
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    organization["enabled"] = False
    (outcome,) = (await world.execute(plan)).outcomes
    assert "organization/acme is suspended" in outcome.detail
    assert linked(world) == {}


async def test_a_provider_that_was_linked_elsewhere_since_keeps_the_settings_of_that_link() -> None:
    beta = an_organization("beta")
    world = await World().settled(desired(an_organization(), beta, realm=a_realm()))
    world.keycloak.by_hand.add_identity_provider("acme.sso")
    plan = await world.plan(desired(an_organization(providers=[a_provider()]), beta, realm=a_realm()))
    world.keycloak.by_hand.link_identity_provider("acme.sso", "beta")
    (moved,) = await workflow.moved_since(plan, world.systems, 4)
    assert (moved.address, moved.how, [field.path for field in moved.fields]) == (
        SSO,
        Movement.CHANGED,
        ["organization"],
    )
    settings = {"kc.org.domain": "beta.example"}
    world.keycloak.store.identity_providers["acme.sso"]["config"] = dict(settings)
    (outcome,) = (await world.execute(plan)).outcomes
    assert "has been linked to another organization" in outcome.detail
    assert world.keycloak.store.identity_providers["acme.sso"]["config"] == settings


async def test_a_declared_link_loses_its_domain_with_the_organizations() -> None:
    world = await a_world(a_provider(domain="acme.example"))
    world.keycloak.by_hand.link_identity_provider("theirs", "acme")
    plan = await world.plan(acme(a_provider(domain="acme.example"), people=People.NONE))
    (change,) = plan.changes
    lost = [each.names for each in change.consequences if each.risk.code == "login-routing-lost"]
    assert lost == [("acme.sso", "theirs")]
    assert change.named_by(Verb.UNLINK_IDENTITY_PROVIDER, "alias") == ("theirs",)
    assert await workflow.moved_since(plan, world.systems, 4) == ()


async def test_an_organization_is_not_deleted_with_a_link_that_people_made_since() -> None:
    world = await a_world(a_provider())
    world.keycloak.by_hand.link_identity_provider("known", "acme")
    plan = await world.plan(desired(realm=a_realm()))
    assert await workflow.moved_since(plan, world.systems, 4) == ()
    world.keycloak.by_hand.link_identity_provider("new", "acme")
    (moved,) = await workflow.moved_since(plan, world.systems, 4)
    assert [(field.path, field.before, field.after) for field in moved.fields] == [
        ("keycloak.identityProviders", ("known",), ("known", "new"))
    ]
    outcome = next(each for each in (await world.execute(plan)).outcomes if each.change.address == ACME)
    assert outcome.detail == "People have linked new to organization/acme since its deletion was planned."
    assert linked(world) == {"known": "acme", "new": "acme"}


async def test_the_organizations_own_update_keeps_the_marks_that_were_written_since_it_was_read() -> None:
    world = await a_world()
    change = change_of(await world.plan(desired(an_organization(description="New"), realm=a_realm())), ACME)
    systems = WriteContext(world.keycloak, None)
    writer = OrganizationWriter(systems)
    live, _ = await writer.read(change)
    (step,) = change.steps
    await systems.mark(MARKS, SSO, ("address=1",))
    await writer.perform(change, step, live)
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    assert organization["attributes"][IDENTITY_PROVIDERS_MARK] == ["acme.sso.address=1"]
    assert organization["description"] == "New"
