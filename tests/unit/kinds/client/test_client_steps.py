"""Which writes lead a client from one state to another."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from reconciler.kinds.client import representation as client
from reconciler.kinds.client.fields import (
    CREDENTIALS,
    DEFAULT_SCOPES,
    NODES,
    OPTIONAL_SCOPES,
    ORGANIZATIONS,
    ROLES,
    SCOPE_MAPPINGS,
)
from reconciler.kinds.registry import kind_of
from reconciler.model.change import Action, Change, Step, Verb
from reconciler.model.observed import NewUserDefaults
from reconciler.model.value import Fields, Value
from tests.builders import ACME_CLIENT, a_client

NOTHING_GIVEN = NewUserDefaults()
DESIRED = client.desired_fields("acme", a_client(), "us", protected=False)


def steps(
    action: Action,
    before: Fields | None,
    after: Fields | None,
    changed: Iterable[str],
    *,
    renamed_from: str = "",
    new_user_defaults: NewUserDefaults = NOTHING_GIVEN,
) -> tuple[Step, ...]:
    change = Change(ACME_CLIENT, action, before, after, (), ())
    change = replace(change, renamed_from=renamed_from, new_user_defaults=new_user_defaults)
    return kind_of(ACME_CLIENT).steps(change, tuple(changed))


def updates(before: dict[str, Value], *changed: str) -> list[tuple[Verb, dict[str, Value]]]:
    found = steps(Action.UPDATE, before, DESIRED, changed)
    return [(step.verb, dict(step.body)) for step in found]


def test_a_creation_sends_the_whole_client_and_joins_the_organization() -> None:
    create, *rest = steps(Action.CREATE, None, DESIRED, ())
    assert create.verb is Verb.CREATE_CLIENT
    assert create.body["clientId"] == "api-client-acme"
    assert create.body["defaultClientScopes"] == ("basic", "nt24-organization", "service_account")
    assert create.body["optionalClientScopes"] == ()
    assert [(step.verb, dict(step.body)) for step in rest] == [(Verb.JOIN_ORGANIZATION, {"organization": "acme"})]


def test_a_deletion_is_one_write() -> None:
    assert [step.verb for step in steps(Action.DELETE, {}, None, ())] == [Verb.DELETE_CLIENT]


def test_no_change_is_no_write() -> None:
    assert steps(Action.UPDATE, {}, DESIRED, ()) == ()


def test_an_extra_attribute_is_sent_as_nothing() -> None:
    path = "keycloak.attributes.oauth2.device.authorization.grant.enabled"
    attributes = {"oauth2.device.authorization.grant.enabled": None}
    assert updates({path: "true"}, path) == [(Verb.UPDATE_CLIENT, {"attributes": attributes})]


def test_a_key_that_nobody_declares_is_sent_empty() -> None:
    assert updates({"keycloak.rootUrl": "https://x"}, "keycloak.rootUrl") == [(Verb.UPDATE_CLIENT, {"rootUrl": ""})]


def test_all_mappers_go_where_one_is_there() -> None:
    path = "keycloak.protocolMappers.spoof"
    assert updates({path: {"config": {}}}, path) == [(Verb.UPDATE_CLIENT, {"protocolMappers": ()})]


def test_scopes_are_taken_before_any_is_given() -> None:
    before: dict[str, Value] = {
        DEFAULT_SCOPES: ("nt24-organization", "profile", "service_account"),
        OPTIONAL_SCOPES: ("basic",),
    }
    assert updates(before, DEFAULT_SCOPES, OPTIONAL_SCOPES) == [
        (Verb.REMOVE_CLIENT_SCOPE, {"name": "profile", "default": True}),
        (Verb.REMOVE_CLIENT_SCOPE, {"name": "basic", "default": False}),
        (Verb.ADD_CLIENT_SCOPE, {"name": "basic", "default": True}),
    ]


def test_a_client_that_moves_joins_before_it_leaves_and_stays_where_it_cannot_leave() -> None:
    join, leave = steps(Action.UPDATE, {ORGANIZATIONS: ("beta",)}, DESIRED, [ORGANIZATIONS])
    assert join == Step(
        Verb.JOIN_ORGANIZATION,
        {"organization": "acme"},
        undo=Step(Verb.LEAVE_ORGANIZATION, {"organization": "acme"}),
    )
    assert leave == Step(Verb.LEAVE_ORGANIZATION, {"organization": "beta"})


def test_foreign_organizations_beside_another_are_left_before_anything_else() -> None:
    before: dict[str, Value] = {ORGANIZATIONS: ("beta", "gamma")}
    found = steps(Action.UPDATE, before, DESIRED, [ORGANIZATIONS])
    assert [(step.verb, step.body["organization"], step.first) for step in found] == [
        (Verb.LEAVE_ORGANIZATION, "beta", True),
        (Verb.LEAVE_ORGANIZATION, "gamma", True),
        (Verb.JOIN_ORGANIZATION, "acme", False),
    ]


def test_a_client_is_disabled_then_closed_and_the_rest_waits() -> None:
    before: dict[str, Value] = {"enabled": True, "keycloak.publicClient": True, "description": "ERP"}
    wanted = {**DESIRED, "enabled": False}
    found = steps(Action.UPDATE, before, wanted, before, renamed_from="api-client-old")
    assert [(dict(step.body), step.first) for step in found] == [
        ({"enabled": False}, True),
        ({"publicClient": False}, True),
        ({"clientId": "api-client-acme", "description": ""}, False),
    ]


def test_access_is_given_after_what_it_waits_for() -> None:
    before: dict[str, Value] = {"enabled": False, SCOPE_MAPPINGS: ("old",), ROLES: ("old",)}
    found = steps(Action.UPDATE, before, {**DESIRED, ROLES: ("new",)}, before)
    assert [(step.verb, step.first) for step in found] == [
        (Verb.UPDATE_CLIENT, False),
        (Verb.REMOVE_SCOPE_MAPPING, True),
        (Verb.REVOKE_ROLE, True),
        (Verb.GRANT_ROLE, False),
    ]


def test_the_client_is_written_before_its_service_account_and_membership() -> None:
    before: dict[str, Value] = {"keycloak.publicClient": True, "serviceAccount.enabled": False}
    paths = ("keycloak.publicClient", "serviceAccount.enabled", ORGANIZATIONS)
    assert [verb for verb, _ in updates(before, *paths)] == [
        Verb.UPDATE_CLIENT,
        Verb.UPDATE_SERVICE_ACCOUNT,
        Verb.JOIN_ORGANIZATION,
    ]


NEW_ACCOUNT = [
    (Verb.UPDATE_SERVICE_ACCOUNT, {"requiredActions": ()}),
    (Verb.LEAVE_GROUP, {"path": "/staff"}),
    (Verb.GRANT_ROLE, {"role": "reports"}),
    (Verb.JOIN_ORGANIZATION, {"organization": "acme"}),
]
"""What brings a new service account to what is declared, in a realm that welcomes new users."""


@pytest.mark.parametrize(
    ("before", "first"),
    [
        ({"keycloak.serviceAccountsEnabled": False}, (Verb.UPDATE_CLIENT, {"serviceAccountsEnabled": True})),
        ({CREDENTIALS: ("password",), ROLES: ("reports",)}, (Verb.REPLACE_SERVICE_ACCOUNT, {})),
        ({"serviceAccount.notBefore": 7, ORGANIZATIONS: ("acme",)}, (Verb.REPLACE_SERVICE_ACCOUNT, {})),
        ({"serviceAccount.totp": True, "serviceAccount.firstName": "Eve"}, (Verb.REPLACE_SERVICE_ACCOUNT, {})),
    ],
)
def test_a_service_account_that_is_made_anew_gets_all_that_is_declared_and_nothing_else(
    before: dict[str, Value], first: tuple[Verb, dict[str, Value]]
) -> None:
    wanted = {**DESIRED, ROLES: ("reports",)}
    new_user_defaults = NewUserDefaults(groups=("/staff",), actions=("UPDATE_PASSWORD",))
    found = steps(Action.UPDATE, before, wanted, before.keys(), new_user_defaults=new_user_defaults)
    assert [(step.verb, dict(step.body)) for step in found] == [first, *NEW_ACCOUNT]


def test_a_creation_gives_back_what_the_realm_gives_every_new_user() -> None:
    new_user_defaults = NewUserDefaults(groups=("/staff",), actions=("UPDATE_PASSWORD",))
    wanted = {**DESIRED, ROLES: ("reports",)}
    _, *rest = steps(Action.CREATE, None, wanted, (), new_user_defaults=new_user_defaults)
    assert [(step.verb, dict(step.body)) for step in rest] == NEW_ACCOUNT


def test_each_node_is_taken_away_by_a_write_of_its_own() -> None:
    nodes: dict[str, Value] = {NODES: {"b.example": 1, "a.example": 2}}
    assert updates(nodes, NODES) == [
        (Verb.UNREGISTER_NODE, {"node": "a.example"}),
        (Verb.UNREGISTER_NODE, {"node": "b.example"}),
    ]
