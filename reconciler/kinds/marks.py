"""Our marks on live objects: who owns an object, and a fingerprint of every field as it was last applied.

They take the place of a state file: any runner can tell "the manifest changed" from "somebody changed Keycloak".
No value is stored, only short fingerprints. One of them is of the object that the marks were written for: marks that
came with a copy of another object prove nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.model.address import Address, Kind
from reconciler.model.change import Reason
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK, SOFT_DELETED_MARK
from reconciler.model.scalars import CLIENT_ID, SLUG
from reconciler.model.value import Fields, Value, fingerprint, is_empty

# docs/decisions.md, 3: why marks, and no state file.
RULES: Final = "rules"
"""One fingerprint for all fields that no manifest names."""

# docs/decisions.md, 111: why a mark names its object.
ADDRESS: Final = "address"
"""The fingerprint of what the marks were written for; marks of earlier versions lack it."""

PROTECTED: Final = "lifecycle.preventDestroy"
"""Kept on the object, because a manifest that is gone can no longer say it."""

MEMBERSHIPS: Final = "serviceAccount.organizations"
"""The organizations of a client: a manifest says them by its place."""

SECRET_ENDS = "keycloak.attributes.client.secret."  # noqa: S105  (a prefix of paths)
"""Ends of secrets, which no apply writes but to put them back."""

FOLLOWED: Final = "previousClientIds"
"""Kept on a client whose id another declared client had before: it tells the one from the other."""

_BESIDE: Final = frozenset({RULES, ADDRESS, PROTECTED, FOLLOWED})
"""Entries of the applied mark that are of no single field."""

_RULE_PREFIXES = ("keycloak.", "serviceAccount.")


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks as read from a live object.

    ``owner`` is who claims it, None for nobody. ``applied`` is empty where the marks prove nothing: they hold none, or
    were written for another object.
    """

    owner: str | None
    applied: Mapping[str, str] = field(default_factory=dict)

    @property
    def proves_owner(self) -> bool:
        """Tell whether somebody has applied the object."""
        return self.owner is not None and bool(self.applied)

    def is_of(self, owner: str) -> bool:
        """Tell whether ``owner`` has applied the object."""
        return self.owner == owner and bool(self.applied)

    def may_delete(self, owner: str) -> bool:
        """Tell whether the marks prove that ``owner`` has applied this very object: nothing else may end it."""
        return self.is_of(owner) and ADDRESS in self.applied

    @property
    def is_protected(self) -> bool:
        """Tell whether the last applied manifest forbade to destroy the object."""
        return PROTECTED in self.applied


def protected(marks: Marks, *, by: Marks) -> Marks:
    """Return the marks of something that must not be destroyed where ``by``, what it belongs to, must not be."""
    return replace(marks, applied={**marks.applied, PROTECTED: "true"}) if by.is_protected else marks


def is_rule(path: str) -> bool:
    """Tell whether the field follows from the reconciler's own rules, not from a manifest."""
    return path.startswith(_RULE_PREFIXES) and path != MEMBERSHIPS


def is_mark(path: str) -> bool:
    """Tell whether the field is one of the marks."""
    return path in {OWNER_MARK, APPLIED_MARK}


def marked(
    desired: Fields, owner: str, address: Address, *, protected: bool = False, followed: tuple[str, ...] = ()
) -> dict[str, Value]:
    """Return the fields with both marks added: the owner, and sorted ``field=fingerprint`` entries.

    ``followed`` are the previous ids of a client whose id another client had before: see :data:`FOLLOWED`.
    """
    prints = _prints(desired) | {ADDRESS: _written_for(address)} | ({PROTECTED: "true"} if protected else {})
    prints |= {FOLLOWED: fingerprint(followed)} if followed else {}
    return {
        **desired,
        OWNER_MARK: owner,
        APPLIED_MARK: tuple(f"{path}={print_}" for path, print_ in sorted(prints.items())),
    }


def applied_in(fields: Fields) -> dict[str, str]:
    """Return the entries of the applied mark among the fields."""
    return _pairs(map(str, _entries(fields.get(APPLIED_MARK))))


def soft_deleted(before: Fields, path: str, value: Value, at: str) -> Fields:
    """Return the live fields with the one at ``path`` as it is for what is deleted softly at the moment ``at``.

    The marks stay, so that it is still ours; a moment that is noted already stays too.
    """
    entries = {str(entry).rpartition("=")[0]: str(entry) for entry in _entries(before.get(APPLIED_MARK))}
    entries[path] = f"{path}={fingerprint(value)}"
    return {
        **before,
        path: value,
        SOFT_DELETED_MARK: before.get(SOFT_DELETED_MARK) or at,
        APPLIED_MARK: tuple(entry for _, entry in sorted(entries.items())),
    }


