"""What lives in Keycloak as manifests: what was applied, and what others made by hand."""

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.app.import_ import ImportRequest, import_
from reconciler.app.unattended import Unattended
from reconciler.kinds.organization.live_documents import organization_document
from reconciler.kinds.organization.representation import observed_fields
from reconciler.manifest.from_live import Choice, Imported
from reconciler.model import layout
from reconciler.model.errors import NotFound
from reconciler.model.layout import OWNER_MARK
from tests.builders import (
    OWNER,
    REALM,
    a_client,
    a_partner,
    a_realm,
    a_uuid,
    an_organization,
    desired,
)
from tests.fakes.world import World

pytestmark = pytest.mark.anyio


async def survey(world: World, *patterns: str, takeover: bool = False, realm: bool = False) -> Imported:
    return await import_(ImportRequest(Choice(OWNER, patterns, takeover, realm), REALM), world.systems, Unattended())


def why(found: Imported, address: str) -> str:
    return " ".join(reason for each in found.left_out if str(each.address) == address for reason in each.reasons)


def facts(name: str, **more: Any) -> dict[str, Any]:
    return {layout.UUID: [str(a_uuid(name))], **more}


async def made_by_hand(attributes: Mapping[str, Any] | None = None, alias: str = "acme", **organization: Any) -> World:
    """A realm with the scaffolding, and an organization that nobody manages with the client ``api-client-acme``."""
    world = await World().settled(desired(realm=a_realm()))
    given = facts(alias) if attributes is None else attributes
    body = {"alias": alias, "name": alias.title(), "enabled": True, "attributes": given, **organization}
    organization_id = await world.keycloak.create_organization(body)
    await add_client(world, organization_id)
    return world


async def add_client(world: World, *organizations: str, client_id: str = "api-client-acme", **fields: Any) -> None:
    body = {"clientId": client_id, "publicClient": False, "serviceAccountsEnabled": True, "enabled": True, **fields}
    uuid = await world.keycloak.create_client(body)
    user = await world.keycloak.service_account(uuid)
    assert user is not None
    for organization in organizations:
        await world.keycloak.add_member(organization, user["id"])


async def test_what_was_applied_is_imported_as_it_was_declared() -> None:
    two = [a_client("api-client-acme-1", description="ERP", lifespan=120), a_client("api-client-acme-2", enabled=False)]
    applied = desired(
        an_organization("acme", clients=two, partners=[a_partner()], description="a\nb", prevent_destroy=True),
        an_organization("beta", suspended=True, dpa=None),
    )
    world = await World().settled(applied.model_copy(update={"realm": a_realm()}))
    found = await survey(world)
    assert found.left_out == ()
    named = [o.model_copy(update={"spec": o.spec.model_copy(update={"authorized_partners": ()})})
             for o in found.desired.organizations]  # fmt: skip
    wanted = [o.model_copy(update={"spec": o.spec.model_copy(update={"authorized_partners": ()})})
              for o in applied.organizations]  # fmt: skip
    assert named == wanted
    assert (await world.plan(found.desired)).is_empty


async def test_the_realm_is_imported_as_it_was_declared() -> None:
    declared = a_realm(display_name="NT24", lifespan=600, prevent_destroy=True)
    world = await World().settled(desired(an_organization(), realm=declared))
    found = await survey(world, realm=True)
    assert found.desired.realm == declared
    assert (await world.plan(found.desired)).is_empty


async def test_partners_get_the_names_that_the_platform_knows() -> None:
    world = await World().settled(
        desired(an_organization(partners=[a_partner("Autohaus Nord", None)]), realm=a_realm())
    )
    (acme,) = (await survey(world)).desired.organizations
    assert all(partner.name for partner in acme.spec.authorized_partners)


@pytest.mark.parametrize(
    ("attributes", "tier", "flag"),
    [
        ({}, "STANDARD", False),
        ({"rateLimitTier": ["HIGH_VOLUME"], "allowMultiVinOrders": ["true"]}, "HIGH_VOLUME", True),
    ],
)
async def test_what_was_made_by_hand_is_imported_and_adopted(
    attributes: dict[str, list[str]], tier: str, flag: bool
) -> None:
    world = await made_by_hand(facts("acme", **attributes))
    found = await survey(world)
    assert found.left_out == ()
    (acme,) = found.desired.organizations
    assert (acme.spec.capabilities.rate_limit_tier, acme.spec.capabilities.allow_multi_vin_orders) == (tier, flag)
    wanted = found.desired.model_copy(update={"realm": a_realm()})
    assert (await world.apply(wanted, *found.addresses)).is_complete
    assert (await world.plan(wanted)).is_empty


async def test_a_client_without_an_own_lifespan_gets_the_realm_s() -> None:
    world = await made_by_hand()
    (acme,) = (await survey(world)).desired.organizations
    assert acme.spec.clients[0].access_token_lifespan == a_realm().spec.access_token_lifespan


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({}, "It has no attribute organizationUuid."),
        (facts("acme", organizationUuid=["4711"]), "Its attribute organizationUuid: The value is not a UUID."),
        (facts("acme", rateLimitTier=["GOLD"]), "Its attribute rateLimitTier: 'GOLD' is not allowed here."),
        (
            facts("acme", allowMultiVinOrders=["yes"]),
            "Its attribute allowMultiVinOrders: The text 'yes' is not valid here",
        ),
        (
            facts("acme", dpaVersion=["2026-01"]),
            "It has a dpaVersion, but no dpaAcceptedAt, and nobody may invent one.",
        ),
        (facts("acme", dpaAcceptedAt=["2026-01-15T10:00:00Z"]), "It has a dpaAcceptedAt, but no dpaVersion."),
        (facts("acme", dpaVersion=["2026-01"], dpaAcceptedAt=["soon"]), "Its attribute dpaAcceptedAt: The value is no"),
        (facts("acme", authorizedPartners=["x"]), "Its attribute authorizedPartners: The value is not a UUID."),
        (facts("acme", **{OWNER_MARK: ["other"]}), "It belongs to the reconciler 'other', not to 'team-integration'."),
    ],
)
async def test_an_organization_that_no_manifest_can_say_is_left_out(attributes: Mapping[str, Any], reason: str) -> None:
    found = await survey(await made_by_hand(attributes))
    assert found.desired.organizations == ()
    assert reason in why(found, "organization/acme")


