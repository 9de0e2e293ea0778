"""What adopting takes away: a line with its own risk each, and blocked where a program that runs relies on it."""

from dataclasses import replace
from typing import Any

import click
import pytest

from reconciler.app import workflow
from reconciler.model.change import Action, Change
from reconciler.model.layout import OWNER_MARK
from reconciler.model.lifecycle import Adoption
from reconciler.model.manifest import Client, DesiredState, IntegrationOrganization, OrganizationSpec
from reconciler.model.outcome import Status
from reconciler.model.risk import Risk, RiskLevel
from reconciler.review.plan_markdown import plan_markdown
from reconciler.review.plan_text import plan_text
from reconciler.review.subject import Subject
from tests.builders import ACME, ACME_CLIENT, REALM, a_client, a_partner, a_realm, a_uuid, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

DECLARED = desired(an_organization(), realm=a_realm())

CONSOLE_ATTRIBUTES = {
    "access.token.header.type.rfc9068": "false",
    "acr.loa.map": "{}",
    "backchannel.logout.revoke.offline.tokens": "false",
    "backchannel.logout.session.required": "true",
    "client.use.lightweight.access.token.enabled": "false",
    "client_credentials.use_refresh_token": "false",
    "display.on.consent.screen": "false",
    "dpop.bound.access.tokens": "false",
    "frontchannel.logout.session.required": "true",
    "logout.confirmation.enabled": "false",
    "oauth2.device.authorization.grant.enabled": "false",
    "oidc.ciba.grant.enabled": "false",
    "post.logout.redirect.uris": "+",
    "realm_client": "false",
    "request.object.required": "not required",
    "require.pushed.authorization.requests": "false",
    "standard.token.exchange.enabled": "false",
    "use.refresh.tokens": "true",
}
"""What the admin console of Keycloak 26.7.5 has written after each of its tabs was saved, and an export's import."""


def dropping(*paths: str, manifest: IntegrationOrganization | None = None) -> DesiredState:
    """Return what is declared, where these fields may go."""
    given = manifest or an_organization()
    lifecycle = given.lifecycle.model_copy(update={"adopt": Adoption(drop=paths)})
    return desired(given.model_copy(update={"lifecycle": lifecycle}), realm=a_realm())


async def set_up(client: dict[str, Any] | None = None, organization: dict[str, Any] | None = None) -> World:
    """Return a world in which others have set up an organization and its client; the realm is ours."""
    world = await World().settled(desired(realm=a_realm()))
    attributes = {"organizationUuid": [str(a_uuid("acme"))], "dpaVersion": ["2026-01"]}
    attributes |= {"rateLimitTier": ["STANDARD"], "dpaAcceptedAt": ["2026-01-15T10:00:00Z"]}
    body = {"alias": "acme", "name": "Acme", **(organization or {})}
    home = await world.keycloak.create_organization({**body, "attributes": attributes | body.get("attributes", {})})
    uuid = await world.keycloak.create_client(
        {"clientId": "api-client-acme", "serviceAccountsEnabled": True, **(client or {})}
    )
    user = await world.keycloak.service_account(uuid)
    assert user is not None
    await world.keycloak.add_member(home, user["id"])
    return world


async def adopted(world: World, wanted: DesiredState = DECLARED, address: Any = ACME_CLIENT) -> Change:
    plan = await world.plan(wanted)
    (change,) = [change for change in plan.changes if change.address == address]
    return change


