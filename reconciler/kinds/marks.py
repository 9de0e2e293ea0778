"""Our marks on live objects: who owns an object, and a fingerprint of every field as it was last applied.

They take the place of a state file: any runner can tell "the manifest changed" from "somebody changed Keycloak".
No value is stored, only short fingerprints.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.model.change import Reason
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK, SOFT_DELETED_MARK
from reconciler.model.value import Fields, Value, fingerprint, is_empty

RULES: Final = "rules"
"""One fingerprint for all fields that no manifest names."""

_PROTECTED = "lifecycle.preventDestroy"
"""Kept on the object, because a manifest that is gone can no longer say it."""

MEMBERSHIPS: Final = "serviceAccount.organizations"
"""The organizations of a client: a manifest says them by its place."""

SECRET_ENDS = "keycloak.attributes.client.secret."  # noqa: S105  (a prefix of paths)
"""Ends of secrets, which no apply writes but to put them back."""

_RULE_PREFIXES = ("keycloak.", "serviceAccount.")


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks as read from a live object; ``owner`` is None where there is none."""

    owner: str | None
    applied: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_protected(self) -> bool:
        """Tell whether the last applied manifest forbade to destroy the object."""
        return _PROTECTED in self.applied


def protected(marks: Marks, *, by: Marks) -> Marks:
    """Return the marks of something that must not be destroyed where ``by``, what it belongs to, must not be."""
    return replace(marks, applied={**marks.applied, _PROTECTED: "true"}) if by.is_protected else marks


def is_rule(path: str) -> bool:
    """Tell whether the field follows from the reconciler's own rules, not from a manifest."""
    return path.startswith(_RULE_PREFIXES) and path != MEMBERSHIPS


def is_mark(path: str) -> bool:
    """Tell whether the field is one of the marks."""
    return path in {OWNER_MARK, APPLIED_MARK}


def marked(desired: Fields, owner: str, *, protected: bool) -> dict[str, Value]:
    """Return the fields with both marks added: the owner, and sorted ``field=fingerprint`` entries."""
    prints = _prints(desired) | ({_PROTECTED: "true"} if protected else {})
    return {
        **desired,
        OWNER_MARK: owner,
        APPLIED_MARK: tuple(f"{path}={print_}" for path, print_ in sorted(prints.items())),
    }


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


def _entries(mark: Value) -> tuple[Value, ...]:
    return mark if isinstance(mark, tuple) else ()


def parse(owner: str | None, entries: Iterable[str]) -> Marks:
    """Return the marks that an object carries; an entry that we did not write is passed over."""
    pairs = (entry.rpartition("=") for entry in entries)
    return Marks(owner, {path: value for path, _, value in pairs if path})


def marks_in(before: Fields) -> Marks:
    """Return the marks among an object's live fields."""
    owner = before.get(OWNER_MARK)
    return parse(None if owner is None else str(owner), map(str, _entries(before.get(APPLIED_MARK))))


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
        same_rules = marks.applied.get(RULES) == _prints(desired).get(RULES)
        return Reason.KEYCLOAK_CHANGED if same_rules else Reason.RULES_CHANGED
    last = marks.applied.get(path, _ABSENT)
    if last == _print(before):
        return Reason.MANIFEST_CHANGED
    return Reason.KEYCLOAK_CHANGED if last == _print(desired.get(path)) else Reason.BOTH_CHANGED


def _reason_for_marks(desired: Fields, marks: Marks) -> Reason:
    """Say why the marks alone are out of date: every field is live as it is desired."""
    entries = desired.get(APPLIED_MARK)
    wanted = parse(None, map(str, entries) if isinstance(entries, tuple) else ()).applied
    stale = {path for path in wanted.keys() | marks.applied.keys() if wanted.get(path) != marks.applied.get(path)}
    if stale <= {RULES}:
        return Reason.RULES_CHANGED
    return Reason.MANIFEST_CHANGED if stale <= {RULES, _PROTECTED} else Reason.BOTH_CHANGED


def _print(value: Value) -> str:
    return _ABSENT if value is None else fingerprint(value)


def _prints(desired: Fields) -> dict[str, str]:
    own = {path: value for path, value in desired.items() if not is_mark(path) and value is not None}
    rules = {path: value for path, value in own.items() if is_rule(path) and not is_empty(value)}
    return {path: fingerprint(v) for path, v in own.items() if path not in rules and not is_rule(path)} | {
        RULES: fingerprint(rules)
    }


_ABSENT = "-"
