"""How an apply goes on when something goes wrong, on the fake Keycloak."""

from typing import Any

import pytest

from reconciler.apply.executor import execute
from reconciler.model.address import Address
from reconciler.model.change import Verb
from reconciler.model.errors import (
    AccessRefused,
    Conflict,
    Halted,
    JournalBroken,
    OutcomeUnknown,
    RequestFailed,
    Unreachable,
)
from reconciler.model.manifest import DesiredState, RateLimitTier
from reconciler.model.outcome import Applied, Outcome, Status
from reconciler.model.rotation import RotationStep
from reconciler.ports import WriteGate
from tests.builders import a_client, a_realm, an_organization, desired
from tests.fakes.runtime import MemoryJournal
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

ACME = "organization/acme"
ACME_CLIENT = "client/acme/api-client-acme"
ONE = desired(an_organization(), realm=a_realm())
CHANGED = desired(an_organization(tier=RateLimitTier.ENTERPRISE), realm=a_realm())
TWO = desired(an_organization(), an_organization("beta"), realm=a_realm())


def outcome(applied: Applied, address: str) -> Outcome:
    return next(each for each in applied.outcomes if str(each.change.address) == address)


def statuses(applied: Applied) -> dict[str, Status]:
    return {str(each.change.address): each.status for each in applied.outcomes}


async def a_world(before: DesiredState = ONE) -> World:
    return await World(effective=False).settled(before)


async def scaffolded() -> World:
    return await a_world(desired(realm=a_realm()))


def failed(status: int) -> RequestFailed:
    return RequestFailed(f"It failed with {status}.", status=status)


@pytest.mark.parametrize("error", [Conflict("409", status=409), failed(500), failed(503)])
async def test_an_update_that_lost_a_race_is_read_and_written_again(error: RequestFailed) -> None:
    world = await a_world()
    plan = await world.plan(CHANGED)
    world.keycloak.traffic.fail(error, method="update_organization")
    assert (await world.execute(plan)).is_complete
    assert (await world.plan(CHANGED)).is_empty


async def test_an_update_that_keeps_losing_fails_in_the_end() -> None:
    world = await a_world()
    plan = await world.plan(CHANGED)
    world.keycloak.traffic.fail(failed(500), method="update_organization", times=99)
    applied = await world.execute(plan)
    assert outcome(applied, ACME).status is Status.FAILED
    assert outcome(applied, ACME).detail == "It failed with 500."
    assert world.keycloak.traffic.counts["update_organization"] == 4


async def test_an_update_that_is_refused_is_not_repeated() -> None:
    world = await a_world()
    plan = await world.plan(CHANGED)
    world.keycloak.traffic.fail(failed(400), method="update_organization")
    assert outcome(await world.execute(plan), ACME).status is Status.FAILED
    assert world.keycloak.traffic.counts["update_organization"] == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("error", [OutcomeUnknown("cut"), failed(500), Unreachable("gone")])
async def test_a_creation_without_an_answer_is_looked_for_and_never_doubled(error: Exception, after: bool) -> None:
    world = await scaffolded()
    plan = await world.plan(ONE)
    world.keycloak.traffic.fail(error, method="create_client", after=after)
    assert (await world.execute(plan)).is_complete
    assert world.keycloak.traffic.counts["create_client"] == (1 if after else 2)
    assert (await world.plan(ONE)).is_empty


async def test_an_organization_that_was_created_meanwhile_is_a_conflict() -> None:
    world = await scaffolded()
    plan = await world.plan(ONE)
    await world.keycloak.create_organization({"name": "Acme", "alias": "acme"})
    applied = await world.execute(plan)
    assert statuses(applied) == {ACME: Status.FAILED, ACME_CLIENT: Status.SKIPPED}


