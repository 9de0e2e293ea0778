"""What is remembered counts only while the admin events prove it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from reconciler.app.drift import DriftRequest, Seen, Watch, drift
from reconciler.app.unattended import Unattended
from reconciler.events.incremental import CheckpointTerms
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.effective_choice import EffectiveChoice
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations, People
from reconciler.model.manifest import AdminEvents, DesiredState
from reconciler.model.plan import ReadMode
from tests.builders import OWNER, a_plan, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

ID = "api-client-acme"
ONE = desired(an_organization("acme"), realm=a_realm())
SERVER = "https://idp.example"


async def look(world: World, wanted: DesiredState, checkpoint: Checkpoint | None, **terms: bool) -> Seen:
    world.keycloak.traffic.forget()
    found = CheckpointTerms(SERVER, OWNER, timedelta(hours=24), **terms)
    watch = Watch(EffectiveChoice.parse("changed"), found, checkpoint, "" if checkpoint else "there is no state yet")
    return await drift(DriftRequest(wanted, world.context(), watch), world.systems, Unattended())


async def a_watched_world(
    wanted: DesiredState = ONE, expected: Expectations = NOTHING_EXPECTED
) -> tuple[World, Checkpoint]:
    """Return a world where nothing has drifted, and what the first look remembers of it."""
    world = await World(expected=expected).settled(wanted)
    seen = await look(world, wanted, None)
    assert not seen.drift.changes
    assert seen.checkpoint is not None
    return world, seen.checkpoint


def reading(seen: Seen) -> tuple[ReadMode, str]:
    assert seen.drift.coverage is not None
    return seen.drift.coverage.reading, seen.drift.coverage.why


def paths(seen: Seen) -> list[str]:
    return [field.path for change in seen.drift.changes for field in change.field_changes]


@pytest.mark.parametrize("number", [3, 60])
async def test_an_unchanged_realm_costs_the_same_however_many_organizations_it_has(number: int) -> None:
    wanted = desired(*(an_organization(f"company-{n}") for n in range(number)), realm=a_realm())
    world, checkpoint = await a_watched_world(wanted)
    seen = await look(world, wanted, checkpoint)
    assert reading(seen) == (ReadMode.INCREMENTAL, "")
    assert world.keycloak.traffic.total == 10


async def test_a_membership_that_was_ended_is_seen_and_attributed() -> None:
    world, checkpoint = await a_watched_world()
    user = world.keycloak.by_hand.user_id(f"service-account-{ID}")
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    await world.keycloak.remove_member(organization["id"], user)
    seen = await look(world, ONE, checkpoint)
    assert reading(seen) == (ReadMode.INCREMENTAL, "")
    (field,) = seen.drift.changes[0].field_changes
    assert field.path == "serviceAccount.organizations"
    assert field.attribution is not None
    assert (field.attribution.user, field.attribution.client, field.attribution.ip, field.attribution.exact) == (
        "admin",
        "admin-cli",
        "192.0.2.7",
        True,
    )


async def test_a_password_and_the_membership_that_was_lost_with_it_are_attributed_to_whoever_imported_the_user() -> (
    None
):
    world, checkpoint = await a_watched_world()
    world.keycloak.by_hand.import_account(ID, "password")
    user = world.keycloak.by_hand.user_id(f"service-account-{ID}")
    seen = await look(world, ONE, checkpoint)
    assert reading(seen)[0] is ReadMode.FULL
    requests = {f.path: f.attribution and f.attribution.request for f in seen.drift.changes[0].field_changes}
    expected = ("serviceAccount.credentials", "serviceAccount.organizations")
    assert requests == dict.fromkeys(expected, f"UPDATE users/{user}")


async def test_a_role_that_a_scope_puts_into_tokens_is_seen_and_read_with_every_run_from_then_on() -> None:
    world, checkpoint = await a_watched_world()
    world.keycloak.by_hand.add_mapping_of_scope("basic", "offline_access")
    seen = await look(world, ONE, checkpoint)
    assert reading(seen) == (ReadMode.INCREMENTAL, "")
    assert world.keycloak.traffic.counts["mappings_of_scope"] == 1
    again = await look(world, ONE, seen.checkpoint)
    assert world.keycloak.traffic.counts["mappings_of_scope"] == 1
    assert paths(again) == paths(seen) == ["keycloak.clientScopes.basic.scopeMappings"]


async def test_who_signed_a_service_account_out_is_named() -> None:
    world, checkpoint = await a_watched_world()
    world.keycloak.by_hand.log_out(f"service-account-{ID}")
    seen = await look(world, ONE, checkpoint)
    assert reading(seen) == (ReadMode.INCREMENTAL, "")
    (field,) = seen.drift.changes[0].field_changes
    assert field.path == "serviceAccount.notBefore"
    assert field.attribution is not None
    assert field.attribution.request.endswith("/logout")


async def test_drift_stays_in_the_report_until_it_is_put_back() -> None:
    world, checkpoint = await a_watched_world()
    user = world.keycloak.by_hand.user_id(f"service-account-{ID}")
    await world.keycloak.grant_role(user, "realm-management/realm-admin")
    second = await look(world, ONE, checkpoint)
    third = await look(world, ONE, second.checkpoint)
    assert paths(second) == paths(third) == ["serviceAccountRoles"]
    assert third.drift.changes[0].field_changes[0].attribution == second.drift.changes[0].field_changes[0].attribution
    await world.keycloak.revoke_role(user, "realm-management/realm-admin")
    assert paths(await look(world, ONE, third.checkpoint)) == []


async def test_each_field_is_attributed_to_whoever_changed_it_last() -> None:
    world, checkpoint = await a_watched_world()
    store = world.keycloak.store
    live = await world.keycloak.find_client(ID)
    assert live is not None
    for person, change in (("ann-id", {"description": "Ann's"}), ("ben-id", {"publicClient": True})):
        store.users[person] = {"id": person, "username": person.removesuffix("-id")}
        store.acting = person
        live = {**live, **change}
        await world.keycloak.update_client(live["id"], live)
    seen = await look(world, ONE, checkpoint)
    fields = {field.path: field.attribution for field in seen.drift.changes[0].field_changes}
    assert {path: by and by.user for path, by in fields.items()} == {
        "description": "ann",
        "keycloak.publicClient": "ben",
    }


async def test_whoever_sends_a_value_once_more_is_not_taken_for_who_changed_it() -> None:
    world, checkpoint = await a_watched_world()
    store = world.keycloak.store
    seen = Seen(a_plan(), checkpoint, {})
    for number, person in enumerate(("ann-id", "ben-id")):
        store.users[person] = {"id": person, "username": person.removesuffix("-id")}
        store.acting = person
        live = await world.keycloak.find_client(ID)
        assert live is not None
        await world.keycloak.update_client(live["id"], {**live, "publicClient": True, "name": str(number)})
        seen = await look(world, ONE, seen.checkpoint)
    fields = {field.path: field.attribution for field in seen.drift.changes[0].field_changes}
    assert {path: by and by.user for path, by in fields.items()} == {
        "keycloak.name": "ben",
        "keycloak.publicClient": "ann",
    }


async def test_what_no_event_shows_is_attributed_to_nobody() -> None:
    world, checkpoint = await a_watched_world()
    client = world.keycloak.store.client_named(ID)
    assert client is not None
    client["publicClient"] = True
    seen = await look(world, ONE, checkpoint)
    (field,) = seen.drift.changes[0].field_changes
    assert (field.path, field.attribution) == ("keycloak.publicClient", None)


async def test_a_deleted_client_is_attributed() -> None:
    world, checkpoint = await a_watched_world()
    client = world.keycloak.store.client_named(ID)
    assert client is not None
    await world.keycloak.delete_client(client["id"])
    (change,) = (await look(world, ONE, checkpoint)).drift.changes
    assert change.attribution is not None
    assert (change.attribution.user, change.attribution.request) == ("admin", f"DELETE clients/{client['id']}")


async def test_cleared_events_prove_nothing() -> None:
    world, checkpoint = await a_watched_world()
    world.keycloak.store.events.clear()
    world.keycloak.store.record("UPDATE", "ORGANIZATION", "organizations/x")
    how, why = reading(await look(world, ONE, checkpoint))
    assert how is ReadMode.FULL
    assert "cleared" in why


async def test_events_that_were_off_for_a_while_prove_nothing() -> None:
    world, checkpoint = await a_watched_world()
    await world.keycloak.update_realm({"adminEventsEnabled": False})
    user = world.keycloak.by_hand.user_id(f"service-account-{ID}")
    await world.keycloak.grant_role(user, "realm-management/realm-admin")
    await world.keycloak.update_realm({"adminEventsEnabled": True})
    seen = await look(world, ONE, checkpoint)
    assert reading(seen)[0] is ReadMode.FULL
    assert "serviceAccountRoles" in paths(seen)


async def test_without_events_everything_is_read_and_nobody_is_named() -> None:
    wanted = desired(an_organization("acme"), realm=a_realm(admin_events=AdminEvents(enabled=False)))
    world, checkpoint = await a_watched_world(wanted)
    user = world.keycloak.by_hand.user_id(f"service-account-{ID}")
    await world.keycloak.grant_role(user, "realm-management/realm-admin")
    seen = await look(world, wanted, checkpoint)
    assert reading(seen) == (ReadMode.FULL, "the realm records no admin events")
    assert seen.drift.coverage is not None
    assert seen.drift.coverage.unattributed == "the realm records no admin events"


async def test_an_event_that_is_not_understood_means_reading_everything() -> None:
    world, checkpoint = await a_watched_world()
    world.keycloak.store.record("CREATE", "SOMETHING_NEW", "something/new")
    how, why = reading(await look(world, ONE, checkpoint))
    assert how is ReadMode.FULL
    assert "CREATE SOMETHING_NEW something/new" in why


async def test_a_full_read_that_is_too_old_is_made_again() -> None:
    world, checkpoint = await a_watched_world()
    world.clock.passed += 24 * 3600 + 1
    how, why = reading(await look(world, ONE, checkpoint))
    assert how is ReadMode.FULL
    assert "--max-age" in why


@pytest.mark.parametrize("other", [{"owner": "somebody"}, {"realm_id": "another"}, {"server": "https://other.example"}])
async def test_the_memory_of_something_else_is_not_used(other: dict[str, str]) -> None:
    world, checkpoint = await a_watched_world()
    how, why = reading(await look(world, ONE, replace(checkpoint, **other)))  # type: ignore[arg-type]
    assert how is ReadMode.FULL
    assert "another server, realm or owner" in why


async def test_an_event_that_becomes_visible_late_is_not_missed() -> None:
    world, checkpoint = await a_watched_world()
    user = world.keycloak.by_hand.user_id(f"service-account-{ID}")
    world.clock.passed += 60
    await world.keycloak.grant_role(user, "realm-management/realm-admin")
    late = world.keycloak.store.events.pop(0)
    world.keycloak.store.user_roles[user].discard("realm-management/realm-admin")
    world.clock.passed += 60
    await world.keycloak.grant_role(user, "offline_access")
    await world.keycloak.revoke_role(user, "offline_access")
    second = await look(world, ONE, checkpoint)
    assert paths(second) == []
    # Now its transaction ends.
    world.keycloak.store.user_roles[user].add("realm-management/realm-admin")
    world.keycloak.store.events.insert(2, late)
    world.clock.passed += 180
    assert paths(await look(world, ONE, second.checkpoint)) == ["serviceAccountRoles"]


async def test_an_organization_that_people_were_invited_to_is_read_with_every_run() -> None:
    world, checkpoint = await a_watched_world(expected=Expectations(people=People.NONE))
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    world.keycloak.by_hand.invite("acme", "ines@example.net")
    second = await look(world, ONE, checkpoint)
    assert paths(second) == ["keycloak.invitations"]
    # Accepting the invitation is an event of a user, and none of an administrator.
    world.keycloak.store.invitations.clear()
    person = world.keycloak.by_hand.add_user("invited")
    world.keycloak.store.members.append((organization["id"], person))
    third = await look(world, ONE, second.checkpoint)
    assert reading(third) == (ReadMode.INCREMENTAL, "")
    assert paths(third) == ["keycloak.people"]


async def test_whose_account_ends_with_a_membership_is_remembered() -> None:
    unshared = Expectations(people=People.NONE)
    world, _ = await a_watched_world(expected=unshared)
    world.keycloak.by_hand.add_managed_member("acme", "jane")
    first = await look(world, ONE, None)
    assert first.checkpoint is not None
    again = await look(world, ONE, first.checkpoint)
    for seen in (first, again):
        (change,) = seen.drift.changes
        assert change.deleted_accounts == ("jane",)
    assert reading(again) == (ReadMode.INCREMENTAL, "")


async def test_every_client_has_its_turn_with_the_platform() -> None:
    wanted = desired(*(an_organization(f"company-{n}") for n in range(5)), realm=a_realm())
    world, checkpoint = await a_watched_world(wanted)
    terms, asked = CheckpointTerms(SERVER, OWNER, timedelta(hours=24)), []
    for _ in range(3):
        watch = Watch(EffectiveChoice.parse("sample:2"), terms, checkpoint)
        seen = await drift(DriftRequest(wanted, world.context(), watch), world.systems, Unattended())
        assert seen.checkpoint is not None
        assert seen.drift.coverage is not None
        asked.append((seen.checkpoint.asked, seen.drift.coverage.asked))
        checkpoint = seen.checkpoint
    assert [number for _, number in asked] == [2, 2, 2]
    ids = sorted(f"api-client-company-{n}" for n in range(5))
    places = [ids.index(last) for last, _ in asked]
    assert [(b - a) % 5 for a, b in pairwise(places)] == [2, 2]
