"""What each event touches, by the paths that Keycloak 26.7.5 records; what has no row may be anything."""

import pytest

from reconciler.events.catalogue import CATALOGUE, UNDERSTOOD, paths_of, touch_of, types_of
from reconciler.model.touch import Part, Thing, Touch
from tests.unit.events.recorded import an_event


def touch(resource: str, path: str) -> Touch | None:
    return touch_of(an_event("UPDATE", resource, path))


CLIENTS = [
    ("CLIENT", "", Part.ITSELF, ""),
    ("CLIENT", "/client-secret", Part.REST, ""),
    ("CLIENT", "/client-secret/rotated", Part.REST, ""),
    ("CLIENT", "/registration-access-token", Part.REST, ""),
    ("CLIENT_ROLE", "/roles", Part.OWN_ROLES, ""),
    ("CLIENT_ROLE", "/roles/reader", Part.OWN_ROLES, "reader"),
    ("CLIENT_ROLE", "/roles/a/b", Part.OWN_ROLES, "a/b"),
    ("CLIENT_ROLE", "/roles/composites", Part.OWN_ROLES, "composites"),
    ("CLIENT_ROLE", "/roles/reader/composites", Part.OWN_ROLES, ""),
    ("CLIENT_SCOPE_CLIENT_MAPPING", "/default-client-scopes/s1", Part.SCOPES, "s1"),
    ("CLIENT_SCOPE_CLIENT_MAPPING", "/optional-client-scopes/s1", Part.SCOPES, "s1"),
    ("CLIENT_SCOPE_CLIENT_MAPPING", "/default-client-scopes", Part.SCOPES, ""),
    ("REALM_SCOPE_MAPPING", "/scope-mappings/realm", Part.SCOPE_MAPPINGS, ""),
    ("CLIENT_SCOPE_MAPPING", "/scope-mappings/clients/c2", Part.SCOPE_MAPPINGS, ""),
    ("CLUSTER_NODE", "/nodes/n1", Part.NODES, "n1"),
    ("CLUSTER_NODE", "/test-nodes-available", Part.NODES, ""),
    ("PROTOCOL_MAPPER", "/protocol-mappers/models/m1", Part.MAPPERS, ""),
    ("PROTOCOL_MAPPER", "/protocol-mappers/add-models", Part.MAPPERS, ""),
    ("AUTHORIZATION_RESOURCE_SERVER", "", Part.AUTHORIZATION, ""),
    ("AUTHORIZATION_RESOURCE_SERVER", "/authz/resource-server", Part.AUTHORIZATION, ""),
    ("AUTHORIZATION_POLICY", "/authz/resource-server/policy/p1", Part.REST, ""),
    ("AUTHORIZATION_RESOURCE", "/authz/resource-server/resource/r1", Part.REST, ""),
    ("AUTHORIZATION_SCOPE", "/authz/resource-server/scope/s1", Part.REST, ""),
    ("REALM", "", Part.IMPORTED, ""),
    ("REALM", "/roles/imported", Part.IMPORTED, ""),
]
USERS = [
    ("USER", "", Part.ITSELF, ""),
    ("USER", "/federated-identity/corporate", Part.LINKS, "corporate"),
    ("USER", "/logout", Part.LOGOUT, ""),
    ("USER", "/reset-password", Part.REST, ""),
    ("USER_LOGIN_FAILURE", "", Part.REST, ""),
    ("GROUP_MEMBERSHIP", "/groups/g1", Part.GROUPS, ""),
    ("REALM_ROLE_MAPPING", "/role-mappings/realm", Part.ROLES, ""),
    ("CLIENT_ROLE_MAPPING", "/role-mappings/clients/c2", Part.ROLES, ""),
    ("REALM", "", Part.IMPORTED, ""),
]
ORGANIZATIONS = [
    ("ORGANIZATION", "", Part.ITSELF, ""),
    ("ORGANIZATION", "/anything", Part.REST, ""),
    ("ORGANIZATION", "/identity-providers/corporate", Part.IDENTITY_PROVIDERS, "corporate"),
    ("ORGANIZATION", "/identity-providers/invitro", Part.IDENTITY_PROVIDERS, "invitro"),
    ("ORGANIZATION", "/invitations/i1", Part.INVITATIONS, ""),
    ("ORGANIZATION_MEMBERSHIP", "/members/invite-user", Part.INVITATIONS, ""),
    ("ORGANIZATION_MEMBERSHIP", "/members/invite-existing-user", Part.INVITATIONS, ""),
    ("ORGANIZATION_MEMBERSHIP", "/members", Part.MEMBERS, ""),
    ("ORGANIZATION_MEMBERSHIP", "/members/u1", Part.MEMBERS, "u1"),
    ("ORGANIZATION_GROUP", "/groups", Part.GROUPS, ""),
    ("ORGANIZATION_GROUP", "/groups/g1/children", Part.GROUPS, ""),
    ("ORGANIZATION_GROUP_MEMBERSHIP", "/groups/g1/members/u1", Part.GROUP_MEMBERS, ""),
    ("REALM_ROLE_MAPPING", "/groups/g1/role-mappings/realm", Part.GROUP_ROLES, ""),
    ("CLIENT_ROLE_MAPPING", "/groups/g1/role-mappings/clients/c2", Part.GROUP_ROLES, ""),
    ("REALM", "", Part.IMPORTED, ""),
]
SCOPES = [
    ("CLIENT_SCOPE", "", Part.ITSELF, ""),
    ("PROTOCOL_MAPPER", "/protocol-mappers/models", Part.MAPPERS, ""),
    ("REALM_SCOPE_MAPPING", "/scope-mappings/realm", Part.SCOPE_MAPPINGS, ""),
    ("CLIENT_SCOPE_MAPPING", "/scope-mappings/clients/c2", Part.SCOPE_MAPPINGS, ""),
]
BELOW = [
    (resource, f"{root}/x1{rest}", Touch(thing, "x1", part, name))
    for root, thing, rows in (
        ("clients", Thing.CLIENT, CLIENTS),
        ("users", Thing.USER, USERS),
        ("organizations", Thing.ORGANIZATION, ORGANIZATIONS),
        ("client-scopes", Thing.CLIENT_SCOPE, SCOPES),
    )
    for resource, rest, part, name in rows
]
OTHERS = [
    ("CLIENT_ROLE", "roles-by-id/r1", Touch(Thing.CLIENT_ROLE, "r1", Part.ITSELF)),
    ("CLIENT_ROLE", "roles-by-id/r1/composites", Touch(Thing.CLIENT_ROLE, "r1", Part.ITSELF)),
    ("CLIENT_SCOPE", "default-default-client-scopes/s1", Touch(Thing.IMMATERIAL, "", Part.ITSELF)),
    ("USER_LOGIN_FAILURE", "attack-detection/brute-force/users", Touch(Thing.IMMATERIAL, "", Part.ITSELF)),
    ("REALM_ROLE_MAPPING", "groups/g1/role-mappings/realm", Touch(Thing.IMMATERIAL, "g1", Part.ITSELF)),
    ("CLIENT_ROLE_MAPPING", "groups/g1/role-mappings/clients/c1", Touch(Thing.IMMATERIAL, "g1", Part.ITSELF)),
    ("GROUP", "groups/g1", Touch(Thing.GROUP, "", Part.ITSELF)),
    ("IDENTITY_PROVIDER", "identity-provider/instances/idp", Touch(Thing.IDENTITY_PROVIDER, "", Part.ITSELF)),
    ("REALM_ROLE", "roles/r1", Touch(Thing.REALM_ROLE, "", Part.ITSELF)),
    ("REALM_ROLE", "roles/composites", Touch(Thing.REALM_ROLE, "", Part.ITSELF)),
    ("REALM_ROLE", "roles/r1/composites", Touch(Thing.REALM_ROLE, "r1", Part.COMPOSITES)),
    ("REALM_ROLE", "roles-by-id/r1/composites", Touch(Thing.REALM_ROLE, "r1", Part.COMPOSITES)),
    ("REALM", "", Touch(Thing.REALM, "", Part.ITSELF)),
    ("REALM", "events/config", Touch(Thing.REALM, "", Part.ITSELF)),
    ("REALM", "logout-all", Touch(Thing.ANOTHER, "", Part.ITSELF)),
    ("REALM", "roles/imported", Touch(Thing.ANOTHER, "", Part.ITSELF)),
]
IMMATERIAL = (
    "AUTHENTICATOR_CONFIG",
    "AUTH_EXECUTION",
    "AUTH_EXECUTION_FLOW",
    "AUTH_FLOW",
    "CLIENT_INITIAL_ACCESS_MODEL",
    "IDENTITY_PROVIDER_MAPPER",
    "REQUIRED_ACTION",
    "REQUIRED_ACTION_CONFIG",
)
ANOTHER = ("COMPONENT", "USER_FEDERATION_MAPPER", "USER_FEDERATION_PROVIDER", "USER_PROFILE", "USER_SESSION")
ANYWHERE = [
    (resource, "any/where", Touch(thing, "", Part.ITSELF))
    for thing, resources in ((Thing.IMMATERIAL, IMMATERIAL), (Thing.ANOTHER, ANOTHER))
    for resource in resources
]
EVERY = [*BELOW, *OTHERS, *ANYWHERE]


