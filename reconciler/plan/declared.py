"""Compare what two sets of manifests declare, without any server: what applying one after the other would change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.kinds.client import fields as client
from reconciler.kinds.marks import is_mark, is_rule
from reconciler.kinds.organization import fields as organization
from reconciler.kinds.realm import fields as realm
from reconciler.kinds.webhook import fields as webhook
from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.manifest import DesiredState, IntegrationOrganization, Lifecycle, Realm
from reconciler.model.risk import Risk, RiskLevel, highest
from reconciler.model.value import Fields, Value, unordered
from reconciler.plan.compare import differences, differing
from reconciler.plan.order import in_order
from reconciler.plan.risk import assessed

_NOTHING: Final[Fields] = {}
_LEFT_ALONE: Final = Risk(
    RiskLevel.MEDIUM, "no-longer-declared", "It stays in Keycloak as it is, and nobody sees any more if it drifts."
)


@dataclass(frozen=True, slots=True)
class _Declared:
    """One resource as manifests declare it; ``former`` are names by which the other side may declare it."""

    address: Address
    fields: Fields
    labels: Mapping[str, str]
    former: tuple[Address, ...] = ()


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
    gone = [each for each in old.keys() - new.keys() - set(former.values()) if each.kind is not Kind.REALM]
    changes += [_deletion(old[address], after) for address in gone]
    return tuple(_weighed(change) for change in in_order(changes))


def _weighed(change: Change) -> Change:
    """Return the change with its risks; what a realm's manifest leaves out is not removed, but not watched either."""
    found = assessed(change)
    if change.address.kind is not Kind.REALM:
        return found
    left = [f.after is None and not f.path.startswith(_LIFECYCLE) for f in found.field_changes]
    pairs = zip(found.field_changes, left, strict=True)
    fields = tuple(replace(field, risk=_LEFT_ALONE) if is_left else field for field, is_left in pairs)
    return replace(found, field_changes=fields, risk=highest(field.risk for field in fields))


def _pairs(old: Mapping[Address, _Declared], new: Mapping[Address, _Declared]) -> Iterator[tuple[Address, Address]]:
    """Yield what has another address now: the new one, and the old one."""
    taken: set[Address] = set()
    homes = {address.name: address for address in old if address.kind is Kind.CLIENT}
    for address, wanted in new.items():
        if address in old:
            continue
        moved = [homes[address.name]] if address.kind is Kind.CLIENT and address.name in homes else []
        names = (homes.get(each.name, each) if each.kind is Kind.CLIENT else each for each in wanted.former)
        found = next((e for e in (*moved, *names) if e in old and e not in new and e not in taken), None)
        if found is None and address.kind is Kind.WEBHOOK:
            found = next(
                (e for e in old if _is_same_endpoint(old[e], wanted) and e not in new and e not in taken), None
            )
        if found is not None:
            taken.add(found)
            yield address, found


def _is_same_endpoint(old: _Declared, new: _Declared) -> bool:
    """Tell whether a webhook only has another name, as a plan would find: by its URL."""
    same_home = old.address.kind is Kind.WEBHOOK and old.address.names[0] == new.address.names[0]
    return same_home and old.fields.get("url") == new.fields.get("url")


def _change(old: _Declared | None, new: _Declared) -> Change | None:
    if old is None:
        fields = tuple(_fields(_NOTHING, new.fields, Reason.NEVER_APPLIED))
        return Change(new.address, Action.CREATE, None, new.fields, fields, (), labels=new.labels)
    fields = tuple(_fields(old.fields, new.fields, Reason.MANIFEST_CHANGED))
    if new.address.kind is Kind.REALM:
        fields = tuple(field for field in fields if field.after is not None or not is_rule(field.path))
    renamed_from = old.address.name if old.address.name != new.address.name else ""
    if renamed_from:
        key = "clientId" if new.address.kind is Kind.CLIENT else "name"
        fields = (FieldChange(key, renamed_from, new.address.name, Reason.MANIFEST_CHANGED), *fields)
    if not fields:
        return None
    change = Change(new.address, Action.UPDATE, old.fields, new.fields, fields, (), labels=new.labels)
    return replace(change, renamed_from=renamed_from)


def _deletion(old: _Declared, after: DesiredState) -> Change:
    home = next((each for each in after.organizations if each.name == old.address.names[0]), None)
    fields = tuple(_fields(old.fields, _NOTHING, Reason.NOT_DECLARED))
    labels = None if home is None else home.metadata.labels
    blocked = "lifecycle.preventDestroy is set at the base" if old.fields.get(_PROTECTED) is True else ""
    return Change(old.address, Action.DELETE, old.fields, None, fields, (), blocked=blocked, labels=labels)


def _fields(before: Fields, after: Fields, reason: Reason) -> Iterator[FieldChange]:
    for path in differing(before, after):
        yield from (FieldChange(*parts, reason) for parts in differences(path, before.get(path), after.get(path)))


def _resources(desired: DesiredState, realm_name: str, owner: str) -> Iterator[_Declared]:
    for each in _with_marks(desired, realm_name, owner):
        yield replace(each, fields={path: value for path, value in each.fields.items() if not is_mark(path)})


def _with_marks(desired: DesiredState, realm_name: str, owner: str) -> Iterator[_Declared]:
    if desired.realm is not None:
        said = {**realm.desired_fields(desired.realm, owner), **_kept_in_git(desired.realm)}
        yield _Declared(Address.realm(realm_name), said, {})
    for each in desired.organizations:
        labels = each.metadata.labels
        said = {**organization.desired_fields(each, owner), **_kept_in_git(each)}
        yield _Declared(Address.organization(each.name), said, labels)
        for one in each.spec.clients:
            fields = client.desired_fields(each.name, one, owner, protected=each.lifecycle.prevent_destroy)
            former = tuple(Address.client(each.name, name) for name in one.previous_client_ids)
            yield _Declared(Address.client(each.name, one.client_id), fields, labels, former)
        for hook in each.spec.webhooks:
            yield _Declared(
                Address.webhook(each.name, hook.name), webhook.desired_fields(each.name, hook, owner), labels
            )


_LIFECYCLE: Final = "lifecycle."
_PROTECTED: Final = f"{_LIFECYCLE}preventDestroy"


def _kept_in_git(manifest: IntegrationOrganization | Realm) -> Fields:
    """Return what no server holds as a field of its own, and a reviewer still wants to see."""
    said: dict[str, Value] = dict(_lifecycle(manifest.lifecycle))
    if isinstance(manifest, IntegrationOrganization):
        said |= {f"labels.{name}": value for name, value in manifest.metadata.labels.items()}
        said["people"] = manifest.spec.people
        said["dpa.evidence"] = manifest.spec.dpa.evidence if manifest.spec.dpa else None
    return {path: value for path, value in said.items() if value is not None}


def _lifecycle(lifecycle: Lifecycle) -> Iterator[tuple[str, Value]]:
    if lifecycle.prevent_destroy:
        yield _PROTECTED, True
    if lifecycle.ignore_changes:
        yield f"{_LIFECYCLE}ignoreChanges", unordered(lifecycle.ignore_changes)
    if lifecycle.adopt.drop:
        yield f"{_LIFECYCLE}adopt.drop", unordered(lifecycle.adopt.drop)
