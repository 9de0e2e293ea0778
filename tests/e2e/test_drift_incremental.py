"""ReadMode only what the admin events name sees whatever is changed by hand, and names who changed it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from reconciler.app.drift import DriftRequest, Seen, Watch, drift
from reconciler.app.unattended import Unattended
from reconciler.events.incremental import CheckpointTerms
from reconciler.model.attribution import Attribution
from reconciler.model.change import Action
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Coverage, Plan, ReadMode
from reconciler.plan.drift import drift_of
from reconciler.sandbox.lifecycle import Running
from tests.e2e import live
from tests.e2e.test_tampering import BY_HAND, BY_PARTIAL_IMPORT, REALM, _desired, _places
from tests.server import AdminAuth

NEVER_RECORDED = {
    "keycloak.identityProviders",
    "keycloak.secretRotation.executors",
    "keycloak.secretRotation.policy.enabled",
    "secretRotation.overlap",
}
"""Keycloak records no admin event of client policies and profiles, nor of linking a provider (measured on 26.7.5)."""


NAMED = {name: tamper for name, (_, tamper) in BY_HAND.items() if tamper not in BY_PARTIAL_IMPORT}
"""What admin events name; a partial import is recorded as a change of the realm, after which everything is read."""


def look(sandbox: Running, desired: DesiredState, checkpoint: Checkpoint | None) -> Seen:
    """Look for drift once, as a cron job does."""
    context = live.context(sandbox)
    watch = Watch(
        terms=CheckpointTerms(sandbox.keycloak_url, context.owner, timedelta(days=1)), checkpoint=checkpoint, why=""
    )
    return live.run(sandbox, lambda systems: drift(DriftRequest(desired, context, watch), systems, Unattended()))


def coverage_of(seen: Seen) -> Coverage:
    assert seen.drift.coverage is not None
    return seen.drift.coverage


def shown(plan: Plan) -> dict[str, list[tuple[str, object]]]:
    """Return what a report says of each resource, without who did it."""
    return {str(change.address): [(f.path, f.before) for f in change.field_changes] for change in plan.changes}


def attributions(plan: Plan) -> Iterator[tuple[str, Attribution | None]]:
    """Yield what is attributed, and to whom: whole resources that are gone or not marked, else fields."""
    for change in plan.changes:
        if change.action in {Action.CREATE, Action.ADOPT}:
            yield f"{change.address}", change.attribution
        else:
            yield from ((f"{change.address} {field.path}", field.attribution) for field in change.field_changes)


PASSWORD = "eve-of-the-tests"


@pytest.fixture(scope="module")
def eve(sandbox: Running, admin: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A second administrator."""
    credentials = [{"type": "password", "value": PASSWORD}]
    name = f"eve-{sandbox.realm}"
    person = {"username": name, "enabled": True, "credentials": credentials, "firstName": "E", "lastName": "E"}
    admin.post("/master/users", json={**person, "email": f"{name}@example.com"}).raise_for_status()
    her = admin.get("/master/users", params={"username": name, "exact": "true"}).json()[0]["id"]
    role = admin.get("/master/roles/admin").json()
    admin.post(f"/master/users/{her}/role-mappings/realm", json=[role]).raise_for_status()
    file = tmp_path_factory.mktemp("eve") / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    auth = AdminAuth(replace(sandbox, admin_user=name, admin_password_file=file))
    url = f"{sandbox.keycloak_url}/admin/realms"
    with httpx.Client(base_url=url, auth=auth, timeout=60, trust_env=False) as client:
        yield client
    admin.delete(f"/master/users/{her}")


