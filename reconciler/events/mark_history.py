"""What admin events tell of our mark on an object: whether it ever carried it, and who took it away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.events.catalogue import touch_of
from reconciler.events.clues import fits
from reconciler.kinds.evidence import content_of
from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address
from reconciler.model.attribution import AdminEvent, EventRecord, EventSubject
from reconciler.model.change import Action, Change
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.layout import OWNER_MARK
from reconciler.model.plan import Plan
from reconciler.model.touch import Aspect
from reconciler.model.value import Value


# docs/decisions.md, 141: why a mark that was never there was taken by nobody.
@dataclass(frozen=True, slots=True)
class MarkHistory:
    """Our mark on one object, as the events show it.

    ``had_mark`` is True where one of them shows it with the mark, False where they reach back to its creation and none
    does, and None where they do not tell. ``removal`` is the first event without the mark after one with it.
    """

    had_mark: bool | None = None
    removal: AdminEvent | None = None


def mark_history(change: Change, subject: EventSubject, record: EventRecord) -> MarkHistory:
    """Return what the events tell of the mark of an object that now carries none."""
    owner = str((change.after or {}).get(OWNER_MARK))
    thing = kind_of(change.address).thing
    removal: AdminEvent | None = None
    for event in filter(fits(thing, subject.id, Aspect.ITSELF), record.events):
        if (carries := _carries(event, change.address, owner)) is True:
            return MarkHistory(True, removal)
        if event.operation == "CREATE" and carries is False:
            return MarkHistory(False if _is_first(change.address, subject, record) else None)
        removal = event if carries is False else removal
    return MarkHistory()


def _is_first(address: Address, subject: EventSubject, record: EventRecord) -> bool:
    """Tell whether no other object had the name before, as far as the events reach back.

    Whoever deletes ours and makes another one of its name has taken the mark away as well. Of what was deleted, the
    name must be known: the events of its creation may have expired.
    """
    kind = kind_of(address)
    thing, key = kind.thing, kind.name_sent
    names: dict[str, Value] = {}
    deleted: set[str] = set()
    for event in record.events:
        touch = touch_of(event)
        if touch is None or touch.thing is not thing or touch.part is not Aspect.ITSELF or touch.id == subject.id:
            continue
        if key in (content := content_of(event)):
            names[touch.id] = content[key]
            if content[key] == address.name:
                return False
        if event.operation == "DELETE":
            deleted.add(touch.id)
    return record.is_whole and deleted <= names.keys()


def without_never_applied(plan: Plan, subjects: Mapping[Address, EventSubject], record: EventRecord) -> Plan:
    """Return the report of drift with a note instead of what was never applied, and beside what cannot be told."""
    told = {
        change.address: mark_history(change, subjects.get(change.address, EventSubject()), record).had_mark
        for change in plan.changes
        if change.action is Action.ADOPT and kind_of(change.address).name_sent
    }
    kept = tuple(change for change in plan.changes if told.get(change.address) is not False)
    return replace(plan, changes=kept, findings=(*plan.findings, *_notes(told)))


def _notes(told: Mapping[Address, bool | None]) -> Iterator[Finding]:
    for address, had_mark in told.items():
        if had_mark is None:
            detail = "No admin event shows whether it was never applied, or its ownership mark was removed."
            remedy = "drift --fix leaves it alone. If it was never applied, apply adopts it; else find out who did it."
            yield _note(address, Code.MARK_UNKNOWN, detail, remedy)
        elif had_mark is False:
            detail = "It is declared and exists, but was never applied: none of it is drift."
            yield _note(address, Code.NEVER_APPLIED, detail, "plan shows what adopting it changes, and apply does it.")


def _note(address: Address, code: Code, detail: str, remedy: str) -> Finding:
    return Finding(address, code, Severity.INFO, FieldStatus.IN_SYNC, detail, remedy)


def _carries(event: AdminEvent, address: Address, owner: str) -> bool | None:
    """Tell whether the object carried the owner's mark after the event; None where the event says nothing of it."""
    sent = content_of(event).get("attributes")
    if event.operation == "CREATE" and event.content is not None:
        sent = sent or {}
    if not isinstance(sent, Mapping):
        return None
    return kind_of(address).carries_mark(address, owner, sent, is_update=event.operation == "UPDATE")