async def test_an_alias_that_is_no_name_is_left_out() -> None:
    found = await survey(await made_by_hand(alias="Acme.Motors"))
    assert "Its alias: 'Acme.Motors' is invalid; expected" in why(found, "organization/Acme.Motors")


@pytest.mark.parametrize(
    ("client", "reason"),
    [
        ({"client_id": "legacy-crm"}, "Its client legacy-crm is not called api-client-...: no manifest can declare it"),
        ({"client_id": "api-client-X"}, "Its client api-client-X, clientId: 'api-client-X' is invalid; expected"),
        (
            {"client_id": "api-client-b", "attributes": {layout.TOKEN_LIFESPAN: "7200"}},
            "Its client api-client-b, accessTokenLifespan: 7200 is too large.",
        ),
        (
            {"client_id": "api-client-b", "attributes": {OWNER_MARK: "other"}},
            "Its client api-client-b belongs to the reconciler 'other'",
        ),
    ],
)
async def test_an_organization_with_a_client_that_no_manifest_can_say_is_left_out(
    client: dict[str, Any], reason: str
) -> None:
    world = await made_by_hand()
    acme = await world.keycloak.find_organization("acme")
    assert acme is not None
    await add_client(world, acme["id"], **client)
    found = await survey(world)
    assert found.desired.organizations == ()
    assert reason in why(found, "organization/acme")


async def test_a_client_of_two_organizations_leaves_both_out() -> None:
    world = await made_by_hand()
    acme = await world.keycloak.find_organization("acme")
    assert acme is not None
    body = {"alias": "beta", "name": "Beta", "enabled": True, "attributes": facts("beta")}
    await add_client(world, acme["id"], await world.keycloak.create_organization(body), client_id="api-client-two")
    found = await survey(world)
    assert found.desired.organizations == ()
    assert "is a member of 2 organizations (acme, beta)" in why(found, "organization/beta")


async def test_a_realm_whose_lifespan_does_not_do_leaves_out_clients_without_an_own_one() -> None:
    world = await made_by_hand()
    realm = await world.keycloak.realm()
    assert realm is not None
    await world.keycloak.update_realm({**realm, "accessTokenLifespan": 7200})
    found = await survey(world)
    assert "has no access token lifespan, and the realm's is out of range: 7200" in why(found, "organization/acme")


async def test_of_two_organizations_with_one_uuid_the_second_is_left_out() -> None:
    world = await made_by_hand()
    body = {"alias": "beta", "name": "Beta", "enabled": True, "attributes": facts("acme")}
    await world.keycloak.create_organization(body)
    found = await survey(world)
    assert [each.name for each in found.desired.organizations] == ["acme"]
    assert "Another organization has the same UUID, at organization/acme." in why(found, "organization/beta")


async def test_a_client_of_no_organization_is_reported() -> None:
    world = await made_by_hand()
    await add_client(world, client_id="api-client-lost")
    assert "It belongs to no organization" in why(await survey(world), "client/-/api-client-lost")
    assert (await survey(world, "acme")).left_out == ()


async def test_takeover_imports_what_another_reconciler_owns() -> None:
    found = await survey(await made_by_hand(facts("acme", **{OWNER_MARK: ["other"]})), takeover=True)
    assert [each.name for each in found.desired.organizations] == ["acme"]


async def test_patterns_choose_by_alias() -> None:
    world = await World().settled(
        desired(an_organization("acme-1"), an_organization("acme-2"), an_organization("beta"), realm=a_realm())
    )
    assert [each.name for each in (await survey(world, "acme-*")).desired.organizations] == ["acme-1", "acme-2"]
    with pytest.raises(NotFound, match="matches 'gamma'"):
        await survey(world, "beta", "gamma")


async def test_a_missing_realm_is_an_error() -> None:
    with pytest.raises(NotFound, match=f"no realm '{REALM}'"):
        await survey(World())


async def test_keys_stand_in_the_order_of_the_format() -> None:
    world = await World().settled(desired(an_organization(), realm=a_realm()))
    snapshot = await world.observe(desired(an_organization()))
    live = snapshot.organizations["acme"]
    document = organization_document(live, observed_fields(live), snapshot.clients.values(), 300)
    assert [*document] == ["apiVersion", "kind", "metadata", "spec"]
    assert [*document["spec"]] == [
        "displayName", "organizationUuid", "suspended", "clients", "authorizedPartners", "capabilities", "dpa",
    ]  # fmt: skip


async def test_a_saml_client_is_not_to_be_made_a_member_nor_deleted() -> None:
    world = await World().settled(desired(realm=a_realm()))
    await world.keycloak.create_client({"clientId": "api-client-saml", "protocol": "saml"})
    said = why(await survey(world), "client/-/api-client-saml")
    assert "It is a client for SAML" in said
    assert "delete" not in said
    assert "member" not in said