def test_whatever_is_changed_by_hand_is_seen_and_attributed_without_reading_everything(
    sandbox: Running, admin: httpx.Client, eve: httpx.Client, no_realm: str
) -> None:
    desired = _desired(no_realm, len(NAMED) + 1)
    assert live.apply(sandbox, live.plan(sandbox, desired)).is_complete
    first = look(sandbox, desired, None)
    quiet = look(sandbox, desired, first.checkpoint)
    assert not first.drift.changes
    assert not quiet.drift.changes
    assert coverage_of(quiet).reading is ReadMode.INCREMENTAL
    # However many organizations there are.
    assert coverage_of(quiet).requests <= 15

    _, *places = _places(admin, no_realm, desired)
    for place, tamper in zip(places, NAMED.values(), strict=True):
        tamper(replace(place, http=eve))
    events = admin.get(f"/{no_realm}/admin-events", params={"max": 1}).json()
    seen = look(sandbox, desired, quiet.checkpoint)
    assert coverage_of(seen).reading is ReadMode.INCREMENTAL, coverage_of(seen).why
    assert shown(seen.drift) == shown(drift_of(live.plan(sandbox, desired)))

    found = {what: by for what, by in attributions(seen.drift) if what.partition(" ")[2] not in NEVER_RECORDED}
    # Whoever logs in by the organization's identity provider joins it, and no administrator has done anything.
    joined = next(place.alias for place, name in zip(places, NAMED, strict=True) if name == "managed member")
    assert found.pop(f"organization/{joined} keycloak.people") is None
    assert {what: by for what, by in found.items() if by is None or not by.exact or by.user != f"eve-{no_realm}"} == {}
    whole = [by for _, by in attributions(seen.drift) if by is not None]
    assert {(by.client, by.ip) for by in whole} == {("admin-cli", "127.0.0.1")}
    assert max(by.at for by in whole).timestamp() * 1000 == pytest.approx(events[0]["time"], abs=1)


def test_a_changed_scaffolding_is_seen_and_attributed_without_reading_everything(
    sandbox: Running, admin: httpx.Client, eve: httpx.Client, no_realm: str
) -> None:
    desired = _desired(no_realm, 1)
    assert live.apply(sandbox, live.plan(sandbox, desired)).is_complete
    checkpoint = look(sandbox, desired, None).checkpoint
    place = next(_places(admin, no_realm, desired))
    recorded = {name: tamper for name, tamper in REALM.items() if name not in {"events", "details of events"}}
    for _, tamper in recorded.values():
        tamper(replace(place, http=eve))

    seen = look(sandbox, desired, checkpoint)
    assert coverage_of(seen).reading is ReadMode.INCREMENTAL, coverage_of(seen).why
    assert shown(seen.drift) == shown(drift_of(live.plan(sandbox, desired)))
    found = {what.partition(" ")[2]: by for what, by in attributions(seen.drift)}
    assert {path for path, by in found.items() if by is None} <= NEVER_RECORDED
    assert {by.user for by in found.values() if by is not None} == {f"eve-{no_realm}"}


def test_switching_the_admin_events_off_and_on_means_reading_everything(
    sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    desired = _desired(no_realm, 1)
    assert live.apply(sandbox, live.plan(sandbox, desired)).is_complete
    checkpoint = look(sandbox, desired, None).checkpoint
    place = next(_places(admin, no_realm, desired))
    place.realm_settings(adminEventsEnabled=False)
    place.call("DELETE", f"/organizations/{place.organization_id}/members/{place.user_id}")
    place.realm_settings(adminEventsEnabled=True)

    seen = look(sandbox, desired, checkpoint)
    assert coverage_of(seen).reading is ReadMode.FULL
    assert "UPDATE REALM" in coverage_of(seen).why
    # Nobody is named for what happened while nothing was recorded.
    assert [(what, by) for what, by in attributions(seen.drift)] == [
        (f"client/{place.alias}/{place.client_id} serviceAccount.organizations", None)
    ]


def test_clearing_the_admin_events_means_reading_everything(
    sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    desired = _desired(no_realm, 1)
    assert live.apply(sandbox, live.plan(sandbox, desired)).is_complete
    checkpoint = look(sandbox, desired, None).checkpoint
    place = next(_places(admin, no_realm, desired))
    place.call("DELETE", f"/organizations/{place.organization_id}/members/{place.user_id}")
    admin.delete(f"/{no_realm}/admin-events").raise_for_status()

    seen = look(sandbox, desired, checkpoint)
    assert coverage_of(seen).reading is ReadMode.FULL
    assert "cleared" in coverage_of(seen).why
    assert len(seen.drift.changes) == 1
