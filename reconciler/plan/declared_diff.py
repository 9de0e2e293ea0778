"""Compare what two sets of manifests declare, without any server: what applying one after the other would change."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from reconciler.kinds.compare import differences, differing
from reconciler.kinds.declared import LIFECYCLE, PROTECTED, Declared
from reconciler.kinds.marks import is_mark, is_rule
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.manifest import DesiredState
from reconciler.model.risk import Risk, RiskLevel, highest
from reconciler.model.value import Fields
from reconciler.plan.order import in_order
from reconciler.plan.risk import assessed

_NOTHING: Final[Fields] = {}
_LEFT_ALONE: Final = Risk(
    RiskLevel.MEDIUM, "no-longer-declared", "It stays in Keycloak as it is, and its drift is no longer detected."
)


def declared_changes(before: DesiredState, after: DesiredState, realm_name: str, owner: str) -> tuple[Change, ...]:
    """Return what applying ``after`` would change where ``before`` is applied, in order, with the risks of it.

    A client is the same one wherever it moves; what a manifest renames is renamed. A realm that is not declared any
    more is left alone, and so is a setting of it.
    """
    old = {each.address: each for each in _resources(before, realm_name, owner)}
    new = {each.address: each for each in _resources(after, realm_name, owner)}
    former = dict(_pairs(old, new))
    changes = [
        change
        for address, wanted in new.items()
        if (change := _change(old.get(former.get(address, address)), wanted)) is not None
    ]
    gone = [each for each in old.keys() - new.keys() - set(former.values()) if not kind_of(each).is_left_alone]
    labels = {each.name: each.metadata.labels for each in after.organizations}
    changes += [_deletion(old[address], labels.get(address.alias)) for address in gone]
    return tuple(_weighed(change) for change in in_order(changes))


def _weighed(change: Change) -> Change:
    """Return the change with its risks; what a realm's manifest leaves out is not removed, but not watched either."""
    found = assessed(change)
    if not kind_of(change.address).is_left_alone:
        return found
    left = [f.after is None and not f.path.startswith(LIFECYCLE) for f in found.field_changes]
    pairs = zip(found.field_changes, left, strict=True)
    fields = tuple(replace(field, risk=_LEFT_ALONE) if is_left else field for field, is_left in pairs)
    return replace(found, field_changes=fields, risk=highest(field.risk for field in fields))


def _pairs(old: Mapping[Address, Declared], new: Mapping[Address, Declared]) -> Iterator[tuple[Address, Address]]:
    """Yield what has another address now: the new one, and the old one."""
    taken: set[Address] = set()
    homes = {(address.kind, address.name): address for address in old if kind_of(address).moves}
    alike: dict[tuple[Kind, Hashable], list[Address]] = {}
    for address, declared in old.items():
        alike.setdefault((address.kind, kind_of(address).likeness(declared)), []).append(address)
    for address, wanted in new.items():
        if address in old:
            continue
        names = (homes.get((each.kind, each.name), each) for each in (address, *wanted.former))
        found = next((e for e in names if e in old and e not in new and e not in taken), None)
        if found is None:
            like = kind_of(address).likeness(wanted)
            same = () if like is None else alike.get((address.kind, like), ())
            found = next((e for e in same if e not in new and e not in taken), None)
        if found is not None:
            taken.add(found)
            yield address, found


def _change(old: Declared | None, new: Declared) -> Change | None:
    if old is None:
        fields = tuple(_fields(_NOTHING, new.fields, Reason.NEVER_APPLIED))
        return Change(new.address, Action.CREATE, None, new.fields, fields, (), labels=new.labels)
    fields = tuple(_fields(old.fields, new.fields, Reason.MANIFEST_CHANGED))
    if kind_of(new.address).is_left_alone:
        fields = tuple(field for field in fields if field.after is not None or not is_rule(field.path))
    renamed_from = old.address.name if old.address.name != new.address.name else ""
    if renamed_from:
        fields = (
            FieldChange(kind_of(new.address).name_field, renamed_from, new.address.name, Reason.MANIFEST_CHANGED),
            *fields,
        )
    if not fields:
        return None
    change = Change(new.address, Action.UPDATE, old.fields, new.fields, fields, (), labels=new.labels)
    return replace(change, renamed_from=renamed_from)


def _deletion(old: Declared, labels: Mapping[str, str] | None) -> Change:
    fields = tuple(_fields(old.fields, _NOTHING, Reason.NOT_DECLARED))
    blocked = "lifecycle.preventDestroy is set at the base" if old.fields.get(PROTECTED) is True else ""
    return Change(old.address, Action.DELETE, old.fields, None, fields, (), blocked=blocked, labels=labels)


def _fields(before: Fields, after: Fields, reason: Reason) -> Iterator[FieldChange]:
    for path in differing(before, after):
        yield from (FieldChange(*parts, reason) for parts in differences(path, before.get(path), after.get(path)))


def _resources(desired: DesiredState, realm_name: str, owner: str) -> Iterator[Declared]:
    for each in (each for kind in KINDS.values() for each in kind.declared(desired, realm_name, owner)):
        yield replace(each, fields={path: value for path, value in each.fields.items() if not is_mark(path)})