async def test_what_keycloak_and_its_console_set_unasked_is_adopted() -> None:
    world = await set_up({"frontchannelLogout": True, "attributes": CONSOLE_ATTRIBUTES, "description": "ERP"})
    change = await adopted(world)
    assert (change.action, change.blocked) == (Action.ADOPT, "")
    # Each is a line with a risk that says what it means, and none restores anything.
    assert not [field.path for field in change.field_changes if field.risk.code == "hardening-restored"]
    risks = {field.path: field.risk.code for field in change.field_changes}
    assert risks["keycloak.standardFlowEnabled"] == "default-removed"
    assert risks["keycloak.defaultClientScopes"] == "default-scopes-removed"
    # Attributes that say what Keycloak does without them are no loss at all.
    assert not [path for path in risks if path.removeprefix("keycloak.attributes.") in CONSOLE_ATTRIBUTES]
    assert (await (await world.settled(DECLARED)).plan(DECLARED)).is_empty


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"clientAuthenticatorType": "client-jwt"}, "keycloak.clientAuthenticatorType", "login-method-removed"),
        ({"attributes": {"jwks.url": "https://a.example"}}, "keycloak.attributes.jwks.url", "login-method-removed"),
        ({"attributes": {"x509.subjectdn": "CN=a"}}, "keycloak.attributes.x509.subjectdn", "login-method-removed"),
        ({"directAccessGrantsEnabled": True}, "keycloak.directAccessGrantsEnabled", "login-flow-removed"),
        (
            {"attributes": {"standard.token.exchange.enabled": "true"}},
            "keycloak.attributes.standard.token.exchange.enabled",
            "login-flow-removed",
        ),
        ({"redirectUris": ["https://a.example/*"]}, "keycloak.redirectUris", "redirect-uris-removed"),
        ({"webOrigins": ["https://a.example"]}, "keycloak.webOrigins", "address-removed"),
        ({"defaultClientScopes": ["basic", "offline_access"]}, "keycloak.defaultClientScopes", "client-scope-removed"),
        ({"attributes": {"client.session.idle.timeout": "60"}}, "keycloak.attributes.client.session.idle.timeout",
         "attribute-removed"),
        ({"authenticationFlowBindingOverrides": {"browser": "x"}}, "keycloak.authenticationFlowBindingOverrides",
         "login-flow-removed"),
        (
            {"protocolMappers": [
                {"name": "an audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
                 "config": {"included.custom.audience": "orders"}}
            ]},
            "keycloak.protocolMappers.an audience",
            "audience-removed",
        ),
    ],
)  # fmt: skip
async def test_what_a_program_relies_on_blocks_the_adoption_until_the_manifest_lets_it_go(
    fields: dict[str, Any], path: str, code: str
) -> None:
    world = await set_up(fields)
    change = await adopted(world)
    assert code in {field.risk.code for field in change.field_changes if field.path == path}
    assert f'lifecycle: {{adopt: {{drop: ["clients[api-client-acme].{path}"]}}}}' in change.blocked
    for entry in (path, f"clients[*].{path}", f"clients[api-client-acme].{path}"):
        assert (await adopted(world, dropping(entry))).blocked == ""
    assert (await adopted(world, dropping(f"clients[api-client-other].{path}"))).blocked


async def test_web_origins_that_follow_from_redirect_uris_go_with_them() -> None:
    redirects, origin = ["https://a.example/in", "https://a.example/*"], "https://a.example"
    wanted = dropping("keycloak.redirectUris")
    world = await set_up({"redirectUris": redirects, "webOrigins": [origin]})
    assert (await adopted(world, wanted)).blocked == ""
    world = await set_up({"redirectUris": redirects, "webOrigins": [origin, "https://b.example"]})
    assert "keycloak.webOrigins" in (await adopted(world, wanted)).blocked


async def test_a_blocked_adoption_stops_only_what_depends_on_it() -> None:
    wanted = desired(an_organization(), an_organization("beta"), realm=a_realm())
    world = await set_up(organization={"attributes": {"crm-id": ["4711"]}})
    plan = await world.plan(wanted)
    applied = await world.execute(plan)
    assert {str(each.change.address): each.status for each in applied.outcomes} == {
        "organization/acme": Status.SKIPPED,
        "client/acme/api-client-acme": Status.SKIPPED,
        "organization/beta": Status.DONE,
        "client/beta/api-client-beta": Status.DONE,
    }
    acme = await world.keycloak.find_organization("acme")
    assert acme is not None
    assert acme["attributes"]["crm-id"] == ["4711"]


