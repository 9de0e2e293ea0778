"""Which fields of Keycloak may be left as they are for a while: what a release adds, but nothing that gives power."""

from collections.abc import Iterable

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.registry import KINDS


def can_be_ignored(kind: ResourceKind, path: str) -> bool:
    """Tell whether a field of the kind, with all that is below it, may be left to Keycloak."""
    return kind.fields.may_be_ignored(path) is True


def is_ignorable(path: str, kinds: Iterable[ResourceKind] = tuple(KINDS.values())) -> bool:
    """Tell whether a field may be ignored wherever it is: in some kind, and there is none in which it must not be."""
    said = {kind.fields.may_be_ignored(path) for kind in kinds}
    return True in said and False not in said
