"""Plans beside client policies of the realm, and on servers and realms that lack something."""

from typing import Any

import pytest

from reconciler.model.change import Action
from reconciler.model.finding import Code, FieldStatus, Severity
from reconciler.model.manifest import SecretRotation
from reconciler.model.plan import Plan
from tests.builders import a_client, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

DESIRED = desired(an_organization("acme"), an_organization("beta"), realm=a_realm())
MAYBE = {"condition": "client-updater-source-host", "configuration": {"trusted-hosts": ["10.0.0.1"]}}
ANY = {"condition": "any-client", "configuration": {}}


async def declare(world: World, executor: str, condition: dict[str, Any] | None = None, **settings: Any) -> None:
    """Give the realm a client policy beside ours."""
    keycloak = world.keycloak
    configuration = {key.replace("_", "-"): value for key, value in settings.items()}
    profile = {"name": "p", "executors": [{"executor": executor, "configuration": configuration}]}
    policy = {"name": "theirs", "enabled": True, "conditions": [condition or ANY], "profiles": ["p"]}
    await keycloak.replace_client_profiles((*await keycloak.client_profiles(), profile))
    await keycloak.replace_client_policies((*await keycloak.client_policies(), policy))


async def rewrite(world: World, **fields: Any) -> None:
    """Do to each client of ours what the policy does when it is written."""
    for client in await world.keycloak.clients():
        if client["clientId"].startswith("api-client-"):
            await world.keycloak.update_client(client["id"], {**client, **fields})


def about(plan: Plan, code: Code) -> list[tuple[Severity, FieldStatus, str]]:
    return [(each.severity, each.status, each.detail) for each in plan.findings if each.code is code]


async def test_what_a_policy_sets_is_no_drift_for_ever_but_said_once() -> None:
    world = await World(effective=False).settled(DESIRED)
    await declare(world, "consent-required", auto_configure=True)
    await rewrite(world, consentRequired=True)
    plan = await world.plan(DESIRED)
    assert plan.changes == ()
    ((severity, status, detail),) = about(plan, Code.POLICY_OVERRIDES)
    assert (severity, status) == (Severity.ERROR, FieldStatus.OVERRIDDEN)
    assert "'theirs' (executor consent-required) sets keycloak.consentRequired" in detail
    assert "api-client-acme, api-client-beta" in detail


async def test_what_a_policy_would_set_with_the_next_write_is_a_warning() -> None:
    world = await World(effective=False).settled(DESIRED)
    await declare(world, "dpop-bind-enforcer", auto_configure=True)
    plan = await world.plan(DESIRED)
    assert plan.changes == ()
    assert [severity for severity, _, _ in about(plan, Code.POLICY_OVERRIDES)] == [Severity.WARNING]


async def test_another_value_than_the_policys_is_drift_as_ever() -> None:
    world = await World(effective=False).settled(DESIRED)
    await declare(world, "pkce-enforcer", auto_configure=True)
    await rewrite(world, attributes={"pkce.code.challenge.method": "plain"})
    plan = await world.plan(DESIRED)
    assert {field.path for change in plan.changes for field in change.field_changes} == {
        "keycloak.attributes.pkce.code.challenge.method"
    }


async def test_where_a_policy_only_may_hold_the_difference_stays_and_its_cause_is_named() -> None:
    world = await World(effective=False).settled(DESIRED)
    await declare(world, "consent-required", MAYBE, auto_configure=True)
    await rewrite(world, consentRequired=True)
    plan = await world.plan(DESIRED)
    assert len(plan.changes) == 2
    ((severity, status, detail),) = about(plan, Code.POLICY_OVERRIDES)
    assert (severity, status) == (Severity.WARNING, FieldStatus.UNKNOWN)
    assert "may set keycloak.consentRequired" in detail


async def test_what_a_policy_refuses_is_blocked_and_memberships_are_not() -> None:
    world = await World(effective=False).settled(DESIRED)
    await declare(world, "secure-client-authenticator", allowed_client_authenticators=["client-jwt"])
    user = world.keycloak.by_hand.user_id("service-account-api-client-beta")
    beta = next(each for each in await world.keycloak.organizations() if each["alias"] == "beta")
    await world.keycloak.remove_member(beta["id"], user)
    wanted = desired(
        an_organization("acme", clients=[a_client(description="new")]), an_organization("beta"), realm=a_realm()
    )
    plan = await world.plan(wanted)
    blocked = {str(change.address): change.blocked for change in plan.changes}
    assert "'theirs' refuses it (secure-client-authenticator)" in blocked["client/acme/api-client-acme"]
    assert blocked["client/beta/api-client-beta"] == ""
    assert [severity for severity, _, _ in about(plan, Code.POLICY_REFUSES)] == [Severity.ERROR]


