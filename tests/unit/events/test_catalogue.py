"""What each event touches, by the paths that Keycloak 26.7.5 records; what has no row may be anything."""

import pytest

from reconciler.events.catalogue import CATALOGUE, UNDERSTOOD, paths_of, touch_of, types_of
from reconciler.model.touch import Aspect, Thing, Touch
from tests.unit.events.recorded import an_event


def touch(resource: str, path: str) -> Touch | None:
    return touch_of(an_event("UPDATE", resource, path))


CLIENTS = [
    ("CLIENT", "", Aspect.ITSELF, ""),
    ("CLIENT", "/client-secret", Aspect.REST, ""),
    ("CLIENT", "/client-secret/rotated", Aspect.REST, ""),
    ("CLIENT", "/registration-access-token", Aspect.REST, ""),
    ("CLIENT_ROLE", "/roles", Aspect.OWN_ROLES, ""),
    ("CLIENT_ROLE", "/roles/reader", Aspect.OWN_ROLES, "reader"),
    ("CLIENT_ROLE", "/roles/a/b", Aspect.OWN_ROLES, "a/b"),
    ("CLIENT_ROLE", "/roles/composites", Aspect.OWN_ROLES, "composites"),
    ("CLIENT_ROLE", "/roles/reader/composites", Aspect.OWN_ROLES, ""),
    ("CLIENT_SCOPE_CLIENT_MAPPING", "/default-client-scopes/s1", Aspect.SCOPES, "s1"),
    ("CLIENT_SCOPE_CLIENT_MAPPING", "/optional-client-scopes/s1", Aspect.SCOPES, "s1"),
    ("CLIENT_SCOPE_CLIENT_MAPPING", "/default-client-scopes", Aspect.SCOPES, ""),
    ("REALM_SCOPE_MAPPING", "/scope-mappings/realm", Aspect.SCOPE_MAPPINGS, ""),
    ("CLIENT_SCOPE_MAPPING", "/scope-mappings/clients/c2", Aspect.SCOPE_MAPPINGS, ""),
    ("CLUSTER_NODE", "/nodes/n1", Aspect.NODES, "n1"),
    ("CLUSTER_NODE", "/test-nodes-available", Aspect.NODES, ""),
    ("PROTOCOL_MAPPER", "/protocol-mappers/models/m1", Aspect.MAPPERS, ""),
    ("PROTOCOL_MAPPER", "/protocol-mappers/add-models", Aspect.MAPPERS, ""),
    ("AUTHORIZATION_RESOURCE_SERVER", "", Aspect.AUTHORIZATION, ""),
    ("AUTHORIZATION_RESOURCE_SERVER", "/authz/resource-server", Aspect.AUTHORIZATION, ""),
    ("AUTHORIZATION_POLICY", "/authz/resource-server/policy/p1", Aspect.REST, ""),
    ("AUTHORIZATION_RESOURCE", "/authz/resource-server/resource/r1", Aspect.REST, ""),
    ("AUTHORIZATION_SCOPE", "/authz/resource-server/scope/s1", Aspect.REST, ""),
    ("REALM", "", Aspect.IMPORTED, ""),
    ("REALM", "/roles/imported", Aspect.IMPORTED, ""),
]
USERS = [
    ("USER", "", Aspect.ITSELF, ""),
    ("USER", "/federated-identity/corporate", Aspect.LINKS, "corporate"),
    ("USER", "/logout", Aspect.LOGOUT, ""),
    ("USER", "/reset-password", Aspect.REST, ""),
    ("USER_LOGIN_FAILURE", "", Aspect.REST, ""),
    ("GROUP_MEMBERSHIP", "/groups/g1", Aspect.GROUPS, ""),
    ("REALM_ROLE_MAPPING", "/role-mappings/realm", Aspect.ROLES, ""),
    ("CLIENT_ROLE_MAPPING", "/role-mappings/clients/c2", Aspect.ROLES, ""),
    ("REALM", "", Aspect.IMPORTED, ""),
]
ORGANIZATIONS = [
    ("ORGANIZATION", "", Aspect.ITSELF, ""),
    ("ORGANIZATION", "/anything", Aspect.REST, ""),
    ("ORGANIZATION", "/identity-providers/corporate", Aspect.IDENTITY_PROVIDERS, "corporate"),
    ("ORGANIZATION", "/identity-providers/invitro", Aspect.IDENTITY_PROVIDERS, "invitro"),
    ("ORGANIZATION", "/invitations/i1", Aspect.INVITATIONS, ""),
    ("ORGANIZATION_MEMBERSHIP", "/members/invite-user", Aspect.INVITATIONS, ""),
    ("ORGANIZATION_MEMBERSHIP", "/members/invite-existing-user", Aspect.INVITATIONS, ""),
    ("ORGANIZATION_MEMBERSHIP", "/members", Aspect.MEMBERS, ""),
    ("ORGANIZATION_MEMBERSHIP", "/members/u1", Aspect.MEMBERS, "u1"),
    ("ORGANIZATION_GROUP", "/groups", Aspect.GROUPS, ""),
    ("ORGANIZATION_GROUP", "/groups/g1/children", Aspect.GROUPS, ""),
    ("ORGANIZATION_GROUP_MEMBERSHIP", "/groups/g1/members/u1", Aspect.GROUP_MEMBERS, ""),
    ("REALM_ROLE_MAPPING", "/groups/g1/role-mappings/realm", Aspect.GROUP_ROLES, ""),
    ("CLIENT_ROLE_MAPPING", "/groups/g1/role-mappings/clients/c2", Aspect.GROUP_ROLES, ""),
    ("REALM", "", Aspect.IMPORTED, ""),
]
SCOPES = [
    ("CLIENT_SCOPE", "", Aspect.ITSELF, ""),
    ("PROTOCOL_MAPPER", "/protocol-mappers/models", Aspect.MAPPERS, ""),
    ("REALM_SCOPE_MAPPING", "/scope-mappings/realm", Aspect.SCOPE_MAPPINGS, ""),
    ("CLIENT_SCOPE_MAPPING", "/scope-mappings/clients/c2", Aspect.SCOPE_MAPPINGS, ""),
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
    ("CLIENT_ROLE", "roles-by-id/r1", Touch(Thing.CLIENT_ROLE, "r1", Aspect.ITSELF)),
    ("CLIENT_ROLE", "roles-by-id/r1/composites", Touch(Thing.CLIENT_ROLE, "r1", Aspect.ITSELF)),
    ("CLIENT_SCOPE", "default-default-client-scopes/s1", Touch(Thing.IMMATERIAL, "", Aspect.ITSELF)),
    ("USER_LOGIN_FAILURE", "attack-detection/brute-force/users", Touch(Thing.IMMATERIAL, "", Aspect.ITSELF)),
    ("REALM_ROLE_MAPPING", "groups/g1/role-mappings/realm", Touch(Thing.IMMATERIAL, "g1", Aspect.ITSELF)),
    ("CLIENT_ROLE_MAPPING", "groups/g1/role-mappings/clients/c1", Touch(Thing.IMMATERIAL, "g1", Aspect.ITSELF)),
    ("GROUP", "groups/g1", Touch(Thing.GROUP, "", Aspect.ITSELF)),
    ("IDENTITY_PROVIDER", "identity-provider/instances/idp", Touch(Thing.IDENTITY_PROVIDER, "", Aspect.ITSELF)),
    ("REALM_ROLE", "roles/r1", Touch(Thing.REALM_ROLE, "", Aspect.ITSELF)),
    ("REALM_ROLE", "roles/composites", Touch(Thing.REALM_ROLE, "", Aspect.ITSELF)),
    ("REALM_ROLE", "roles/r1/composites", Touch(Thing.REALM_ROLE, "r1", Aspect.COMPOSITES)),
    ("REALM_ROLE", "roles-by-id/r1/composites", Touch(Thing.REALM_ROLE, "r1", Aspect.COMPOSITES)),
    ("REALM", "", Touch(Thing.REALM, "", Aspect.ITSELF)),
    ("REALM", "events/config", Touch(Thing.REALM, "", Aspect.ITSELF)),
    ("REALM", "logout-all", Touch(Thing.ANOTHER, "", Aspect.ITSELF)),
    ("REALM", "roles/imported", Touch(Thing.ANOTHER, "", Aspect.ITSELF)),
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
    (resource, "any/where", Touch(thing, "", Aspect.ITSELF))
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
    wanted = {
        Thing.CLIENT: frozenset({Aspect.OWN_ROLES, Aspect.NODES}),
        Thing.ORGANIZATION: frozenset({Aspect.GROUP_ROLES}),
    }
    assert types_of(wanted) == {"CLIENT_ROLE", "CLUSTER_NODE", "CLIENT_ROLE_MAPPING", "REALM_ROLE_MAPPING"}
    assert types_of({Thing.ORGANIZATION: frozenset({Aspect.NODES})}) == frozenset()


def test_keycloak_is_asked_for_paths_of_one_object_or_of_all() -> None:
    assert paths_of(Thing.CLIENT, "c1") == "clients/c1*"
    assert paths_of(Thing.ORGANIZATION, "o1", "/members") == "organizations/o1/members*"
    assert paths_of(Thing.USER, "u1") == "users/u1*"
    assert paths_of(Thing.CLIENT_SCOPE) == "client-scopes/*"