async def test_what_depends_on_a_failed_change_is_skipped_and_all_else_goes_on() -> None:
    world = await scaffolded()
    plan = await world.plan(TWO)
    world.keycloak.traffic.fail(failed(400), method="create_organization")
    applied = await world.execute(plan)
    assert statuses(applied) == {
        ACME: Status.FAILED,
        ACME_CLIENT: Status.SKIPPED,
        "organization/beta": Status.DONE,
        "client/beta/api-client-beta": Status.DONE,
    }
    assert outcome(applied, ACME_CLIENT).detail == f"{ACME} was not done"


@pytest.mark.parametrize("error", [AccessRefused("403"), Unreachable("down")])
async def test_nothing_more_is_begun_once_keycloak_cannot_be_used(error: Exception) -> None:
    world = await scaffolded()
    plan = await world.plan(TWO)
    world.keycloak.traffic.fail(error, times=999)
    applied = await world.execute(plan)
    assert set(statuses(applied).values()) <= {Status.FAILED, Status.SKIPPED}
    assert outcome(applied, "client/beta/api-client-beta").status is Status.SKIPPED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Somebody's"}, "displayName"),
        ({"enabled": False}, "suspended"),
        ({"description": "by hand"}, "description"),
    ],
)
async def test_an_organization_that_moved_since_the_plan_is_not_written(change: dict[str, Any], field: str) -> None:
    world = await a_world()
    plan = await world.plan(CHANGED)
    organization = await world.keycloak.find_organization("acme")
    assert organization is not None
    await world.keycloak.update_organization(organization["id"], {**organization, **change})
    applied = await world.execute(plan)
    assert outcome(applied, ACME).status is Status.FAILED
    assert f"was changed after it was planned ({field})" in outcome(applied, ACME).detail
    assert outcome(applied, ACME).remedy == "Run plan again."
    assert world.keycloak.traffic.counts["update_organization"] == 1


async def test_a_client_that_moved_since_the_plan_is_not_written() -> None:
    world = await a_world()
    plan = await world.plan(desired(an_organization(clients=[a_client(lifespan=600)]), realm=a_realm()))
    client = await world.keycloak.find_client("api-client-acme")
    assert client is not None
    await world.keycloak.update_client(client["id"], {"redirectUris": ["*"]})
    applied = await world.execute(plan)
    assert "(keycloak.redirectUris)" in outcome(applied, ACME_CLIENT).detail


async def test_a_client_that_is_gone_since_the_plan_is_not_written() -> None:
    world = await a_world()
    plan = await world.plan(desired(an_organization(clients=[a_client(lifespan=600)]), realm=a_realm()))
    client = await world.keycloak.find_client("api-client-acme")
    assert client is not None
    await world.keycloak.delete_client(client["id"])
    assert "was deleted after it was planned" in outcome(await world.execute(plan), ACME_CLIENT).detail


async def test_a_blocked_change_is_skipped_with_its_reason() -> None:
    world = World(owner="another-team", effective=False)
    await world.settled(ONE)
    world.owner = "team-integration"
    plan = await world.plan(desired(an_organization(tier=RateLimitTier.ENTERPRISE)))
    applied = await world.execute(plan)
    assert set(statuses(applied).values()) == {Status.SKIPPED}
    assert "it belongs to the reconciler 'another-team'" in outcome(applied, ACME).detail
    assert world.keycloak.traffic.writes == []


async def test_a_delete_of_what_is_gone_is_done() -> None:
    world = await a_world(TWO)
    plan = await world.plan(ONE)
    world.keycloak.traffic.cut(method="delete_organization", after=True)
    applied = await world.execute(plan)
    again = await world.apply(ONE)
    assert outcome(applied, "client/beta/api-client-beta").status is Status.DONE
    assert again.is_complete
    assert (await world.plan(ONE)).is_empty


