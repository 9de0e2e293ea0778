"""What adopting an object takes from it: what of that somebody has set, and what relies on it."""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.loss import NO_ADDITIONS, Additions, Loss, lost
from reconciler.model.layout import MARKS
from reconciler.model.value import Fields, Value

_OF_CLIENT: Final = re.compile(r"clients\[(?P<client>[^\]]+)\]\.(?P<field>.+)")


def losses(
    kind: ResourceKind, before: Fields, after: Fields, added: Additions = NO_ADDITIONS
) -> Iterator[tuple[str, Loss]]:
    """Yield the paths of the fields that lose something on the way from ``before`` to ``after``, sorted."""
    for path in sorted(before):
        if (loss := loss_of(kind, path, before[path], after.get(path), after)) is not None:
            yield path, kind.loss_beside(path, loss, before, after, added)


def loss_of(kind: ResourceKind, path: str, old: Value, new: Value, after: Fields) -> Loss | None:
    """Return what it means that a field, or a part of one, becomes ``new``; None where nothing is taken away."""
    gone = lost(old, new, is_of_off=kind.fields.loss(path).is_of_off)
    if gone is None or not kind.fields.droppable or path.startswith(MARKS):
        return None
    return kind.loss(path, gone, after)


def split_drop(entry: str) -> tuple[str | None, str]:
    """Return whose field an entry of ``lifecycle.adopt.drop`` means, and the field.

    ``clients[ID].FIELD`` means that client, ``clients[*].FIELD`` every client; a field alone is meant wherever it is.
    """
    found = _OF_CLIENT.fullmatch(entry)
    return (found["client"], found["field"]) if found else (None, entry)


def can_be_dropped(kind: ResourceKind, path: str) -> bool:
    """Tell whether an entry of ``lifecycle.adopt.drop`` may name the field, or what several fields begin with."""
    return any(f"{path}.".startswith(f"{known.removesuffix('.')}.") for known in kind.fields.droppable)
