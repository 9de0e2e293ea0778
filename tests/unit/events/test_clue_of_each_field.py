"""Which event shows the change of which field: of this object, of this part, by the operation that makes it."""

import pytest

from reconciler.events.clues import Clue, clue
from reconciler.kinds.client import fields as client
from reconciler.kinds.organization import fields as people
from reconciler.kinds.realm import fields as realm
from reconciler.model.address import Address
from reconciler.model.attribution import AdminEvent, EventSubject
from reconciler.model.change import FieldChange, Reason
from reconciler.model.value import Value
from tests.builders import ACME, ACME_CLIENT, ACME_WEBHOOK, REALM
from tests.unit.events.recorded import an_event

CLIENT = EventSubject("c1", "u1", "service-account-x", ("o1",), scopes={"profile": "s1"})
ORGANIZATION, OF_REALM = EventSubject("o1"), EventSubject(scopes={"basic": "s1", "nt24-organization": "s3"})
ROLE = [{"name": "r"}]


def clue_of(address: Address, subject: EventSubject, path: str, before: Value, after: Value = None) -> Clue:
    found = clue(address, FieldChange(path, before, after, Reason.KEYCLOAK_CHANGED), subject)
    assert found is not None
    return found


OF_A_CLIENT = [
    (client.LINKS, ("idp",), "USER", "users/{}/federated-identity/idp", None),
    (client.GROUPS, ("/g",), "GROUP_MEMBERSHIP", "users/{}/groups/g1", {"path": "/g"}),
    (client.ROLES, ("r",), "REALM_ROLE_MAPPING", "users/{}/role-mappings/realm", ROLE),
    (client.ROLES, ("c/r",), "CLIENT_ROLE_MAPPING", "users/{}/role-mappings/clients/c", ROLE),
]
OF_ITS_OWN = [
    (client.NODES, {"n": 1}, "CLUSTER_NODE", "clients/{}/nodes/n", None),
    (client.OWN_ROLES, ("r",), "CLIENT_ROLE", "clients/{}/roles/r", None),
    (client.SCOPE_MAPPINGS, ("r",), "REALM_SCOPE_MAPPING", "clients/{}/scope-mappings/realm", ROLE),
    (client.DEFAULT_SCOPES, ("profile",), "CLIENT_SCOPE_CLIENT_MAPPING", "clients/{}/default-client-scopes/s1", None),
    (client.OPTIONAL_SCOPES, ("profile",), "CLIENT_SCOPE_CLIENT_MAPPING", "clients/{}/optional-client-scopes/s1", None),
]
OF_AN_ORGANIZATION = [
    (people.GROUPS, ("g",), "ORGANIZATION_GROUP", "organizations/{}/groups", {"name": "g"}),
    (people.IDENTITY_PROVIDERS, ("idp",), "ORGANIZATION", "organizations/{}/identity-providers/idp", None),
]
SETS = [
    *((ACME_CLIENT, CLIENT, "u1", *row) for row in OF_A_CLIENT),
    *((ACME_CLIENT, CLIENT, "c1", *row) for row in OF_ITS_OWN),
    *((ACME, ORGANIZATION, "o1", *row) for row in OF_AN_ORGANIZATION),
]


@pytest.mark.parametrize(("address", "subject", "own_id", "path", "names", "resource", "where", "sent"), SETS)
def test_of_names_whoever_added_or_removed_one_is_shown(
    address: Address,
    subject: EventSubject,
    own_id: str,
    path: str,
    names: Value,
    resource: str,
    where: str,
    sent: object,
) -> None:
    def event(operation: str, of: str = own_id, kind: str = resource) -> AdminEvent:
        return an_event(operation, kind, where.format(of), sent)

    added, removed = clue_of(address, subject, path, names), clue_of(address, subject, path, None, names)
    create, delete = event("CREATE"), event("DELETE")
    assert (added.shows([create], False), added.shows([delete], False)) == (create, None)
    assert (removed.shows([delete], False), removed.shows([create], False)) == (delete, None)
    for one in (create, delete):
        assert added.may_be(one)
        assert removed.may_be(one)
    for other in (event("CREATE", own_id + "1"), event("CREATE", kind="AUTH_FLOW"), event("UPDATE")):
        assert added.shows([other], True) is None
    assert not added.may_be(event("CREATE", own_id + "1"))
    assert not added.may_be(event("CREATE", kind="AUTH_FLOW"))


@pytest.mark.parametrize(
    ("address", "subject", "path", "resource", "where"),
    [
        (ACME, ORGANIZATION, people.ACCOUNTS_IN_GROUPS, "ORGANIZATION_GROUP_MEMBERSHIP", "organizations/{}1/groups/g"),
        (ACME, ORGANIZATION, people.INVITATIONS, "ORGANIZATION_MEMBERSHIP", "organizations/{}1/members/invite-user"),
        (ACME_CLIENT, CLIENT, client.CREDENTIALS, "REALM", "users/{}1"),
        (ACME_CLIENT, CLIENT, "serviceAccount.notBefore", "USER", "users/{}1/logout"),
    ],
)
def test_what_an_event_does_by_itself_is_shown_by_it(
    address: Address, subject: EventSubject, path: str, resource: str, where: str
) -> None:
    own = clue_of(address, subject, path, ("x",))
    prefix = "u" if "users" in where else "o"
    event, other = (an_event("ACTION", resource, where.format(own_id)) for own_id in (prefix, prefix + "2"))
    assert own.shows([event], False) is event
    assert own.may_be(event)
    assert own.shows([other], True) is None
    assert not own.may_be(other)


