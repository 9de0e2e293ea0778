"""How each scenario came about: what was applied before, and what somebody did in Keycloak since.

The name of a function is the name of its scenario's folder. It leaves the world as ``observed.json`` shows it.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from reconciler.model import layout
from reconciler.model.address import Address
from reconciler.model.errors import AccessRefused
from reconciler.model.expectations import NOTHING_EXPECTED, DpaRequirement, Expectations, People
from reconciler.model.manifest import Capabilities, DesiredState, IntegrationOrganization
from reconciler.model.value import Representation
from tests.builders import (
    OWNER,
    a_client,
    a_dpa,
    a_partner,
    a_realm,
    an_organization,
    desired,
)
from tests.fakes.store import Json
from tests.fakes.world import World

ACME_CLIENT: Final = "api-client-acme"
DANGEROUS: Final = "realm-management/manage-users"
NORD = a_partner("Autohaus Nord")
LAC = a_partner("Garage du Lac", "CH")
UNSHARED: Final = Expectations(people=People.NONE)
PERSONAL: Final = Capabilities(allow_contact_personal_data=True)

Situation = Callable[[World], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """One scenario's way to its world, what its plan is restricted to, and what its environment expects."""

    arrange: Situation
    targets: tuple[Address, ...] = ()
    expected: Expectations = NOTHING_EXPECTED


SCENARIOS: dict[str, Scenario] = {}


def scenario(*targets: Address, expected: Expectations = NOTHING_EXPECTED) -> Callable[[Situation], Situation]:
    """Register a situation under its name."""

    def register(arrange: Situation) -> Situation:
        SCENARIOS[arrange.__name__.replace("_", "-")] = Scenario(arrange, targets, expected)
        return arrange

    return register


def acme(**parts: Any) -> IntegrationOrganization:
    """Return the organization of most scenarios."""
    return an_organization(**{"partners": (NORD,), **parts})


async def foundation(world: World, *organizations: IntegrationOrganization) -> DesiredState:
    """Apply organizations to a realm whose scaffolding somebody else declares."""
    await world.settled(desired(realm=a_realm()))
    wanted = desired(*(organizations or [acme()]))
    await world.settled(wanted)
    for each in (NORD, LAC):
        world.platform.directory[str(each.uuid)] = (each.name or "", each.country or "")
    return wanted


async def client_of(world: World, client_id: str = ACME_CLIENT) -> Json:
    found = await world.keycloak.find_client(client_id)
    assert found is not None
    return dict(found)


async def account_of(world: World, client_id: str = ACME_CLIENT) -> Json:
    user = await world.keycloak.service_account((await client_of(world, client_id))["id"])
    assert user is not None
    return dict(user)


async def organization_of(world: World, alias: str = "acme") -> Json:
    found = await world.keycloak.find_organization(alias)
    assert found is not None
    return dict(found)


async def put_client(world: World, **changes: Any) -> None:
    client = await client_of(world)
    await world.keycloak.update_client(client["id"], {**client, **changes})


async def put_organization(world: World, **changes: Any) -> None:
    organization = await organization_of(world)
    await world.keycloak.update_organization(organization["id"], {**organization, **changes})


async def put_attributes(world: World, attributes: Representation) -> None:
    await put_organization(world, attributes={**(await organization_of(world))["attributes"], **attributes})


# Creation, and nothing to do.


@scenario()
async def everything_is_created(world: World) -> None:
    pass


@scenario()
async def an_organization_is_created_in_a_realm_that_somebody_else_declares(world: World) -> None:
    await world.settled(desired(realm=a_realm()))


@scenario()
async def nothing_has_changed(world: World) -> None:
    await foundation(world)


@scenario()
async def lists_in_another_order_change_nothing(world: World) -> None:
    clients = (a_client(), a_client("api-client-acme-crm"))
    await foundation(world, acme(partners=(NORD, LAC), clients=clients))
    partners = (await organization_of(world))["attributes"][layout.PARTNERS]
    await put_attributes(world, {layout.PARTNERS: list(reversed(partners))})


# The manifest changes.


@scenario()
async def a_partner_is_added_and_another_removed(world: World) -> None:
    await foundation(world)


@scenario()
async def the_rate_limit_tier_changes(world: World) -> None:
    await foundation(world)


@scenario()
async def an_organization_is_suspended(world: World) -> None:
    await foundation(world)


@scenario()
async def a_dpa_is_added(world: World) -> None:
    await foundation(world, acme(dpa=None))


@scenario()
async def a_client_moves_to_another_organization(world: World) -> None:
    await foundation(world, acme(), an_organization("beta", clients=()))


@scenario()
async def a_client_is_removed(world: World) -> None:
    await foundation(world, acme(clients=(a_client(), a_client("api-client-acme-crm"))))


