"""Who changed what: nobody is named without an event that shows it, and never for what a reconciler did."""

from collections.abc import Awaitable, Callable

import pytest

from reconciler.app.drift import DriftRequest, Seen, Watch
from reconciler.app.drift import drift as use_case
from reconciler.app.unattended import Unattended
from reconciler.events.attribution import attributed, runners
from reconciler.model.attribution import AdminEvent, EventRecord, EventSubject
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.login import Login
from reconciler.model.manifest import AdminEvents
from reconciler.model.value import Value
from tests.builders import ACME, ACME_CLIENT, a_plan, a_realm, an_organization, desired
from tests.fakes.world import World
from tests.unit.events.recorded import an_event

pytestmark = pytest.mark.anyio

DESIRED = desired(an_organization("acme"), an_organization("beta"), realm=a_realm())
CLIENT = EventSubject("c1", "u1", "service-account-api-client-acme", scopes={"profile": "s1", "basic": "s2"})


def named(
    path: str, before: Value, after: Value, *events: AdminEvent, fresh: bool = False, own: str = ""
) -> str | None:
    """Return who is named for a field of the client, from events that are given oldest first."""
    field = FieldChange(path, before, after, Reason.KEYCLOAK_CHANGED)
    change = Change(ACME_CLIENT, Action.UPDATE, {}, {}, (field,), ())
    newest = tuple(reversed(events))
    record = EventRecord(newest, newest if fresh else None, own=frozenset(filter(None, [own])))
    (found,) = attributed(a_plan(change), {ACME_CLIENT: CLIENT}, record, {}).changes
    attribution = found.field_changes[0].attribution
    return (f"itself: {attribution.user}" if attribution.own else attribution.user) if attribution else None


def joins(group: str, by: str = "eve", operation: str = "CREATE") -> AdminEvent:
    return an_event(operation, "GROUP_MEMBERSHIP", f"users/u1/groups/{group}", {"path": f"/{group}"}, by=by)


def scope(operation: str, id_: str, by: str = "eve", word: str = "default") -> AdminEvent:
    return an_event(operation, "CLIENT_SCOPE_CLIENT_MAPPING", f"clients/c1/{word}-client-scopes/{id_}", by=by)


def grants(role: str, by: str = "eve", operation: str = "CREATE") -> AdminEvent:
    return an_event(operation, "REALM_ROLE_MAPPING", "users/u1/role-mappings/realm", [{"name": role}], by=by)


@pytest.mark.parametrize("fresh", [False, True])
def test_only_an_event_about_what_differs_names_somebody(fresh: bool) -> None:
    groups = ("/admins",)
    assert named("serviceAccount.groups", groups, None, joins("admins"), fresh=fresh) == "eve"
    assert named("serviceAccount.groups", groups, None, joins("admins"), joins("others", "bob"), fresh=fresh) == "eve"
    assert named("serviceAccountRoles", ("admin",), None, grants("admin"), grants("x", "bob"), fresh=fresh) == "eve"
    scopes = ("basic", "profile"), ("basic",)
    added = scope("CREATE", "s1"), scope("DELETE", "s2", "bob"), scope("CREATE", "s2", "bob")
    assert named("keycloak.defaultClientScopes", *scopes, *added, fresh=fresh) == "eve"


def test_an_event_about_something_else_names_nobody() -> None:
    assert named("serviceAccount.groups", ("/admins",), None, joins("others", "bob")) is None
    assert named("serviceAccountRoles", ("admin",), None, grants("other", "bob")) is None
    assert named("keycloak.defaultClientScopes", ("basic", "profile"), ("basic",), scope("CREATE", "s2", "bob")) is None
    assert named("keycloak.roles", ("own",), None, an_event("CREATE", "CLIENT_ROLE", "clients/c1/roles/other")) is None


def test_the_last_event_about_it_counts_and_must_have_done_it() -> None:
    taken = joins("admins", "bob"), joins("admins", "reconciler", "DELETE")
    assert named("serviceAccount.groups", ("/admins",), None, *taken) is None
    assert named("serviceAccount.groups", ("/admins",), None, *taken, joins("admins")) == "eve"
    assert named("serviceAccountRoles", ("admin",), None, grants("admin", "bob", "DELETE")) is None


