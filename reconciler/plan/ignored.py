"""Fields of Keycloak that are left as they are for a while, and what that hides: it is said, and it ends."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from reconciler.kinds.compare import differing, known
from reconciler.kinds.ignoring import can_be_ignored
from reconciler.kinds.registry import kind_of
from reconciler.kinds.row import Row
from reconciler.kinds.wording import day, days
from reconciler.model.address import Address
from reconciler.model.expectations import Expectations, IgnoredField
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import DesiredState

_SOON: Final = timedelta(days=30)
"""How long before its end an entry is a warning."""
_FEW: Final = 3


Ignored = Mapping[Address | None, tuple[IgnoredField, ...]]
"""What is ignored, by whose manifest says it; None are the settings, for all."""


def all_ignored(desired: DesiredState, expected: Expectations) -> Ignored:
    """Return what the settings and the manifests of organizations ignore."""
    said = ((Address.organization(each.name), each.lifecycle.ignored_fields) for each in desired.organizations)
    found: list[tuple[Address | None, tuple[IgnoredField, ...]]] = [(None, expected.ignored), *said]
    return {home: entries for home, entries in found if entries}


# docs/decisions.md, 155: why a field is ignored for a while only, and never what gives power.
def ignoring(row: Row, ignored: Ignored, now: datetime) -> Row:
    """Return a declared row, which leaves to Keycloak what is ignored still."""
    entries = (*ignored.get(None, ()), *ignored.get(row.address.home, ()))
    if row.after is None or not entries:
        return row
    kind = kind_of(row.address)
    paths = {each.path for each in entries if each.holds(now) and can_be_ignored(kind, each.path)}
    return replace(row, ignored=row.ignored | paths) if paths else row


def ignored_findings(rows: Iterable[Row], ignored: Ignored, now: datetime, realm: str) -> Iterator[Finding]:
    """Yield what is ignored, each entry once, with a few of those that it is about; and what soon is not any more."""
    if not ignored:
        return
    declared = [row for row in rows if row.after is not None and not row.is_leaving]
    for home, entries in ignored.items():
        about = [row for row in declared if home in {None, row.address.home}]
        for entry in entries:
            found = [row.address for row in about if _differs(row, entry)]
            yield from _finding(entry, found, now, home or Address.realm(realm))


def _differs(row: Row, entry: IgnoredField) -> bool:
    if not can_be_ignored(kind_of(row.address), entry.path):
        return False
    return any(map(entry.covers, differing(known(row.before or {}), row.after or {})))


def _finding(entry: IgnoredField, about: list[Address], now: datetime, whose: Address) -> Iterator[Finding]:
    left, until = entry.until - now, day(entry.until)
    named = ", ".join(map(str, about[:_FEW])) + (f" and {len(about) - _FEW} more" if len(about) > _FEW else "")
    if not entry.holds(now):
        severity = Severity.WARNING
        detail = f"{entry.path} is no longer ignored: that ended {until} ({entry.reason})."
        remedy = "Remove the entry; or extend it, if the reason still holds."
    elif about:
        severity = Severity.WARNING if left < _SOON else Severity.INFO
        end = f", {days(left)} from now" if left < _SOON else ""
        detail = f"1 field ignored until {until}{end}: {entry.path} of {named} ({entry.reason})."
        remedy = "From then on it is compared again, and what nobody declares is removed."
    else:
        return
    yield Finding(whose, Code.FIELD_IGNORED, severity, FieldStatus.IN_SYNC, detail, remedy)
