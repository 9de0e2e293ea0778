"""Our mark in the record: it was taken away only where it was there."""

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.events.mark_history import MarkHistory, mark_history, without_never_applied
from reconciler.kinds.client import representation as client
from reconciler.model.attribution import Actor, AdminEvent, EventRecord, EventSubject
from reconciler.model.change import Action
from reconciler.model.finding import Code
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK
from reconciler.model.value import frozen
from reconciler.model.verdict import Verdict, verdict_of
from tests.builders import ACME, ACME_CLIENT, OWNER, a_change, a_client, a_plan
from tests.unit.events.recorded import an_event

WANTED = client.desired_fields("acme", a_client(), OWNER, protected=False)
APPLIED = WANTED[APPLIED_MARK]
assert isinstance(APPLIED, tuple)
MARKED = {OWNER_MARK: OWNER, APPLIED_MARK: " ".join(map(str, APPLIED))}
ADOPTION = a_change(ACME_CLIENT, Action.ADOPT, after=WANTED)
SUBJECT = EventSubject("1")


def events(*sent: tuple[str, Mapping[str, Any] | None], uuid: str = "1") -> tuple[AdminEvent, ...]:
    """Return events, given oldest first, of one client with such attributes."""
    found = [
        AdminEvent(str(n), n, operation, "CLIENT", f"clients/{uuid}", Actor("r", "c", f"user-{n}", ""),
                   None if attributes is None else frozen({"clientId": ACME_CLIENT.name, "attributes": attributes}))
        for n, (operation, attributes) in enumerate(sent)
    ]  # fmt: skip
    return tuple(reversed(found))


PLAIN = {"anything": "else"}
BARE = {OWNER_MARK: "", APPLIED_MARK: ""}


@pytest.mark.parametrize(
    ("sent", "had_mark", "who"),
    [
        ([("CREATE", PLAIN), ("UPDATE", PLAIN)], False, ""),
        ([("CREATE", {}), ("UPDATE", BARE)], False, ""),
        ([("CREATE", {**MARKED, OWNER_MARK: "another"}), ("UPDATE", BARE)], False, ""),
        ([("CREATE", MARKED), ("UPDATE", BARE)], True, "user-1"),
        ([("CREATE", MARKED), ("UPDATE", BARE), ("UPDATE", BARE)], True, "user-1"),
        ([("CREATE", MARKED), ("UPDATE", {OWNER_MARK: ""}), ("UPDATE", PLAIN)], True, "user-1"),
        ([("CREATE", PLAIN), ("UPDATE", MARKED), ("UPDATE", PLAIN)], True, ""),
        ([("UPDATE", PLAIN)], None, ""),
        ([("UPDATE", BARE)], None, ""),
        ([("CREATE", None), ("UPDATE", None)], None, ""),
        ([], None, ""),
    ],
)
def test_a_mark_was_taken_away_only_where_an_event_shows_it(
    sent: list[tuple[str, Mapping[str, Any] | None]], had_mark: bool | None, who: str
) -> None:
    told = mark_history(ADOPTION, SUBJECT, EventRecord(events(*sent), is_whole=True))
    assert told.had_mark is had_mark
    assert (told.removal.actor.user_id if told.removal else "") == who


def test_one_that_replaces_another_of_its_name_is_not_said_to_be_never_applied() -> None:
    record = EventRecord((*events(("CREATE", PLAIN)), *events(("DELETE", {}), uuid="2")), is_whole=True)
    assert mark_history(ADOPTION, SUBJECT, record).had_mark is None


@pytest.mark.parametrize(
    ("others", "whole", "had_mark"),
    [
        ((), True, False),
        ((), False, None),
        ([("CREATE", "another"), ("DELETE", "another")], True, False),
        ([("CREATE", "another"), ("DELETE", "another")], False, None),
        ([("CREATE", "another"), ("DELETE", None)], True, False),
        ([("DELETE", None)], True, None),
        ([("UPDATE", None)], True, False),
        ([("CREATE", ACME_CLIENT.name)], True, None),
        ([("UPDATE", ACME_CLIENT.name), ("UPDATE", "another")], True, None),
    ],
)
def test_that_nothing_had_its_name_before_must_be_known_of_all_that_was_deleted(
    others: list[tuple[str, str | None]], whole: bool, had_mark: bool | None
) -> None:
    """The events of a creation may have expired: then nobody knows whose deletion the rest is."""
    sent = (("clients/2", operation, None if name is None else {"clientId": name}) for operation, name in others)
    older = [an_event(operation, "CLIENT", path, content, time=0) for path, operation, content in sent]
    of_parts = an_event("DELETE", "CLIENT", "clients/3/client-secret/rotated", time=0)
    of_others = an_event("DELETE", "ORGANIZATION", "organizations/1", time=0)
    unknown = an_event("DELETE", "SOMETHING_NEW", "clients/4", time=0)
    record = EventRecord((*events(("CREATE", PLAIN)), *reversed(older), of_parts, of_others, unknown), is_whole=whole)
    assert mark_history(ADOPTION, SUBJECT, record).had_mark is had_mark


def test_events_of_another_or_of_a_part_tell_nothing_of_the_mark() -> None:
    mark = {"clientId": ACME_CLIENT.name, "attributes": MARKED}
    others = (
        an_event("UPDATE", "CLIENT", "clients/11", mark),
        an_event("UPDATE", "CLIENT", "clients/1/registration-access-token", mark),
        an_event("UPDATE", "ORGANIZATION", "organizations/1", mark),
    )
    assert mark_history(ADOPTION, SUBJECT, EventRecord(others, is_whole=True)) == MarkHistory()
    assert (
        mark_history(ADOPTION, EventSubject(), EventRecord(events(("CREATE", MARKED)), is_whole=True)) == MarkHistory()
    )


def test_what_was_never_applied_is_a_note_and_what_cannot_be_told_an_alarm() -> None:
    other = a_change(ACME, Action.ADOPT, after={OWNER_MARK: OWNER})
    record = EventRecord(events(("CREATE", PLAIN)), is_whole=True)
    plan = without_never_applied(a_plan(ADOPTION, other), {ACME_CLIENT: SUBJECT}, record)
    assert plan.changes == (other,)
    assert {finding.address: finding.code for finding in plan.findings} == {
        ACME_CLIENT: Code.NEVER_APPLIED,
        ACME: Code.MARK_UNKNOWN,
    }
    assert verdict_of(plan) is not Verdict.IN_SYNC
    assert verdict_of(without_never_applied(a_plan(ADOPTION), {ACME_CLIENT: SUBJECT}, record)) is Verdict.IN_SYNC