async def test_what_is_set_and_a_manifest_leaves_to_its_default_is_to_be_declared() -> None:
    world = await set_up(
        {"enabled": False}, {"enabled": False, "attributes": {"authorizedPartners": [str(a_partner().uuid)]}}
    )
    whole = an_organization()
    spec = OrganizationSpec(
        display_name="Acme", organization_uuid=a_uuid("acme"), clients=(Client(client_id="api-client-acme"),)
    )
    silent = desired(whole.model_copy(update={"spec": spec}), realm=a_realm())
    for address, fields in (
        (ACME, "authorizedPartners, dpa.acceptedAt, dpa.version, suspended"),
        (ACME_CLIENT, "enabled"),
    ):
        assert f"Declare {fields}." in (await adopted(world, silent, address)).blocked
        # What is said is a decision: it is a line, with its risk.
        said = await adopted(world, DECLARED, address)
        assert (said.blocked, said.risk.level) != ("", RiskLevel.NONE)
    assert (await adopted(world, DECLARED, ACME)).blocked == ""


async def test_a_takeover_takes_nothing_away_unasked_either() -> None:
    theirs = World(owner="other-team")
    await theirs.settled(desired(an_organization(clients=[a_client(roles=("offline_access",))]), realm=a_realm()))
    theirs.owner = "us"
    context = replace(theirs.context(), allow_takeover=True)
    spec = an_organization().spec.model_copy(update={"clients": (Client(client_id="api-client-acme"),)})
    wanted = desired(an_organization().model_copy(update={"spec": spec}), realm=a_realm())
    plan = await workflow.plan(wanted, theirs.systems, context)
    (change,) = [change for change in plan.changes if change.address == ACME_CLIENT]
    assert change.action is Action.UPDATE
    assert OWNER_MARK in {field.path for field in change.field_changes}
    assert "Declare serviceAccountRoles." in change.blocked


async def test_drift_of_what_is_ours_is_reverted_as_ever() -> None:
    world = await World().settled(DECLARED)
    live = await world.keycloak.find_client("api-client-acme")
    assert live is not None
    await world.keycloak.update_client(live["id"], {**live, "redirectUris": ["https://evil.example/*"]})
    change = await adopted(world)
    assert (change.action, change.blocked) == (Action.UPDATE, "")
    assert [field.risk.code for field in change.field_changes] == ["hardening-restored"]


async def world_with(scope: str, mapper: dict[str, Any]) -> World:
    """Return the world of others, where somebody has added a mapper to a client scope of Keycloak's own."""
    world = await set_up()
    live = await world.keycloak.client_scope(scope)
    assert live is not None
    await world.keycloak.create_scope_mapper(live["id"], {"protocol": "openid-connect", **mapper})
    return world