def keep_applied(after: Fields, before: Fields, paths: Iterable[str]) -> Fields:
    """Return the desired fields with the live entries of the applied mark for ``paths``, which are left alone."""
    kept = frozenset(paths)
    ours = {str(entry): str(entry).rpartition("=")[0] in kept for entry in _entries(after.get(APPLIED_MARK))}
    live = {str(entry): str(entry).rpartition("=")[0] in kept for entry in _entries(before.get(APPLIED_MARK))}
    entries = [entry for entry, is_kept in ours.items() if not is_kept]
    return {**after, APPLIED_MARK: tuple(sorted([*entries, *(entry for entry, is_kept in live.items() if is_kept)]))}


def left_alone(after: Fields) -> tuple[str, ...]:
    """Return which fields of a manifest are left as they are live: the mark does not say them as they shall be.

    What is deleted softly is left alone as a whole, and a difference of manifests alone has no mark.
    """
    if SOFT_DELETED_MARK in after or APPLIED_MARK not in after:
        return ()
    applied = {path: print_ for path, print_ in applied_in(after).items() if path not in _BESIDE}
    said = {path: fingerprint(value) for path, value in after.items() if not is_rule(path) and not is_mark(path)}
    return tuple(sorted(path for path in applied.keys() | said.keys() if applied.get(path) != said.get(path)))


def _entries(mark: Value) -> tuple[Value, ...]:
    return mark if isinstance(mark, tuple) else ()


def parse(owner: str | None, entries: Iterable[str], address: Address) -> Marks:
    """Return the marks that the object at ``address`` carries; an entry that we did not write is passed over.

    Nothing is proven by marks that were written for another object, or of an object that no manifest can declare.
    """
    applied = _pairs(entries)
    written_for = _written_for(address)
    is_its_own = applied.get(ADDRESS, written_for) == written_for and can_be_declared(address)
    return Marks(owner, applied if is_its_own else {})


def marks_in(before: Fields, address: Address) -> Marks:
    """Return the marks among the live fields of the object at ``address``."""
    owner = before.get(OWNER_MARK)
    return parse(None if owner is None else str(owner), map(str, _entries(before.get(APPLIED_MARK))), address)


def _pairs(entries: Iterable[str]) -> dict[str, str]:
    return {path: value for path, _, value in (entry.rpartition("=") for entry in entries) if path}


def _written_for(address: Address) -> str:
    """Return the fingerprint of the address without what changes: a realm's name, and the organization of a client."""
    return fingerprint((address.kind, *address.identity) if address.alias else address.kind)


_FORMS: Final = {Kind.CLIENT: CLIENT_ID, Kind.ORGANIZATION: SLUG}
"""What names that manifests can declare look like."""


def can_be_declared(address: Address) -> bool:
    """Tell whether a manifest can declare an object of that name, so that it can be ours at all."""
    return address.kind not in _FORMS or _FORMS[address.kind].fullmatch(address.name) is not None


def reason_for(path: str, before: Value, desired: Fields, marks: Marks) -> Reason:
    """Say which side of a field moved since the last apply."""
    if marks.owner is None or not marks.applied:
        return Reason.NEVER_APPLIED
    if path == SOFT_DELETED_MARK:
        return Reason.MANIFEST_CHANGED
    if path.startswith(SECRET_ENDS):
        # Compared only where Keycloak cannot have written it.
        return Reason.KEYCLOAK_CHANGED
    if is_mark(path):
        return _reason_for_marks(desired, marks)
    if is_rule(path):
        return Reason.KEYCLOAK_CHANGED if marks.applied.get(RULES) == _rules_of(desired) else Reason.RULES_CHANGED
    last = marks.applied.get(path, _ABSENT)
    if last == _print(before):
        return Reason.MANIFEST_CHANGED
    return Reason.KEYCLOAK_CHANGED if last == _print(desired.get(path)) else Reason.BOTH_CHANGED


def _rules_of(desired: Fields) -> str | None:
    """Return the fingerprint of the rules: that of the mark, as live fields may be among the desired ones."""
    return applied_in(desired).get(RULES) or _prints(desired).get(RULES)


def _reason_for_marks(desired: Fields, marks: Marks) -> Reason:
    """Say why the marks alone are out of date: every field is live as it is desired."""
    wanted = applied_in(desired)
    stale = {path for path in wanted.keys() | marks.applied.keys() if wanted.get(path) != marks.applied.get(path)}
    if stale <= {RULES, ADDRESS}:
        return Reason.RULES_CHANGED
    return Reason.MANIFEST_CHANGED if stale <= _BESIDE else Reason.BOTH_CHANGED


def _print(value: Value) -> str:
    return _ABSENT if value is None else fingerprint(value)


def _prints(desired: Fields) -> dict[str, str]:
    own = {path: value for path, value in desired.items() if not is_mark(path) and value is not None}
    rules = {path: value for path, value in own.items() if is_rule(path) and not is_empty(value)}
    return {path: fingerprint(v) for path, v in own.items() if path not in rules and not is_rule(path)} | {
        RULES: fingerprint(rules)
    }


_ABSENT = "-"
