"""What an intruder or a careless administrator can do in Keycloak, one hand's turn each."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from reconciler.model import layout
from reconciler.model.manifest import DesiredState
from tests.fakes.store import Json
from tests.fakes.world import World

DANGEROUS: Final = "realm-management/manage-users"
_SPOOF: Final = {
    "name": "spoof",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-hardcoded-claim-mapper",
    "config": {"claim.name": "organization", "claim.value": "{}"},
}

ClientTampering = Callable[[World, Json], Awaitable[None]]
OrganizationTampering = Callable[[World, Json], Awaitable[None]]
RealmTampering = Callable[[World], Awaitable[None]]


def _put_client(**changes: Any) -> ClientTampering:
    async def tamper(world: World, client: Json) -> None:
        await world.keycloak.update_client(client["id"], {**client, **changes})

    return tamper


def _flip(key: str) -> ClientTampering:
    async def tamper(world: World, client: Json) -> None:
        await world.keycloak.update_client(client["id"], {**client, key: not client.get(key)})

    return tamper


def _user(**changes: Any) -> ClientTampering:
    async def tamper(world: World, client: Json) -> None:
        user = await world.keycloak.service_account(client["id"])
        if user is not None:
            await world.keycloak.update_user(user["id"], {**user, **changes})

    return tamper


async def _account(world: World, client: Json) -> Json:
    user = await world.keycloak.service_account(client["id"])
    assert user is not None
    return dict(user)


async def _scope_added(world: World, client: Json) -> None:
    await world.keycloak.add_client_scope(client["id"], "profile", default=True)


async def _optional_scope_added(world: World, client: Json) -> None:
    await world.keycloak.add_client_scope(client["id"], "offline_access", default=False)


async def _scope_removed(world: World, client: Json) -> None:
    await world.keycloak.remove_client_scope(client["id"], layout.ORGANIZATION_SCOPE, default=True)


async def _scope_made_optional(world: World, client: Json) -> None:
    await world.keycloak.remove_client_scope(client["id"], "basic", default=True)
    await world.keycloak.add_client_scope(client["id"], "basic", default=False)


async def _role_granted(world: World, client: Json) -> None:
    await world.keycloak.grant_role((await _account(world, client))["id"], DANGEROUS)


async def _default_role_revoked(world: World, client: Json) -> None:
    role = world.keycloak.store.default_role
    await world.keycloak.revoke_role((await _account(world, client))["id"], role)


async def _scope_mapping_added(world: World, client: Json) -> None:
    await world.keycloak.add_scope_mapping(client["id"], DANGEROUS)


async def _own_role_added(world: World, client: Json) -> None:
    world.keycloak.by_hand.add_client_role(client["clientId"], "own")


async def _own_role_imported(world: World, client: Json) -> None:
    world.keycloak.by_hand.import_client_role(client["clientId"], "imported")


async def _account_linked(world: World, client: Json) -> None:
    world.keycloak.by_hand.link_user((await _account(world, client))["username"], f"idp of {client['clientId']}")


async def _group_joined(world: World, client: Json) -> None:
    username = (await _account(world, client))["username"]
    world.keycloak.by_hand.join_group(username, world.keycloak.by_hand.add_group(f"admins of {username}"))


async def _membership_removed(world: World, client: Json) -> None:
    user = await _account(world, client)
    for organization in await world.keycloak.organizations():
        if organization["alias"] in await world.keycloak.organizations_of(user["id"]):
            await world.keycloak.remove_member(organization["id"], user["id"])


async def _membership_added(world: World, client: Json) -> None:
    alias = f"foreign-{client['clientId']}"
    other = await world.keycloak.create_organization({"name": alias, "alias": alias})
    await world.keycloak.add_member(other, (await _account(world, client))["id"])


async def _account_imported(world: World, client: Json) -> None:
    if await world.keycloak.service_account(client["id"]) is not None:
        world.keycloak.by_hand.import_account(client["clientId"], "password", "otp")


async def _account_logged_out(world: World, client: Json) -> None:
    world.keycloak.by_hand.log_out((await _account(world, client))["username"])


async def _account_deleted(world: World, client: Json) -> None:
    await world.keycloak.delete_user((await _account(world, client))["id"])


async def _node_registered(world: World, client: Json) -> None:
    await world.keycloak.update_client(client["id"], {"registeredNodes": {"evil.example": 1}})


async def _client_deleted(world: World, client: Json) -> None:
    await world.keycloak.delete_client(client["id"])


ON_A_CLIENT: Final[dict[str, ClientTampering]] = {
    **{
        f"{key} flipped": _flip(key)
        for key in (
            "enabled",
            "publicClient",
            "bearerOnly",
            "consentRequired",
            "standardFlowEnabled",
            "implicitFlowEnabled",
            "directAccessGrantsEnabled",
            "serviceAccountsEnabled",
            "fullScopeAllowed",
            "frontchannelLogout",
            "authorizationServicesEnabled",
            "surrogateAuthRequired",
            "alwaysDisplayInConsole",
        )
    },
    "redirect URIs": _put_client(redirectUris=["*"]),
    "web origins": _put_client(webOrigins=["+"]),
    "root URL": _put_client(rootUrl="https://evil.example", baseUrl="/x", adminUrl="https://evil.example"),
    "name": _put_client(name="something else"),
    "description": _put_client(description="something else"),
    "not before": _put_client(notBefore=5),
    "authenticator": _put_client(clientAuthenticatorType="client-jwt"),
    "flow override": _put_client(authenticationFlowBindingOverrides={"browser": "some-flow"}),
    "mapper": _put_client(protocolMappers=[_SPOOF]),
    "attribute added": _put_client(attributes={"oauth2.device.authorization.grant.enabled": "true"}),
    "attribute changed": _put_client(attributes={"backchannel.logout.session.required": "false"}),
    "lifespan": _put_client(attributes={layout.TOKEN_LIFESPAN: "7"}),
    "lifespan removed": _put_client(attributes={layout.TOKEN_LIFESPAN: None}),
    "marks removed": _put_client(attributes={layout.OWNER_MARK: None, layout.APPLIED_MARK: None}),
    "marks forged": _put_client(attributes={layout.APPLIED_MARK: "enabled=000000000000"}),
    "user disabled": _user(enabled=False),
    "user attributes": _user(attributes={"k": ["v"]}),
    "user named": _user(firstName="Eve", email="eve@example.com"),
    "user to act": _user(requiredActions=["UPDATE_PASSWORD"]),
    "scope added": _scope_added,
    "optional scope added": _optional_scope_added,
    "scope removed": _scope_removed,
    "scope made optional": _scope_made_optional,
    "role granted": _role_granted,
    "default role revoked": _default_role_revoked,
    "scope mapping added": _scope_mapping_added,
    "own role added": _own_role_added,
    "own role imported": _own_role_imported,
    "account linked": _account_linked,
    "account imported": _account_imported,
    "account logged out": _account_logged_out,
    "account deleted": _account_deleted,
    "node registered": _node_registered,
    "group joined": _group_joined,
    "membership removed": _membership_removed,
    "membership added": _membership_added,
    "deleted": _client_deleted,
}


def _put_organization(**changes: Any) -> OrganizationTampering:
    async def tamper(world: World, organization: Json) -> None:
        await world.keycloak.update_organization(organization["id"], {**organization, **changes})

    return tamper


def _attributes(**changes: list[str]) -> OrganizationTampering:
    async def tamper(world: World, organization: Json) -> None:
        attributes = {**organization["attributes"], **changes}
        await world.keycloak.update_organization(organization["id"], {**organization, "attributes": attributes})

    return tamper


async def _renamed(world: World, organization: Json) -> None:
    name = f"Something else than {organization['alias']}"
    await world.keycloak.update_organization(organization["id"], {**organization, "name": name})


async def _suspension_flipped(world: World, organization: Json) -> None:
    await world.keycloak.update_organization(
        organization["id"], {**organization, "enabled": not organization["enabled"]}
    )


async def _foreign_member(world: World, organization: Json) -> None:
    await world.keycloak.add_member(
        organization["id"], world.keycloak.by_hand.add_user(f"hugo-{organization['alias']}")
    )


async def _identity_provider(world: World, organization: Json) -> None:
    alias = organization["alias"]
    world.keycloak.by_hand.link_identity_provider(f"corporate-{alias}", alias)


async def _organization_group(world: World, organization: Json) -> None:
    world.keycloak.by_hand.add_organization_group(organization["alias"], "admins")


async def _managed_member(world: World, organization: Json) -> None:
    world.keycloak.by_hand.add_managed_member(organization["alias"], f"jane-{organization['alias']}")


async def _invitation(world: World, organization: Json) -> None:
    world.keycloak.by_hand.invite(organization["alias"], "ines@example.net")


async def _account_in_a_group(world: World, organization: Json) -> None:
    hand, alias = world.keycloak.by_hand, organization["alias"]
    accounts = [each["username"] for each in await world.keycloak.members(organization["id"])]
    group = hand.add_organization_group(alias, "robots")
    for username in accounts:
        hand.join_organization_group(alias, group, username)


async def _foreign_account(world: World, organization: Json) -> None:
    client_id = f"foreign-{organization['alias']}"
    uuid = await world.keycloak.create_client({"clientId": client_id, "serviceAccountsEnabled": True})
    await world.keycloak.add_member(organization["id"], (await _account(world, {"id": uuid}))["id"])


async def _organization_deleted(world: World, organization: Json) -> None:
    await world.keycloak.delete_organization(organization["id"])


BY_PEOPLE: Final[dict[str, OrganizationTampering]] = {
    "redirect URL": _put_organization(redirectUrl="https://evil.example"),
    "domain": _put_organization(domains=[{"name": "evil.example", "verified": True}]),
    "foreign member": _foreign_member,
    "managed member": _managed_member,
    "invitation": _invitation,
    "identity provider": _identity_provider,
    "group of its own": _organization_group,
}
"""What people bring to an organization that they share."""

ON_AN_ORGANIZATION: Final[dict[str, OrganizationTampering]] = {
    **BY_PEOPLE,
    "suspension flipped": _suspension_flipped,
    "name": _renamed,
    "description": _put_organization(description="Something else"),
    "attributes cleared": _put_organization(attributes={}),
    "attribute added": _attributes(note=["by hand"]),
    "partner added": _attributes(**{layout.PARTNERS: ["11111111-1111-4111-8111-111111111111"]}),
    "tier": _attributes(**{layout.RATE_LIMIT_TIER: ["NONSENSE"]}),
    "flag": _attributes(allowMultiVinOrders=["maybe"]),
    "DPA": _attributes(**{layout.DPA_VERSION: ["2099-01"]}),
    "UUID doubled": _attributes(**{layout.UUID: ["a", "b"]}),
    "marks forged": _attributes(**{layout.APPLIED_MARK: ["suspended=000000000000"]}),
    "marks removed": _attributes(**{layout.OWNER_MARK: [], layout.APPLIED_MARK: []}),
    "foreign service account": _foreign_account,
    "service account in a group": _account_in_a_group,
    "deleted": _organization_deleted,
}


def _put_realm(**changes: Any) -> RealmTampering:
    async def tamper(world: World) -> None:
        await world.keycloak.update_realm(changes)

    return tamper


async def _scope(world: World, name: str) -> Json:
    found = await world.keycloak.client_scope(name)
    assert found is not None
    return dict(found)


def _mapper_added(scope: str) -> RealmTampering:
    async def tamper(world: World) -> None:
        await world.keycloak.create_scope_mapper((await _scope(world, scope))["id"], _SPOOF)

    return tamper


def _mapper_changed(scope: str) -> RealmTampering:
    async def tamper(world: World) -> None:
        found = await _scope(world, scope)
        mapper = found["protocolMappers"][0]
        changed = {**mapper, "config": {**mapper["config"], "claim.name": "other"}}
        await world.keycloak.update_scope_mapper(found["id"], mapper["id"], changed)

    return tamper


def _mapper_deleted(scope: str) -> RealmTampering:
    async def tamper(world: World) -> None:
        found = await _scope(world, scope)
        await world.keycloak.delete_scope_mapper(found["id"], found["protocolMappers"][0]["id"])

    return tamper


async def _scope_attribute_added(world: World) -> None:
    found = await _scope(world, layout.ORGANIZATION_SCOPE)
    await world.keycloak.update_client_scope(found["id"], {**found, "attributes": {"gui.order": "1"}})


async def _scope_described(world: World) -> None:
    found = await _scope(world, layout.ORGANIZATION_SCOPE)
    await world.keycloak.update_client_scope(found["id"], {**found, "description": "something else"})


async def _mapping_of_scope(world: World) -> None:
    world.keycloak.by_hand.add_mapping_of_scope("basic", "offline_access")


async def _scope_deleted(world: World) -> None:
    world.keycloak.by_hand.delete_scope("service_account")


async def _new_users_join_a_group(world: World) -> None:
    # It shows in nothing that is managed, but in whatever is made from now on.
    world.keycloak.by_hand.add_default_group("staff")
    world.keycloak.by_hand.require_of_new_users("UPDATE_PASSWORD")
    await world.keycloak.update_realm({"accessTokenLifespan": 7201})


async def _default_role_widened(world: World) -> None:
    await world.keycloak.add_composite(world.keycloak.store.default_role, DANGEROUS)


async def _default_role_narrowed(world: World) -> None:
    await world.keycloak.remove_composite(world.keycloak.store.default_role, "offline_access")


ON_THE_REALM: Final[dict[str, RealmTampering]] = {
    "disabled": _put_realm(enabled=False),
    "admin events off": _put_realm(adminEventsEnabled=False),
    "lifespan": _put_realm(accessTokenLifespan=7200),
    "mapper added to ours": _mapper_added(layout.ORGANIZATION_SCOPE),
    "mapper added to basic": _mapper_added("basic"),
    "mapper added to roles": _mapper_added("roles"),
    "scope deleted": _scope_deleted,
    "mapper of ours changed": _mapper_changed(layout.ORGANIZATION_SCOPE),
    "mapper of service_account changed": _mapper_changed("service_account"),
    "mapper of ours deleted": _mapper_deleted(layout.ORGANIZATION_SCOPE),
    "mapper of basic deleted": _mapper_deleted("basic"),
    "attribute added to our scope": _scope_attribute_added,
    "our scope described": _scope_described,
    "mapping added to basic": _mapping_of_scope,
    "new users join a group": _new_users_join_a_group,
    "default role widened": _default_role_widened,
    "default role narrowed": _default_role_narrowed,
}


async def tamper_client(world: World, client_id: str, name: str) -> bool:
    """Do it, if the client is still there."""
    client = await world.keycloak.find_client(client_id)
    if client is not None and (client["serviceAccountsEnabled"] or name == "serviceAccountsEnabled flipped"):
        await ON_A_CLIENT[name](world, dict(client))
        return True
    return False


async def tamper_organization(world: World, alias: str, name: str) -> bool:
    """Do it, if the organization is still there."""
    organization = await world.keycloak.find_organization(alias)
    if organization is not None:
        await ON_AN_ORGANIZATION[name](world, dict(organization))
        return True
    return False


def client_ids(desired: DesiredState) -> tuple[str, ...]:
    """Return the clients that the manifests declare."""
    return tuple(client.client_id for each in desired.organizations for client in each.spec.clients)