async def test_a_second_rotation_makes_no_end_of_a_secret_wrong() -> None:
    wanted = desired(an_organization("acme"), realm=a_realm(rotation=SecretRotation(expiration=1000, overlap=100)))
    world = await World(effective=False).settled(wanted)
    await declare(world, "secret-rotation", expiration_period=50, rotated_expiration_period=10)
    await rewrite(world, attributes={"client.secret.expiration.time": str(world.keycloak.store.seconds() + 5)})
    plan = await world.plan(wanted)
    assert plan.changes == ()
    assert len(about(plan, Code.POLICY_OVERRIDES)) == 1


async def test_one_rotation_alone_is_no_second_one() -> None:
    world = await World(effective=False).settled(DESIRED)
    await declare(world, "secret-rotation", expiration_period=5000, rotated_expiration_period=100)
    assert about(await world.plan(DESIRED), Code.POLICY_OVERRIDES) == []


async def test_keycloaks_own_profiles_are_read_where_a_policy_names_one() -> None:
    world = await World(effective=False).settled(DESIRED)
    policy = {"name": "fapi", "enabled": True, "conditions": [ANY], "profiles": ["fapi-1-baseline"]}
    await world.keycloak.replace_client_policies((policy,))
    plan = await world.plan(DESIRED)
    assert len(about(plan, Code.POLICY_OVERRIDES)) == 2, "consent and PKCE"
    assert len(about(plan, Code.POLICY_REFUSES)) == 1, "the authenticator"


@pytest.mark.parametrize("exists", [False, True])
async def test_a_feature_that_the_server_lacks_blocks_the_realm_before_the_first_write(exists: bool) -> None:
    wanted = desired(an_organization("acme"), realm=a_realm(rotation=SecretRotation(expiration=1000, overlap=100)))
    world = await World(effective=False).settled(desired(realm=a_realm())) if exists else World(effective=False)
    world.keycloak.store.features = frozenset({"organization"})
    plan = await world.plan(wanted)
    (realm,) = [change for change in plan.changes if change.address.name == "nt24-idp"]
    assert "without the feature client-secret-rotation" in realm.blocked
    assert len(about(plan, Code.FEATURE_MISSING)) == 1
    applied = await world.execute(plan)
    assert [outcome.steps_done for outcome in applied.outcomes if outcome.steps_done] == []


async def test_a_feature_that_the_realm_shows_is_not_asked_for() -> None:
    wanted = desired(an_organization("acme"), realm=a_realm(rotation=SecretRotation(expiration=1000, overlap=100)))
    world = await World(effective=False).settled(wanted)
    await world.plan(wanted)
    assert world.keycloak.traffic.counts["features"] == 0


async def test_a_server_that_does_not_tell_blocks_nothing() -> None:
    world = World(effective=False)
    world.keycloak.store.features = None
    plan = await world.plan(DESIRED)
    assert about(plan, Code.FEATURE_MISSING) == []
    assert [change.blocked for change in plan.changes if change.blocked] == []


@pytest.mark.parametrize("scope", ["basic", "service_account", "nt24-organization"])
async def test_a_scope_that_tokens_need_blocks_new_clients_where_nobody_declares_the_realm(scope: str) -> None:
    world = await World(effective=False).settled(desired(an_organization("acme"), realm=a_realm()))
    world.keycloak.by_hand.delete_scope(scope)
    plan = await world.plan(desired(an_organization("acme"), an_organization("beta")))
    blocked = {str(change.address) for change in plan.changes if f"no client scope {scope}" in change.blocked}
    assert blocked == {"client/acme/api-client-acme", "client/beta/api-client-beta"}
    assert len(about(plan, Code.SCOPE_MISSING)) == 1


async def test_the_scope_of_roles_is_needed_by_clients_that_declare_some() -> None:
    world = await World(effective=False).settled(desired(an_organization("acme"), realm=a_realm()))
    world.keycloak.by_hand.delete_scope("roles")
    wanted = an_organization("acme", clients=[a_client(roles=("account/view-profile",))])
    plan = await world.plan(desired(wanted, an_organization("beta"), realm=a_realm()))
    blocked = {str(change.address): change.blocked for change in plan.changes if change.blocked}
    assert blocked.keys() == {"client/acme/api-client-acme"}
    assert "no client scope roles" in blocked["client/acme/api-client-acme"]
    assert [change.action for change in plan.changes if not change.blocked] == [Action.CREATE, Action.CREATE]