async def test_each_write_is_journalled_before_it_is_sent_and_after_it_is_done() -> None:
    world = await scaffolded()
    world.journal.entries.clear()
    plan = await world.plan(ONE)
    world.keycloak.traffic.fail(failed(400), method="add_member")
    await world.execute(plan)
    assert [entry[:3] for entry in world.journal.entries] == [
        (ACME, Verb.CREATE_ORGANIZATION, "STARTED"),
        (ACME, Verb.CREATE_ORGANIZATION, "DONE"),
        (ACME_CLIENT, Verb.CREATE_CLIENT, "STARTED"),
        (ACME_CLIENT, Verb.CREATE_CLIENT, "DONE"),
        (ACME_CLIENT, Verb.JOIN_ORGANIZATION, "STARTED"),
        (ACME_CLIENT, Verb.JOIN_ORGANIZATION, "FAILED"),
    ]


async def test_an_outcome_says_how_many_writes_were_made() -> None:
    world = await scaffolded()
    plan = await world.plan(ONE)
    world.keycloak.traffic.fail(failed(400), method="add_member")
    assert outcome(await world.execute(plan), ACME_CLIENT).steps_done == 1


async def test_a_membership_that_was_made_in_spite_of_the_lost_answer_is_no_error() -> None:
    world = await scaffolded()
    plan = await world.plan(ONE)
    world.keycloak.traffic.cut(method="add_member", after=True)
    assert (await world.execute(plan)).is_complete
    assert (await world.plan(ONE)).is_empty


