"""What the reconciler's own rules dictate of a change: no manifest says it, and nobody who holds a saved plan may.

Given what a manifest says of a resource, everything else that is wanted of it follows: the fields of the rules, and the
marks. A field may also be left as it is live.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, assert_never

from reconciler.kinds.client import fields as client
from reconciler.kinds.marks import FOLLOWED, PROTECTED, applied_in, is_mark, is_rule, marked
from reconciler.kinds.organization import fields as organization
from reconciler.kinds.realm import fields as realm
from reconciler.kinds.webhook import fields as webhook
from reconciler.model.address import Address, Kind
from reconciler.model.change import Change
from reconciler.model.expectations import Expectations
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK, SOFT_DELETED_MARK
from reconciler.model.manifest import utc_text
from reconciler.model.plan import Plan
from reconciler.model.value import Fields, Value
from reconciler.plan.compare import differing
from reconciler.plan.derive import SECRET_ENDS

_NOTHING: Final[Fields] = {}
_SAID: Final = {
    Kind.REALM: realm.SAID,
    Kind.ORGANIZATION: organization.SAID,
    Kind.CLIENT: client.SAID,
    Kind.WEBHOOK: frozenset(webhook.FIELDS),
}


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
    for path in organization.SAID if change.address.kind is Kind.ORGANIZATION else ():
        if platform.is_platforms(path) and after.get(path) != before.get(path):
            return path
    found = [next(_differing(expected, change), "") for expected in _expected(change, plan.owner, plan.created_at)]
    return "" if "" in found else found[0]


def _expected(change: Change, owner: str, at: datetime) -> Iterator[Fields]:
    """Yield what may be wanted of the resource, in full.

    Rules follow from fields of the manifest. Where such a field is left as it is live, the plan does not hold what the
    manifest says of it; but then each change of a field of the rules is shown.
    """
    before, after = change.before, change.after or _NOTHING
    if before is not None and SOFT_DELETED_MARK in after:
        yield _leaving(change.address, before, after, at)
        return
    said = {path: value for path, value in after.items() if path in _SAID[change.address.kind] and value is not None}
    entries = applied_in(after)
    for basis in (said, *([_as_ruled(said, after)] if before is not None else [])):
        fields = marked(
            {**said, **_ruled_fields(change.address, basis)},
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


def _as_ruled(said: Fields, after: Fields) -> Fields:
    """Return what the manifest must say for the fields of the rules to be what they are."""
    given = {client.ROLES: after.get(client.SCOPE_MAPPINGS), realm.OVERLAP: after.get(realm.REMAINING)}
    others = {path: value for path, value in said.items() if path not in given}
    return others | {path: value for path, value in given.items() if value is not None}


def _ruled_fields(address: Address, said: Fields) -> Fields:
    match address.kind:
        case Kind.REALM:
            return realm.ruled_fields(said)
        case Kind.CLIENT:
            return client.ruled_fields(address.names[0], said)
        case Kind.ORGANIZATION | Kind.WEBHOOK:
            return _NOTHING
        case _:
            assert_never(address.kind)


def _leaving(address: Address, before: Fields, after: Fields, at: datetime) -> Fields:
    """Return what a resource is that no manifest declares any more, where it is deleted softly."""
    moment = utc_text(at)
    match address.kind:
        case Kind.CLIENT:
            return client.soft_deleted_fields(before, moment)
        case Kind.WEBHOOK:
            return webhook.soft_deleted_fields(before, moment)
        case Kind.REALM | Kind.ORGANIZATION:
            gives_up = after.get("displayName") == organization.placeholder(address.name)
            taken = frozenset({str(before.get("displayName"))}) if gives_up else frozenset()
            return organization.soft_deleted_fields(address.name, before, moment, taken)
        case _:
            assert_never(address.kind)


def _differing(expected: Fields, change: Change) -> Iterator[str]:
    """Yield where the change wants something else than what is expected, or than what is live."""
    before, after = change.before or _NOTHING, change.after or _NOTHING
    for path in differing(expected, after):
        if path == APPLIED_MARK:
            yield from _differing_entries(expected, before, after)
        elif path in SECRET_ENDS and change.before is not None:
            # They follow from the live secret, and are always shown.
            continue
        elif not (_can_be_left(path, change) and after.get(path) == before.get(path)):
            yield path
    yield from (path for path, value in after.items() if value is None)


def _differing_entries(expected: Fields, before: Fields, after: Fields) -> Iterator[str]:
    """Yield entries of the applied mark that are neither as expected nor, of what is left alone, as they are live."""
    wanted, live, found = applied_in(expected), applied_in(before), applied_in(after)
    texts = sorted(f"{path}={value}" for path, value in found.items())
    if after.get(APPLIED_MARK) not in (tuple(texts), tuple(sorted(texts, key=lambda text: text.rpartition("=")[0]))):
        yield APPLIED_MARK
    for path in sorted(wanted.keys() | found.keys()):
        is_left = found.get(path) == live.get(path) and after.get(path) == before.get(path)
        if wanted.get(path) != found.get(path) and not (is_left and path in _EVERY_SAID):
            yield f"{APPLIED_MARK} of {path}"


_EVERY_SAID: Final = frozenset().union(*_SAID.values())


def _can_be_left(path: str, change: Change) -> bool:
    is_said = path in _SAID[change.address.kind]
    return change.before is not None and (is_said or is_rule(path)) and not is_mark(path)