def test_a_membership_is_shown_by_who_joined_and_by_who_left() -> None:
    joined = an_event("CREATE", "ORGANIZATION_MEMBERSHIP", "organizations/o2/members", {"alias": "b"},
                      username="Service-Account-X")  # fmt: skip
    left = an_event("DELETE", "ORGANIZATION_MEMBERSHIP", "organizations/o2/members/u1", {"alias": "b"})
    another = an_event("CREATE", "ORGANIZATION_MEMBERSHIP", "organizations/o2/members/u2", {"alias": "b"}, username="y")
    gone = an_event("DELETE", "ORGANIZATION", "organizations/o1")
    other = an_event("DELETE", "ORGANIZATION", "organizations/o3")
    remade = an_event("DELETE", "USER", "users/u0", {"username": "service-account-x"})
    foreign = clue_of(ACME_CLIENT, CLIENT, client.ORGANIZATIONS, ("a", "b"), ("a",))
    missing = clue_of(ACME_CLIENT, CLIENT, client.ORGANIZATIONS, ("a",), ("a", "b"))
    events = [joined, left, another, gone, other, remade]
    assert [foreign.shows([each], False) for each in events] == [joined, None, None, None, None, None]
    assert [missing.shows([each], False) for each in events] == [None, left, None, gone, None, remade]
    assert [foreign.may_be(each) for each in events] == [True, False, False, False, False, False]
    assert [missing.may_be(each) for each in events] == [False, True, False, False, False, False]
    told = an_event("CREATE", "ORGANIZATION", "organizations/o3", {"alias": "b"})
    assert missing.shows([other, told], False) is other


def test_roles_are_lost_with_the_account_and_come_with_authorization_services() -> None:
    roles = clue_of(ACME_CLIENT, CLIENT, client.ROLES, ("r",))
    may_be = [
        an_event("UPDATE", "REALM", "users/u1"),
        an_event("UPDATE", "CLIENT", "clients/c1", {"serviceAccountsEnabled": False}),
        an_event("DELETE", "USER", "users/u0", {"username": "service-account-x"}),
        an_event("CREATE", "AUTHORIZATION_RESOURCE_SERVER", "clients/c1"),
    ]
    never = [
        an_event("UPDATE", "REALM", "users/u2"),
        an_event("UPDATE", "CLIENT", "clients/c1", {"serviceAccountsEnabled": True}),
        an_event("UPDATE", "CLIENT", "clients/c2", {"serviceAccountsEnabled": False}),
        an_event("DELETE", "USER", "users/u0", {"username": "service-account-y"}),
        an_event("UPDATE", "USER", "users/u0", {"username": "service-account-x"}),
        an_event("CREATE", "AUTHORIZATION_RESOURCE_SERVER", "clients/c2"),
    ]
    assert all(map(roles.may_be, may_be))
    assert not any(map(roles.may_be, never))


def test_a_mapper_is_shown_by_the_last_event_that_sent_it() -> None:
    where = "clients/c1/protocol-mappers/models"
    sent = {"name": "m", "protocol": "openid-connect", "protocolMapper": "x", "config": {}}
    mapper = clue_of(ACME_CLIENT, CLIENT, f"{client.MAPPER}m.protocolMapper", "x", "y")
    made, other = (
        an_event("CREATE", "PROTOCOL_MAPPER", where, sent),
        an_event("CREATE", "PROTOCOL_MAPPER", where, {"name": "n"}),
    )
    removed = an_event("DELETE", "PROTOCOL_MAPPER", f"{where}/m1")
    of_scope = an_event("CREATE", "PROTOCOL_MAPPER", "client-scopes/s1/protocol-mappers/models", sent)
    assert mapper.shows([other, made], False) is made
    assert (
        mapper.shows([an_event("UPDATE", "PROTOCOL_MAPPER", where, {**sent, "protocolMapper": "z"}), made], False)
        is None
    )
    assert mapper.shows([of_scope], False) is None
    assert [mapper.may_be(each) for each in (made, other, removed, of_scope)] == [True, False, True, False]


def test_of_the_realm_settings_default_roles_and_scopes_are_told_apart() -> None:
    address = Address.realm(REALM)
    setting = clue_of(address, OF_REALM, "adminEvents.enabled", False, True)
    off = an_event("UPDATE", "REALM", "events/config", {"adminEventsEnabled": False})
    on = an_event("UPDATE", "REALM", "", {"adminEventsEnabled": True})
    imported = an_event("UPDATE", "REALM", "clients/c1", {"adminEventsEnabled": False})
    assert setting.shows([off, on], False) is off
    assert setting.shows([imported, on], False) is None
    roles = clue_of(address, OF_REALM, realm.DEFAULT_ROLES, ("r",))
    given = an_event("CREATE", "REALM_ROLE", "roles/default-roles-x/composites", ROLE)
    assert roles.shows([given], False) is given
    assert not roles.may_be(an_event("CREATE", "REALM_ROLE", "roles/r"))
    mappings = clue_of(address, OF_REALM, "keycloak.clientScopes.basic.scopeMappings", ("r",))
    mapped = an_event("CREATE", "REALM_SCOPE_MAPPING", "client-scopes/s1/scope-mappings/realm", ROLE)
    assert mappings.shows([mapped], False) is mapped
    assert not mappings.may_be(an_event("CREATE", "REALM_SCOPE_MAPPING", "client-scopes/s2/scope-mappings/realm", ROLE))
    whole = clue_of(address, OF_REALM, "keycloak.organizationScope.protocol", "saml")
    written = an_event("UPDATE", "CLIENT_SCOPE", "client-scopes/s3")
    assert (whole.shows([written], True), whole.may_be(written)) == (None, True)


def test_nothing_tells_of_a_webhook() -> None:
    assert clue(ACME_WEBHOOK, FieldChange("url", "a", "b", Reason.KEYCLOAK_CHANGED), ORGANIZATION) is None