@scenario()
async def an_organization_is_removed_after_its_clients(world: World) -> None:
    await foundation(world, acme(), an_organization("beta"))


@scenario()
async def a_protected_organization_is_not_deleted(world: World) -> None:
    await foundation(world, acme(), an_organization("beta", prevent_destroy=True))


@scenario()
async def ignored_changes_are_left_alone(world: World) -> None:
    ignored = ("spec.clients[*].description", "spec.description")
    await foundation(world, acme(ignore_changes=ignored, clients=(a_client(description="ERP"),)))
    await put_client(world, description="written in Keycloak")
    await put_organization(world, description="written in Keycloak too")


@scenario()
async def who_changed_what_is_told_apart(world: World) -> None:
    await foundation(world, acme(capabilities=Capabilities(allow_multi_vin_orders=True)))
    attributes = {"allowMarketplaceLedKyc": ["true"], layout.RATE_LIMIT_TIER: ["HIGH_VOLUME"]}
    await put_attributes(world, attributes)


@scenario()
async def this_change_is_told_apart_from_what_differed_before(world: World) -> None:
    """Somebody took a partner and gave a tier and two capabilities; the manifests now say one of the latter, too."""
    await foundation(world, acme())
    given = {"allowMultiVinOrders": ["true"], "allowKycDocumentDownload": ["true"]}
    taken = {layout.PARTNERS: [str(a_partner("Casa del Sur", "ES").uuid)], layout.RATE_LIMIT_TIER: ["ENTERPRISE"]}
    await put_attributes(world, given | taken)
    await put_client(world, enabled=False)


# Owners.


@scenario()
async def what_carries_no_mark_is_adopted(world: World) -> None:
    await foundation(world)
    await put_organization(world, attributes={layout.UUID: ["00000000-0000-4000-8000-000000000000"]})
    await put_client(world, attributes={layout.OWNER_MARK: None, layout.APPLIED_MARK: None})


@scenario()
async def what_another_reconciler_owns_is_blocked(world: World) -> None:
    world.owner = "another-team"
    await foundation(world)
    world.owner = OWNER
    await put_organization(world, enabled=False)
    await put_client(world, enabled=False)


@scenario()
async def what_is_not_managed_is_listed(world: World) -> None:
    await foundation(world)
    await world.keycloak.create_organization({"name": "Zeta", "alias": "zeta"})
    await world.keycloak.create_client({"clientId": "api-client-zeta", "serviceAccountsEnabled": True})
    await world.keycloak.create_client({"clientId": "some-portal"})


@scenario()
async def an_unmanaged_integration_client_is_a_member(world: World) -> None:
    await foundation(world)
    await world.keycloak.create_client({"clientId": "api-client-zeta", "serviceAccountsEnabled": True})
    organization, account = await organization_of(world), await account_of(world, "api-client-zeta")
    await world.keycloak.add_member(organization["id"], account["id"])


# Somebody changes a client.


