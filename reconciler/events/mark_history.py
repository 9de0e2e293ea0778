"""What admin events tell of our mark on an object: whether it ever carried it, and who took it away."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.events.clues import content_of, id_of
from reconciler.kinds import marks
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import Subject
from reconciler.model.change import Action, Change
from reconciler.model.event import AdminEvent
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK
from reconciler.model.plan import Plan
from reconciler.model.value import Value

_RESOURCES = {Kind.CLIENT: ("CLIENT", "clientId"), Kind.ORGANIZATION: ("ORGANIZATION", "alias")}


@dataclass(frozen=True, slots=True)
class MarkHistory:
    """Our mark on one object, as the events show it.

    ``had_mark`` is True where one of them shows it with the mark, False where they reach back to its creation and none
    does, and None where they do not tell. ``removal`` is the first event without the mark after one with it.
    """

    had_mark: bool | None = None
    removal: AdminEvent | None = None


def mark_history(change: Change, subject: Subject, events: Sequence[AdminEvent]) -> MarkHistory:
    """Return what the events, newest first, tell of the mark of an object that now carries none."""
    owner = str((change.after or {}).get(OWNER_MARK))
    resource, key = _RESOURCES[change.address.kind]
    removal: AdminEvent | None = None
    for event in events:
        if event.resource != resource or id_of(event) != subject.id or len(event.parts) > 2:
            continue
        if (carries := _carries(event, change.address, owner)) is True:
            return MarkHistory(True, removal)
        if event.operation == "CREATE" and carries is False:
            # Whoever deletes ours and makes another one of its name has taken the mark away as well.
            names = (each for each in events if each.resource == resource and id_of(each) != subject.id)
            is_first = all(content_of(each).get(key) != change.address.name for each in names)
            return MarkHistory(False if is_first else None)
        removal = event if carries is False else removal
    return MarkHistory()


def without_never_applied(plan: Plan, subjects: Mapping[Address, Subject], events: Sequence[AdminEvent]) -> Plan:
    """Return the report of drift with a note instead of what was never applied, and beside what cannot be told."""
    told = {
        change.address: mark_history(change, subjects.get(change.address, Subject()), events).had_mark
        for change in plan.changes
        if change.action is Action.ADOPT and change.address.kind in _RESOURCES
    }
    kept = tuple(change for change in plan.changes if told.get(change.address) is not False)
    return replace(plan, changes=kept, findings=(*plan.findings, *_notes(told)))


def _notes(told: Mapping[Address, bool | None]) -> Iterator[Finding]:
    for address, had_mark in told.items():
        if had_mark is None:
            detail = "No admin event shows whether it was never applied, or our mark was taken away."
            remedy = "drift --fix leaves it alone. If it was never applied, apply adopts it; else find out who did it."
            yield _note(address, Code.MARK_UNKNOWN, detail, remedy)
        elif had_mark is False:
            detail = "It is declared, and there, but was never applied: nothing of it is drift."
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
    if address.kind is Kind.CLIENT and event.operation == "UPDATE" and APPLIED_MARK not in sent:
        # An attribute that a client's update leaves out stays.
        return False if OWNER_MARK in sent and sent[OWNER_MARK] != owner else None
    found, default = list(_texts(sent.get(OWNER_MARK))), owner if event.operation == "UPDATE" else None
    said = found[0] if found else (None if OWNER_MARK in sent or address.kind is not Kind.CLIENT else default)
    return marks.parse(said, _texts(sent.get(APPLIED_MARK)), address).is_of(owner)


def _texts(value: Value) -> Iterable[str]:
    """Return the values of an attribute: a client's is one text, an organization's several."""
    return map(str, value) if isinstance(value, tuple) else str(value or "").split()
