"""What the reconciler's own rules dictate of a change: no manifest says it, and nobody who holds a saved plan may.

Given what a manifest says of a resource, everything else that is wanted of it follows: the fields of the rules, and the
marks. A field may also be left as it is live.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from reconciler.kinds.compare import differing
from reconciler.kinds.marks import FOLLOWED, PROTECTED, applied_in, is_mark, is_rule, marked
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.model.change import Change
from reconciler.model.expectations import Expectations
from reconciler.model.grant import Grant, is_taken_back
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK, SOFT_DELETED_MARK
from reconciler.model.manifest import utc_text
from reconciler.model.plan import Plan
from reconciler.model.value import Fields, Value

_NOTHING: Final[Fields] = {}


# docs/decisions.md, 138: why a saved plan is not believed in what the rules dictate.
def undictated(change: Change, plan: Plan) -> str:
    """Return a field that no planning of the plan's owner would want like that; empty where there is none.

    What a manifest says is not judged, but for what the platform decides.
    """
    if change.after is None:
        return ""
    before, after = change.before or _NOTHING, change.after
    if after.get(OWNER_MARK) != plan.owner:
        return OWNER_MARK
    platform = Expectations(plan.platform_fields)
    for path in sorted(kind_of(change.address).fields.said):
        if platform.is_platforms(path) and after.get(path) != before.get(path):
            return path
    ended = tuple(grant for grant in plan.ended if grant.address == change.address)
    found = [
        next(_differing(expected, change, ended), "") for expected in _expected(change, plan.owner, plan.created_at)
    ]
    return "" if "" in found else found[0]


def _expected(change: Change, owner: str, at: datetime) -> Iterator[Fields]:
    """Yield what may be wanted of the resource, in full.

    Rules follow from fields of the manifest. Where such a field is left as it is live, the plan does not hold what the
    manifest says of it; but then each change of a field of the rules is shown.
    """
    kind, before, after = kind_of(change.address), change.before, change.after or _NOTHING
    if before is not None and SOFT_DELETED_MARK in after:
        taken = kind.given_up(change.address, before, after)
        yield kind.soft_deleted(change.address, before, utc_text(at), taken) or _NOTHING
        return
    said = {path: value for path, value in after.items() if path in kind.fields.said and value is not None}
    entries = applied_in(after)
    for basis in (said, *([kind.as_ruled(said, after)] if before is not None else [])):
        fields = marked(
            {**said, **kind.ruled_fields(change.address, basis)},
            owner,
            change.address,
            protected=PROTECTED in entries,
        )
        if FOLLOWED in entries:
            # Which ids these were is nowhere in a plan; its text shows that the entry is there.
            fields[APPLIED_MARK] = _with_entry(fields[APPLIED_MARK], f"{FOLLOWED}={entries[FOLLOWED]}")
        yield fields


def _with_entry(mark: Value, entry: str) -> Value:
    return tuple(sorted((*map(str, mark if isinstance(mark, tuple) else ()), entry)))


def _differing(expected: Fields, change: Change, ended: tuple[Grant, ...]) -> Iterator[str]:
    """Yield where the change wants something else than what is expected, or than what is live."""
    before, after = change.before or _NOTHING, change.after or _NOTHING
    for path in differing(expected, after):
        if path == APPLIED_MARK:
            yield from _differing_entries(expected, before, after, ended)
        elif path in kind_of(change.address).fields.secret_ends and change.before is not None:
            # They follow from the live secret, and are always shown.
            continue
        elif not (_can_be_left(path, change) and after.get(path) == before.get(path)):
            yield path
    yield from (path for path, value in after.items() if value is None)


def _differing_entries(expected: Fields, before: Fields, after: Fields, ended: tuple[Grant, ...]) -> Iterator[str]:
    """Yield entries of the applied mark that are neither as expected nor as they are live.

    They are as they are live where a field is left alone, but for what is taken back because it has ended.
    """
    wanted, live, found = applied_in(expected), applied_in(before), applied_in(after)
    texts = sorted(f"{path}={value}" for path, value in found.items())
    if after.get(APPLIED_MARK) not in (tuple(texts), tuple(sorted(texts, key=lambda text: text.rpartition("=")[0]))):
        yield APPLIED_MARK
    for path in sorted(wanted.keys() | found.keys()):
        is_same = after.get(path) == before.get(path) or is_taken_back(path, before.get(path), after.get(path), ended)
        is_left = found.get(path) == live.get(path) and is_same
        if wanted.get(path) != found.get(path) and not (is_left and path in _EVERY_SAID):
            yield f"{APPLIED_MARK} of {path}"


_EVERY_SAID: Final = frozenset().union(*(kind.fields.said for kind in KINDS.values()))


def _can_be_left(path: str, change: Change) -> bool:
    is_said = path in kind_of(change.address).fields.said
    return change.before is not None and (is_said or is_rule(path)) and not is_mark(path)