def test_a_value_names_whoever_sent_it_first_after_another_one() -> None:
    def sends(consent: bool, by: str) -> AdminEvent:
        return an_event("UPDATE", "CLIENT", "clients/c1", {"consentRequired": consent}, by=by)

    sent = sends(False, "reconciler"), sends(True, "eve"), sends(True, "bob")
    assert named("keycloak.consentRequired", True, False, *sent) == "eve"
    assert named("keycloak.consentRequired", True, False, *sent[2:]) is None, "it may have been so before"
    assert named("keycloak.consentRequired", True, False, *sent[2:], fresh=True) == "bob"
    assert named("keycloak.consentRequired", True, False, *sent, sends(False, "reconciler")) is None


def test_without_details_only_who_alone_did_anything_since_it_was_right_is_named() -> None:
    def writes(by: str) -> AdminEvent:
        return an_event("UPDATE", "CLIENT", "clients/c1", by=by)

    assert named("keycloak.consentRequired", True, False, writes("eve")) is None
    assert named("keycloak.consentRequired", True, False, writes("eve"), fresh=True) == "eve"
    assert named("keycloak.consentRequired", True, False, writes("bob"), writes("eve"), fresh=True) is None
    assert named("keycloak.consentRequired", True, False, writes("us"), fresh=True, own="us") is None


def test_what_the_login_did_itself_is_nobody_elses() -> None:
    itself = "itself: us"
    assert named("serviceAccount.groups", ("/admins",), None, joins("admins", "us"), own="us") == itself
    assert named("serviceAccount.groups", ("/admins",), None, joins("admins", "us"), fresh=True, own="us") == itself


def test_other_reconcilers_are_the_service_accounts_that_make_what_carries_our_marks() -> None:
    marks = {"reconciler/owner": "o", "reconciler/applied": "x=1"}
    made = [
        an_event("CREATE", "CLIENT", "clients/1", {"attributes": marks}, by="writer"),
        an_event("CREATE", "ORGANIZATION", "organizations/1", {"attributes": marks}, by="person"),
        an_event("CREATE", "CLIENT", "clients/2", {"attributes": {}}, by="other"),
    ]
    names = {("r", "writer"): "service-account-reconciler", ("r", "person"): "eve", ("r", "other"): "service-account-x"}
    assert runners(made, names) == {"writer"}


async def looked(world: World) -> Seen:
    return await use_case(DriftRequest(DESIRED, world.context(), Watch()), world.systems, Unattended())


async def delete_organization(world: World) -> None:
    (found,) = [each for each in await world.keycloak.organizations() if each["alias"] == "acme"]
    await world.keycloak.delete_organization(found["id"])


async def delete_client(world: World) -> None:
    client = await world.keycloak.find_client("api-client-acme")
    assert client is not None
    await world.keycloak.delete_client(client["id"])


@pytest.mark.parametrize("delete", [delete_client, delete_organization])
async def test_a_deletion_by_the_login_is_said_to_be_its_own(delete: Callable[[World], Awaitable[None]]) -> None:
    events = AdminEvents(enabled=True, details=True)
    wanted = desired(an_organization("acme"), an_organization("beta"), realm=a_realm(admin_events=events))
    world = await World(effective=False).settled(wanted)
    world.keycloak.store.login = Login("us")
    for acting, expected in (("eve-id", ("eve-id", False)), ("us", ("us", True))):
        await world.settled(wanted)
        world.keycloak.store.acting = acting
        await delete(world)
        world.keycloak.store.acting = "admin-id"
        drift = (await looked(world)).drift
        gone = [change for change in drift.changes if change.action is Action.CREATE]
        assert {str(change.address) for change in gone} <= {str(ACME), str(ACME_CLIENT)}
        who = {(each.attribution.user, each.attribution.own) if each.attribution else None for each in gone}
        assert who == {expected}