@scenario()
async def a_spoofed_claim_is_removed(world: World) -> None:
    await foundation(world)
    config = {"claim.name": "organization", "claim.value": '{"beta": {"id": "1"}}', "jsonType.label": "JSON"}
    mapper = {"name": "org", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper"}
    await put_client(world, protocolMappers=[{**mapper, "config": config}])


@scenario()
async def flows_and_addresses_opened_by_hand_are_closed(world: World) -> None:
    await foundation(world)
    opened = ("standardFlowEnabled", "directAccessGrantsEnabled", "fullScopeAllowed", "publicClient")
    addresses = {"redirectUris": ["*"], "webOrigins": ["+"], "rootUrl": "https://evil.example"}
    await put_client(world, **dict.fromkeys(opened, True), **addresses)


@scenario()
async def extra_attributes_are_removed(world: World) -> None:
    await foundation(world)
    await put_client(world, attributes={"oauth2.device.authorization.grant.enabled": "true"})
    await put_attributes(world, {"note": ["by hand"]})


@scenario()
async def an_extra_scope_is_removed(world: World) -> None:
    await foundation(world)
    client = await client_of(world)
    await world.keycloak.add_client_scope(client["id"], "profile", default=True)
    await world.keycloak.add_client_scope(client["id"], "offline_access", default=False)


@scenario()
async def a_missing_scope_is_given_back(world: World) -> None:
    await foundation(world)
    client = await client_of(world)
    await world.keycloak.remove_client_scope(client["id"], layout.ORGANIZATION_SCOPE, default=True)


@scenario()
async def a_default_scope_that_became_optional_is_made_default_again(world: World) -> None:
    await foundation(world)
    client = await client_of(world)
    await world.keycloak.remove_client_scope(client["id"], "basic", default=True)
    await world.keycloak.add_client_scope(client["id"], "basic", default=False)


@scenario()
async def a_second_membership_is_ended(world: World) -> None:
    await foundation(world, acme(), an_organization("beta", clients=()))
    organization, account = await organization_of(world, "beta"), await account_of(world)
    await world.keycloak.add_member(organization["id"], account["id"])


@scenario()
async def a_missing_membership_is_restored(world: World) -> None:
    await foundation(world)
    organization, account = await organization_of(world), await account_of(world)
    await world.keycloak.remove_member(organization["id"], account["id"])


@scenario()
async def a_disabled_service_account_is_enabled(world: World) -> None:
    await foundation(world)
    account = await account_of(world)
    await world.keycloak.update_user(account["id"], {**account, "enabled": False, "attributes": {"k": ["v"]}})


@scenario()
async def service_accounts_switched_off_come_back_with_their_membership(world: World) -> None:
    await foundation(world)
    await put_client(world, serviceAccountsEnabled=False)


@scenario()
async def roles_and_groups_given_by_hand_are_taken_away(world: World) -> None:
    await foundation(world)
    client, account = await client_of(world), await account_of(world)
    await world.keycloak.grant_role(account["id"], DANGEROUS)
    await world.keycloak.revoke_role(account["id"], world.keycloak.store.default_role)
    await world.keycloak.add_scope_mapping(client["id"], DANGEROUS)
    world.keycloak.by_hand.add_client_role(ACME_CLIENT, "own")
    world.keycloak.by_hand.join_group(account["username"], world.keycloak.by_hand.add_group("admins"))


# Somebody changes an organization, or the realm.


async def put_people(world: World) -> None:
    """Let people share the organization, in each way that there is."""
    hand, organization = world.keycloak.by_hand, await organization_of(world)
    await put_organization(world, redirectUrl="https://acme.example.com/", domains=[{"name": "example.com"}])
    hand.link_identity_provider("corporate", "acme")
    hand.add_managed_member("acme", "jane")
    await world.keycloak.add_member(organization["id"], hand.add_user("hugo"))
    hand.join_organization_group("acme", hand.add_organization_group("acme", "team"), "hugo")
    hand.invite("acme", "ines@example.net")


@scenario()
async def people_that_share_an_organization_are_left_alone(world: World) -> None:
    await foundation(world)
    await put_people(world)


@scenario()
async def people_leave_an_organization_that_is_not_shared(world: World) -> None:
    await foundation(world)
    await put_people(world)


@scenario()
async def a_service_account_leaves_the_group_of_people(world: World) -> None:
    await foundation(world)
    await put_people(world)
    hand = world.keycloak.by_hand
    leads = hand.add_organization_group("acme", "team/leads")
    hand.join_organization_group("acme", leads, (await account_of(world))["username"])


@scenario()
async def the_accounts_of_an_organization_that_is_removed_are_counted(world: World) -> None:
    await foundation(world, acme(), an_organization("beta"))
    await put_people(world)


@scenario()
async def whom_a_suspension_locks_out_is_said(world: World) -> None:
    await foundation(world)
    await put_people(world)


@scenario(expected=UNSHARED)
async def a_foreign_member_is_removed(world: World) -> None:
    await foundation(world)
    user = world.keycloak.by_hand.add_user("hugo")
    await world.keycloak.add_member((await organization_of(world))["id"], user)


@scenario(expected=UNSHARED)
async def a_linked_identity_provider_is_unlinked(world: World) -> None:
    await foundation(world)
    world.keycloak.by_hand.link_identity_provider("corporate", "acme")


@scenario()
async def control_characters_of_others_are_shown_escaped(world: World) -> None:
    await foundation(world)
    await put_organization(world, name="Acme\x1b[2J", description="line\r\nNo changes.")


@scenario()
async def a_changed_realm_is_put_right(world: World) -> None:
    await world.settled(desired(acme(), realm=a_realm()))
    world.platform.directory[str(NORD.uuid)] = (NORD.name or "", NORD.country or "")
    await world.keycloak.update_realm({"adminEventsEnabled": False, "accessTokenLifespan": 3600})
    basic = await world.keycloak.client_scope("basic")
    assert basic is not None
    spoof = {"name": "spoof", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper"}
    await world.keycloak.create_scope_mapper(basic["id"], {**spoof, "config": {"claim.name": "organization"}})
    await world.keycloak.add_composite(world.keycloak.store.default_role, DANGEROUS)


# Findings and holes.


@scenario()
async def members_that_cannot_be_read_block_what_depends_on_them(world: World) -> None:
    await foundation(world, acme(), an_organization("beta"))
    refused = AccessRefused("403 Forbidden.", remedy="Give the reconciler's login the role view-users.")
    # The organizations are asked in the order of their aliases.
    world.keycloak.traffic.fail(refused, method="members", nth=2)


@scenario()
async def the_platform_lags(world: World) -> None:
    before = acme()
    await foundation(world, before)
    world.platform.lag = 60
    await world.platform.me(ACME_CLIENT)
    await world.settled(desired(acme(partners=(NORD, LAC), capabilities=Capabilities(allow_multi_vin_orders=True))))


@scenario()
async def the_platform_knows_a_partner_by_another_name(world: World) -> None:
    await foundation(world)
    world.platform.directory[str(NORD.uuid)] = ("Autohaus Süd", "AT")


@scenario()
async def a_dpa_that_is_not_accepted_is_reported(world: World) -> None:
    old = an_organization("beta", dpa=a_dpa("2025-01"))
    await foundation(world, acme(dpa=None), old)


@scenario()
async def missing_scaffolding_is_reported(world: World) -> None:
    name = world.keycloak.store.name
    await world.keycloak.create_realm({"realm": name, "enabled": True, "organizationsEnabled": True})


@scenario()
async def organizations_that_are_off_are_reported(world: World) -> None:
    await foundation(world)
    await world.keycloak.update_realm({"organizationsEnabled": False})


@scenario(Address.client("beta", "api-client-beta"))
async def a_target_brings_what_it_depends_on(world: World) -> None:
    await foundation(world)
    await put_client(world, enabled=False)


# Agreements, authority, and what the platform does otherwise.


def requiring(deadline: str) -> Expectations:
    return Expectations(dpa=DpaRequirement.model_validate({"required": "2026-07", "deadline": deadline}))


@scenario(expected=requiring("2026-03-20"))
async def an_agreement_that_is_about_to_be_required_is_a_warning(world: World) -> None:
    await foundation(world)


@scenario(expected=requiring("2026-02-15"))
async def an_agreement_that_is_overdue_fails_all_calls(world: World) -> None:
    await foundation(world, acme(capabilities=PERSONAL))
    world.platform.current_dpa = "2026-07"


@scenario(expected=requiring("2026-02-15"))
async def personal_data_without_a_current_agreement_is_an_error_where_it_is_in_force(world: World) -> None:
    await foundation(world, acme(capabilities=PERSONAL))


@scenario()
async def a_new_organization_without_an_agreement_is_warned_of(world: World) -> None:
    await world.settled(desired(realm=a_realm()))


@scenario()
async def clients_of_one_organization_resolve_to_different_organizations(world: World) -> None:
    await foundation(world, acme(clients=(a_client(), a_client("api-client-acme-crm"))))
    other = "00000000-0000-4000-8000-000000000000"
    world.platform.overrides["api-client-acme-crm"] = lambda answer: answer | {"organizationUuid": other}


@scenario()
async def clients_of_one_organization_get_different_answers(world: World) -> None:
    clients = (a_client(), a_client("api-client-acme-crm"))
    await foundation(world, acme(partners=(NORD, LAC), clients=clients))
    world.platform.overrides["api-client-acme-crm"] = lambda answer: (
        answer
        | {
            "authorizedPartners": answer["authorizedPartners"][:1],
            "capabilities": answer["capabilities"] | {"rateLimitTier": "ENTERPRISE"},
        }
    )


@scenario()
async def a_partner_that_nt24_does_not_know_is_told_from_a_lag(world: World) -> None:
    world.clock.passed = -3600
    await foundation(world, acme(partners=(NORD, LAC)))
    world.platform.directory[str(LAC.uuid)] = None
    world.clock.passed = 0


@scenario()
async def what_the_platform_overrides_is_told_from_a_lag(world: World) -> None:
    world.clock.passed = -3600
    await foundation(world)
    world.clock.passed = 0
    world.platform.override = lambda answer: (
        answer | {"capabilities": answer["capabilities"] | {"allowMultiVinOrders": True}}
    )


@scenario(expected=Expectations(("authorizedPartners", "capabilities", "dpa")))
async def what_the_platform_decides_is_compared_and_never_written(world: World) -> None:
    await foundation(world)
    attributes = {layout.RATE_LIMIT_TIER: ["HIGH_VOLUME"], layout.PARTNERS: [str(LAC.uuid)]}
    await put_attributes(world, {**attributes, "allowMultiVinOrders": ["true"], layout.DPA_VERSION: ["2026-02"]})
    world.platform.override = lambda answer: answer | {"dpaVersion": "2026-01"}


@scenario(expected=Expectations(("authorizedPartners", "capabilities", "dpa", "organizationUuid")))
async def what_the_platform_decides_is_not_created(world: World) -> None:
    await world.settled(desired(realm=a_realm()))


@scenario()
async def a_mock_proves_nothing(world: World) -> None:
    await foundation(world)
    world.platform.mock = True
    world.platform.override = lambda answer: answer | {"name": "string"}


def names() -> Iterable[str]:
    """Return the scenarios' names, sorted."""
    return sorted(SCENARIOS)