class Until(WriteGate):
    """Allow a number of writes."""

    def __init__(self, writes: int) -> None:
        self._left = writes

    async def check(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Halted("It was interrupted.", remedy="Run apply again.")


class FullDisk(MemoryJournal):
    """Take a number of entries."""

    def __init__(self, entries: int) -> None:
        super().__init__()
        self._left = entries

    def record(self, address: Address, verb: Verb | RotationStep, event: str, detail: str = "") -> None:
        self._left -= 1
        if self._left < 0:
            raise JournalBroken("The disk is full.")
        super().record(address, verb, event, detail)


async def carried_out(world: World, journal: MemoryJournal, *gates: WriteGate) -> Applied:
    plan = await world.plan(TWO)
    return await execute(plan, world.keycloak, None, world.clock, journal, world.progress, 1, gates)


@pytest.mark.parametrize("allowed", range(12))
async def test_once_a_permit_says_no_nothing_more_is_begun_and_the_next_apply_goes_on(allowed: int) -> None:
    world = await scaffolded()
    applied = await carried_out(world, world.journal, Until(allowed))
    assert len(world.keycloak.traffic.writes) <= allowed
    assert applied.is_complete is (allowed >= 10)
    assert all(
        not each.detail or "was not done" in each.detail or "interrupted" in each.detail for each in applied.outcomes
    )
    assert (await world.apply(TWO)).is_complete
    assert (await world.plan(TWO)).is_empty


HALT = Halted("the lock was lost", remedy="Run plan again.")


async def test_a_write_that_was_halted_on_its_way_is_not_done_and_what_came_before_it_is_said() -> None:
    world = await scaffolded()
    plan = await world.plan(ONE)
    world.journal.entries.clear()
    world.keycloak.traffic.fail(HALT, method="add_member")
    applied = await world.execute(plan)
    assert applied.halted == "the lock was lost"
    assert statuses(applied) == {ACME: Status.DONE, ACME_CLIENT: Status.SKIPPED}
    assert outcome(applied, ACME_CLIENT).steps_done == 1
    assert world.journal.entries[-1] == (ACME_CLIENT, Verb.JOIN_ORGANIZATION, "FAILED", "the lock was lost")


@pytest.mark.parametrize("sent", [True, False])
async def test_where_an_attempt_was_sent_before_the_halt_a_write_may_have_taken_effect(sent: bool) -> None:
    world = await scaffolded()
    plan = await world.plan(ONE)
    world.keycloak.traffic.fail(failed(500), method="create_organization")
    world.keycloak.traffic.fail(HALT, method="find_organization", nth=1)
    counts = iter([0, 0, 1] if sent else [0, 0, 0])
    applied = await execute(
        plan, world.keycloak, None, world.clock, world.journal, world.progress, 1, writes_sent=lambda: next(counts)
    )
    assert applied.has_written is sent
    assert outcome(applied, ACME).status is (Status.FAILED if sent else Status.SKIPPED)
    assert ("a write that was sent before may have taken effect" in outcome(applied, ACME).detail) is sent
    assert outcome(applied, ACME_CLIENT).status is Status.SKIPPED


@pytest.mark.parametrize("entries", range(13))
async def test_where_the_journal_cannot_be_written_nothing_more_is_begun(entries: int) -> None:
    world = await scaffolded()
    journal = FullDisk(entries)
    applied = await carried_out(world, journal)
    begun = sum(entry[2] == "STARTED" for entry in journal.entries)
    assert len(world.keycloak.traffic.writes) == begun
    assert applied.is_complete is (entries >= 12)
    assert (await world.apply(TWO)).is_complete
    assert (await world.plan(TWO)).is_empty


async def test_whoever_watches_hears_of_every_change_once() -> None:
    world = await scaffolded()
    world.progress.ended.clear()
    plan = await world.plan(TWO)
    await world.execute(plan)
    assert sorted(str(each.change.address) for each in world.progress.ended) == sorted(
        str(change.address) for change in plan.changes
    )


@pytest.mark.parametrize("verb", ["create_client", "create_organization"])
async def test_a_creation_that_is_refused_for_what_is_hidden_says_so(
    verb: str,
) -> None:
    world = await scaffolded()
    plan = await world.plan(ONE)
    world.keycloak.traffic.fail(Conflict("It exists already.", status=409), method=verb)
    applied = await world.execute(plan)
    (refused,) = [each for each in applied.outcomes if each.status is Status.FAILED]
    assert "exists, and this login does not see it: It exists already." in refused.detail
    assert "view-clients" in refused.remedy


async def test_a_creation_that_is_refused_for_what_is_seen_says_nothing_of_hidden_objects() -> None:
    world = await scaffolded()
    plan = await world.plan(ONE)
    await world.keycloak.create_client({"clientId": "api-client-acme"})
    applied = await world.execute(plan)
    (refused,) = [each for each in applied.outcomes if each.status is Status.FAILED]
    assert "does not see" not in refused.detail


MOVED = desired(an_organization(clients=()), an_organization("beta", clients=[a_client()]), realm=a_realm())
TWO_HOMES = desired(an_organization(), an_organization("beta", clients=()), realm=a_realm())


async def home_of(world: World, client_id: str = "api-client-acme") -> tuple[str, ...]:
    client = await world.keycloak.find_client(client_id)
    assert client is not None
    user = await world.keycloak.service_account(client["id"])
    assert user is not None
    return await world.keycloak.organizations_of(user["id"])


@pytest.mark.parametrize("error", [failed(400), failed(500), Unreachable("gone")])
async def test_a_client_that_cannot_leave_stays_where_it_was(error: Exception) -> None:
    world = await a_world(TWO_HOMES)
    plan = await world.plan(MOVED)
    assert [step.verb for step in plan.changes[0].steps][1:] == [Verb.JOIN_ORGANIZATION, Verb.LEAVE_ORGANIZATION]
    world.keycloak.traffic.forget()
    world.keycloak.traffic.refuse(error, nth=3)
    applied = await world.execute(plan)
    assert outcome(applied, "client/beta/api-client-acme").status is Status.FAILED
    assert await home_of(world) == ("acme",)


async def test_a_client_that_has_left_whatever_the_answer_keeps_its_new_organization() -> None:
    world = await a_world(TWO_HOMES)
    plan = await world.plan(MOVED)
    world.keycloak.traffic.fail(Unreachable("gone"), method="remove_member", after=True)
    await world.execute(plan)
    assert await home_of(world) == ("beta",)


@pytest.mark.parametrize("allowed", range(1, 5))
async def test_a_move_that_is_interrupted_is_finished_or_not_begun(allowed: int) -> None:
    world = await a_world(TWO_HOMES)
    plan = await world.plan(MOVED)
    gate = Until(allowed)
    await execute(plan, world.keycloak, None, world.clock, world.journal, world.progress, 1, [gate])
    assert await home_of(world) in {("acme",), ("beta",)}


async def test_what_ends_access_is_done_though_all_that_it_depends_on_fails() -> None:
    world = await a_world(TWO)
    client = await world.keycloak.find_client("api-client-acme")
    assert client is not None
    await world.keycloak.add_client_scope(client["id"], "profile", default=True)
    wanted = desired(
        an_organization(suspended=True, description="Gone"), an_organization("beta"), realm=a_realm(lifespan=600)
    )
    plan = await world.plan(wanted)
    world.keycloak.traffic.fail(failed(400), method="update_realm")
    applied = await world.execute(plan)
    assert statuses(applied) == {"realm/nt24-idp": Status.FAILED, ACME: Status.SKIPPED, ACME_CLIENT: Status.DONE}
    assert outcome(applied, ACME).steps_done == 1
    assert outcome(applied, ACME).detail == "realm/nt24-idp was not done"
    organization = await world.keycloak.find_organization("acme")
    assert organization is not None
    assert organization["enabled"] is False


async def test_one_removal_that_fails_stops_no_other() -> None:
    world = await a_world()
    client = await world.keycloak.find_client("api-client-acme")
    assert client is not None
    for scope in ("email", "profile"):
        await world.keycloak.add_client_scope(client["id"], scope, default=True)
    plan = await world.plan(ONE)
    world.keycloak.traffic.fail(failed(400), method="remove_client_scope")
    assert outcome(await world.execute(plan), ACME_CLIENT).status is Status.FAILED
    now = await world.keycloak.find_client("api-client-acme")
    assert now is not None
    assert [name for name in now["defaultClientScopes"] if name in {"email", "profile"}] == ["email"]


async def test_an_organization_stays_and_keeps_its_name_where_its_successor_cannot_be_made() -> None:
    client = a_client("api-client-blitz")
    world = await a_world(desired(an_organization("blitz", display_name="Blitz", clients=[client]), realm=a_realm()))
    wanted = desired(an_organization("new", display_name="Blitz", clients=[client]), realm=a_realm())
    plan = await world.plan(wanted)
    world.keycloak.traffic.fail(failed(400), method="create_organization")
    applied = await world.execute(plan)
    assert statuses(applied) == {
        "organization/new": Status.FAILED,
        "client/new/api-client-blitz": Status.SKIPPED,
        "organization/blitz": Status.SKIPPED,
    }
    assert outcome(applied, "organization/blitz").detail == "organization/new was not done"
    (left,) = await world.keycloak.organizations()
    assert (left["alias"], left["name"]) == ("blitz", "Blitz")
    assert (await world.apply(wanted)).is_complete
    assert (await world.plan(wanted)).is_empty


async def test_an_organization_stays_without_the_name_where_its_client_cannot_move() -> None:
    client = a_client("api-client-blitz")
    world = await a_world(desired(an_organization("blitz", display_name="Blitz", clients=[client]), realm=a_realm()))
    wanted = desired(an_organization("new", display_name="Blitz", clients=[client]), realm=a_realm())
    plan = await world.plan(wanted)
    world.keycloak.traffic.fail(failed(400), method="add_member")
    applied = await world.execute(plan)
    assert outcome(applied, "organization/blitz").detail == "client/new/api-client-blitz was not done"
    assert await home_of(world, "api-client-blitz") == ("blitz",)
    assert (await world.apply(wanted)).is_complete
    assert (await world.plan(wanted)).is_empty
