"""What of the remembered objects is read again after an event."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.events.touched import touched
from reconciler.model.checkpoint import Checkpoint, Member
from reconciler.model.observed import ClientObservation
from tests.unit.events.recorded import an_event


def client(user: str = "", **held: Any) -> ClientObservation:
    return replace(ClientObservation("uuid", "id", {}, {"id": user} if user else None, ()), **held)


CHECKPOINT = Checkpoint(
    "https://idp",
    "realm",
    "owner",
    datetime(2026, 11, 1, tzinfo=UTC),
    clients={
        "c1": client("u1"),
        "c2": client("u2", roles=("r",)),
        "c3": client("u3", own_roles=("r",)),
        "c4": client("u4", scope_mappings=("r",)),
        "c5": client("u5", groups=("/g",)),
        "c6": client("u6", links=("idp",)),
        "c7": client(),
    },
    members={"o1": (Member("u1", "a"), Member("p1", "b")), "o2": (Member("u2", "c"),), "o3": (Member("u1", "a"),)},
    watched=frozenset({"o9"}),
)
NOBODY: tuple[set[str], set[str]] = (set(), set())
WITH_ROLES = ({"c2", "c3", "c4"}, {"o2"})
EVERYTHING = "everything"


def again(operation: str, resource: str, path: str, content: object = None) -> tuple[set[str], set[str]] | str:
    """Return which clients and organizations are read again, beside those that are watched."""
    found = touched([an_event(operation, resource, path, content)], CHECKPOINT)
    if found.unknown:
        assert found.unknown == f"{operation} {resource} {path}".rstrip()
        return EVERYTHING
    assert "o9" in found.organizations
    return found.clients, found.organizations - {"o9"}


def test_a_client_scope_is_read_again_after_any_event_of_it() -> None:
    for resource in ("CLIENT_SCOPE", "CLIENT_SCOPE_MAPPING", "PROTOCOL_MAPPER", "REALM_SCOPE_MAPPING"):
        below = "" if resource == "CLIENT_SCOPE" else "/below"
        assert touched([an_event("CREATE", resource, f"client-scopes/s1{below}")], CHECKPOINT).scopes == {"s1"}


def test_without_events_only_what_is_watched_is_read_again() -> None:
    found = touched([], CHECKPOINT)
    assert (found.clients, found.organizations, found.watched, found.unknown) == (set(), {"o9"}, {"o9"}, "")


@pytest.mark.parametrize(
    ("operation", "resource", "path", "expected"),
    [
        ("UPDATE", "CLIENT", "clients/c1", ({"c1"}, {"o1", "o3"})),
        ("ACTION", "CLIENT", "clients/c7/client-secret", ({"c7"}, set())),
        ("CREATE", "CLIENT_ROLE", "clients/c2/roles/r", ({"c2"}, {"o2"})),
        ("CREATE", "AUTHORIZATION_POLICY", "clients/c2/authz/x", ({"c2"}, {"o2"})),
        ("CREATE", "CLIENT", "clients/new", NOBODY),
        ("ACTION", "CLIENT", "clients/other/client-secret", NOBODY),
        ("UPDATE", "CLIENT", "clients/other", WITH_ROLES),
        ("DELETE", "CLIENT", "clients/other", WITH_ROLES),
        ("DELETE", "CLIENT_ROLE", "clients/other/roles/r", WITH_ROLES),
        ("CREATE", "CLIENT_ROLE", "clients/other/roles/r", NOBODY),
        ("UPDATE", "CLIENT_ROLE", "roles-by-id/r1", WITH_ROLES),
        ("CREATE", "CLIENT_ROLE", "roles-by-id/r1/composites", NOBODY),
        ("UPDATE", "CLIENT", "roles/c1", EVERYTHING),
        ("UPDATE", "PROTOCOL_MAPPER", "client-scopes/s1/protocol-mappers/models/m", NOBODY),
        ("DELETE", "REALM_SCOPE_MAPPING", "client-scopes/s1/scope-mappings/realm", NOBODY),
        ("DELETE", "CLIENT_SCOPE", "client-scopes/s1", NOBODY),
        ("UPDATE", "USER", "users/u1", ({"c1"}, {"o1", "o3"})),
        ("CREATE", "REALM_ROLE_MAPPING", "users/u1/role-mappings/realm", ({"c1"}, {"o1", "o3"})),
        ("DELETE", "USER", "users/p1", (set(), {"o1"})),
        ("CREATE", "USER", "users/new", NOBODY),
        ("DELETE", "USER_LOGIN_FAILURE", "attack-detection/brute-force/users", NOBODY),
        ("CREATE", "REALM_ROLE_MAPPING", "groups/g1/role-mappings/realm", NOBODY),
        ("UPDATE", "ORGANIZATION", "organizations/o5", (set(), {"o5"})),
        ("CREATE", "ORGANIZATION_MEMBERSHIP", "organizations/o5/members", (set(), {"o5"})),
        ("CREATE", "REALM_ROLE_MAPPING", "organizations/o5/groups/g/role-mappings/realm", (set(), {"o5"})),
        ("DELETE", "GROUP", "groups/g1", ({"c5"}, set())),
        ("DELETE", "IDENTITY_PROVIDER", "identity-provider/instances/idp", ({"c6"}, set())),
        ("CREATE", "REALM_ROLE", "roles/r", NOBODY),
        ("UPDATE", "REALM_ROLE", "roles/r", EVERYTHING),
        ("DELETE", "REALM_ROLE", "roles-by-id/r", EVERYTHING),
        ("DELETE", "REALM_ROLE", "roles/composites", EVERYTHING),
        ("CREATE", "REALM_ROLE", "roles/r/composites", NOBODY),
        ("DELETE", "REALM_ROLE", "roles/r/composites", EVERYTHING),
        ("UPDATE", "AUTH_FLOW", "authentication/flows/f", NOBODY),
        ("UPDATE", "COMPONENT", "components/k", EVERYTHING),
        ("DELETE", "USER_SESSION", "sessions/s", EVERYTHING),
        ("UPDATE", "REALM", "clients/c1", EVERYTHING),
        ("UPDATE", "REALM", "users/u1", EVERYTHING),
        ("CREATE", "REALM", "organizations/o1", EVERYTHING),
        ("ACTION", "REALM", "logout-all", EVERYTHING),
        ("CREATE", "CUSTOM", "clients/c1", EVERYTHING),
        ("CREATE", "SOMETHING_NEW", "clients/c1", EVERYTHING),
    ],
)
def test_what_an_event_names_is_read_again(
    operation: str, resource: str, path: str, expected: tuple[set[str], set[str]] | str
) -> None:
    assert again(operation, resource, path) == expected


def test_what_a_role_contains_is_told_from_a_role_whose_name_ends_alike() -> None:
    """The deletion of a realm role ``r/composites`` has the path of one that ``r`` contains no longer."""
    assert again("DELETE", "REALM_ROLE", "roles/r/composites", [{"name": "other"}]) == NOBODY
    assert again("DELETE", "REALM_ROLE", "roles/r/composites", {"name": "r/composites"}) == EVERYTHING
    assert again("UPDATE", "REALM_ROLE", "roles-by-id/r", [{"name": "other"}]) == EVERYTHING


@pytest.mark.parametrize("path", ["", "events/config"])
@pytest.mark.parametrize(
    ("operation", "content", "expected"),
    [
        ("UPDATE", {"displayName": "x"}, NOBODY),
        ("UPDATE", {"adminEventsEnabled": True}, NOBODY),
        ("UPDATE", {"adminEventsEnabled": False}, EVERYTHING),
        ("UPDATE", {"displayName": "x", "users": []}, EVERYTHING),
        ("UPDATE", {"clients": []}, EVERYTHING),
        ("UPDATE", {"scopeMappings": {}}, EVERYTHING),
        ("UPDATE", None, EVERYTHING),
        ("UPDATE", [], EVERYTHING),
        ("DELETE", {}, EVERYTHING),
        ("CREATE", {}, EVERYTHING),
    ],
)
def test_settings_of_the_realm_are_read_anyway_while_events_stay_on(
    path: str, operation: str, content: object, expected: object
) -> None:
    assert again(operation, "REALM", path, content) == expected


def test_who_was_invited_is_watched_from_then_on() -> None:
    for path in ("members/invite-user", "invitations/i1"):
        event = an_event("ACTION", "ORGANIZATION_MEMBERSHIP", f"organizations/o5/{path}")
        found = touched([event], CHECKPOINT)
        assert (found.watched, found.organizations) == ({"o5", "o9"}, {"o5", "o9"})
    joined = touched([an_event("CREATE", "ORGANIZATION_MEMBERSHIP", "organizations/o5/members/u1")], CHECKPOINT)
    assert (joined.watched, joined.organizations) == ({"o9"}, {"o5", "o9"})


def test_the_first_event_that_means_everything_is_named() -> None:
    events = [
        an_event("CREATE", "NEW", "x"),
        an_event("DELETE", "REALM", ""),
        an_event("UPDATE", "CLIENT", "clients/c1"),
    ]
    found = touched(events, CHECKPOINT)
    assert (found.unknown, found.clients) == ("CREATE NEW x", {"c1"})
    assert touched(events[1:], CHECKPOINT).unknown == "DELETE REALM"