HARDCODED = {"protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "tenant", "claim.value": "4711"}}
AUDIENCE = {"protocolMapper": "oidc-audience-mapper", "config": {"included.custom.audience": "orders"}}


@pytest.mark.parametrize("mapper", [HARDCODED, AUDIENCE])
async def test_what_others_have_added_to_a_default_client_scope_blocks(mapper: dict[str, Any]) -> None:
    path = "keycloak.defaultClientScopes"
    world = await world_with("profile", {"name": "added", **mapper})
    change = await adopted(world)
    assert "added to these client scopes is removed from tokens: profile" in change.blocked
    assert (await adopted(world, dropping(f"clients[api-client-acme].{path}"))).blocked == ""


async def test_default_client_scopes_as_keycloak_makes_them_are_a_medium_risk_that_says_invalid_scope() -> None:
    change = await adopted(await set_up())
    risks = {field.path: field.risk for field in change.field_changes}
    for path in ("keycloak.defaultClientScopes", "keycloak.optionalClientScopes"):
        assert risks[path].level is RiskLevel.MEDIUM
        assert "invalid_scope" in risks[path].why


async def test_a_role_that_others_have_given_everybody_blocks_the_narrowed_scope() -> None:
    world = await set_up()
    assert risk_of(await adopted(world), "keycloak.fullScopeAllowed").level is RiskLevel.LOW
    await world.keycloak.add_composite(f"default-roles-{REALM}", "broker/read-token")
    path = "keycloak.fullScopeAllowed"
    assert (
        f"{path} (roles that others have granted to everybody are removed from tokens: broker/read-token)"
        in (await adopted(world)).blocked
    )
    assert (await adopted(world, dropping(f"clients[*].{path}"))).blocked == ""


def risk_of(change: Change, path: str) -> Risk:
    (found,) = [field.risk for field in change.field_changes if field.path == path]
    return found


OURS: dict[str, Any] = {
    "name": "Client ID",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-usersessionmodel-note-mapper",
    "config": {
        "access.token.claim": "true",
        "claim.name": "client_id",
        "id.token.claim": "true",
        "jsonType.label": "String",
        "user.session.note": "client_id",
        "userinfo.token.claim": "true",
    },
}
"""As Keycloak 24 gave it to a client."""


async def test_a_mapper_of_a_client_is_harmless_only_where_it_does_just_what_ours_does() -> None:
    assert (await adopted(await set_up({"protocolMappers": [OURS]}))).blocked == ""
    for key, value in (
        ("jsonType.label", "int"),
        ("access.token.claim", "false"),
        ("access.tokenResponse.claim", "true"),
        ("introspection.token.claim", "false"),
    ):
        other = {**OURS, "config": {**OURS["config"], key: value}}
        assert (
            "keycloak.protocolMappers.Client ID" in (await adopted(await set_up({"protocolMappers": [other]}))).blocked
        )
    assert (await adopted(await set_up({"protocolMappers": [{**OURS, "protocol": "saml"}]}))).blocked


async def test_every_loss_is_a_line_with_its_risk_the_low_ones_too() -> None:
    world = await set_up({"description": "ERP", "attributes": {"saml.force.post.binding": "false"}})
    plan = await world.plan(DECLARED)
    (change,) = [change for change in plan.changes if change.address == ACME_CLIENT]
    text, markdown = plan_text(plan), plan_markdown(plan, Subject.PLAN, max_size=10**6, link="")
    for field in change.field_changes:
        if field.risk.level is not RiskLevel.NONE and field.before is not None and field.path != OWNER_MARK:
            assert f"risk: {field.risk.why}" in click.unstyle(text), field.path
            assert f"!   {field.risk.level} risk: {field.risk.why}" in markdown, field.path
    assert "low risk: Keycloak sets it by default, and no program needs it." in click.unstyle(text)


async def test_what_may_go_of_all_that_a_manifest_declares_is_one_entry_to_paste() -> None:
    attributes = {f"erp.{name}": "1" for name in "abcd"}
    world = await set_up(
        {"redirectUris": ["https://a.example/*"], "attributes": attributes}, {"attributes": {"crm-id": ["4711"]}}
    )
    entries = (
        "keycloak.rootUrl",
        "keycloak.attributes.crm-id",
        "clients[api-client-acme].keycloak.attributes",
        "clients[api-client-acme].keycloak.redirectUris",
    )
    said = ", ".join(f'"{entry}"' if "[" in entry else entry for entry in entries)
    wanted = dropping("keycloak.rootUrl")
    for address in (ACME, ACME_CLIENT):
        assert f"lifecycle: {{adopt: {{drop: [{said}]}}}}." in (await adopted(world, wanted, address)).blocked
    for address in (ACME, ACME_CLIENT):
        assert (await adopted(world, dropping(*entries), address)).blocked == ""