@pytest.mark.parametrize(("resource", "path", "expected"), EVERY, ids=[f"{r} {p}" for r, p, _ in EVERY])
def test_an_event_touches_what_its_path_names(resource: str, path: str, expected: Touch) -> None:
    assert touch(resource, path) == expected


def test_every_row_is_shown_by_an_example() -> None:
    assert {resource for resource, _, _ in EVERY} == UNDERSTOOD

    def fits(row: int, resource: str, path: str) -> bool:
        return resource in CATALOGUE[row].resources.split() and CATALOGUE[row].form.fullmatch(path) is not None

    used = {next(row for row in range(len(CATALOGUE)) if fits(row, resource, path)) for resource, path, _ in EVERY}
    assert used == set(range(len(CATALOGUE)))


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ("SOMETHING_NEW", "clients/c1"),
        ("CUSTOM", "clients/c1"),
        ("AUTHORIZATION_SOMETHING_NEW", "clients/c1"),
        ("", "clients/c1"),
        ("CLIENT", ""),
        ("CLIENT", "clients"),
        ("CLIENT", "clients/"),
        ("CLIENT", "more/clients/c1"),
        ("CLIENT", "clients-initial-access/c1"),
        ("CLIENT_ROLE", "roles/r1"),
        ("USER", "attack-detection/brute-force/users"),
        ("USER", "organizations/o1/members/u1"),
        ("GROUP_MEMBERSHIP", "groups/g1/members"),
        ("REALM_ROLE_MAPPING", "clients/c1/role-mappings"),
        ("PROTOCOL_MAPPER", "client-templates/t1/protocol-mappers"),
        ("ORGANIZATION", "organizations-of/o1"),
    ],
)
def test_what_has_no_row_is_not_understood(resource: str, path: str) -> None:
    assert touch(resource, path) is None


def test_an_id_is_a_whole_segment_of_the_path() -> None:
    found = touch("CLIENT_ROLE", "clients/c11/roles/c1")
    assert found is not None
    assert found.id == "c11"


def test_the_types_of_parts_are_those_of_their_rows() -> None:
    wanted = {Thing.CLIENT: frozenset({Part.OWN_ROLES, Part.NODES}), Thing.ORGANIZATION: frozenset({Part.GROUP_ROLES})}
    assert types_of(wanted) == {"CLIENT_ROLE", "CLUSTER_NODE", "CLIENT_ROLE_MAPPING", "REALM_ROLE_MAPPING"}
    assert types_of({Thing.ORGANIZATION: frozenset({Part.NODES})}) == frozenset()


def test_keycloak_is_asked_for_paths_of_one_object_or_of_all() -> None:
    assert paths_of(Thing.CLIENT, "c1") == "clients/c1*"
    assert paths_of(Thing.ORGANIZATION, "o1", "/members") == "organizations/o1/members*"
    assert paths_of(Thing.USER, "u1") == "users/u1*"
    assert paths_of(Thing.CLIENT_SCOPE) == "client-scopes/*"
