"""What happened to a field or a resource, in one sentence: for reports of drift."""

from collections.abc import Iterable, Iterator, Mapping

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.marks import is_mark
from reconciler.model.change import Action, FieldChange, Reason
from reconciler.model.text import visible
from reconciler.model.value import Value, switch_of
from reconciler.review.labels import listed, value_text

RESOURCE: Mapping[Action, str] = {
    Action.CREATE: "it was deleted, or was never created",
    Action.ADOPT: "its ownership mark was removed",
}
"""What happened to a whole resource."""


def event_text(kind: ResourceKind, field: FieldChange, came: Iterable[str], went: Iterable[str]) -> str:
    """Return what became of a field; ``came`` and ``went`` are the items of a set by which it differs."""
    if is_mark(field.path):
        return "the ownership mark was changed"
    called, is_set = visible(kind.fields.called(field.path)), isinstance(field.before or field.after, tuple)
    if field.reason is Reason.BOTH_CHANGED:
        return f"{called} was changed, and the manifest has changed since then"
    if is_set:
        verbs = kind.fields.verbs(field.path)
        return "; ".join(_items(called, zip(verbs, ([*came], [*went]), strict=True)))
    was, is_now = switch_of(field.after), switch_of(field.before)
    if isinstance(is_now, bool) or (isinstance(was, bool) and is_now is None):
        return f"{called} was switched {'on' if is_now else 'off'}"
    return f"{called} {_changed(was, is_now)}"


def _items(called: str, found: Iterable[tuple[str, list[str]]]) -> Iterator[str]:
    for verb, names in found:
        if names:
            yield f"{called} {listed(names)} {'was' if len(names) == 1 else 'were'} {verb}"


def _changed(was: Value, is_now: Value) -> str:
    if is_now is None:
        return f"was removed; it was {value_text(was)}"
    return f"was set to {value_text(is_now)}" + ("" if was is None else f"; it was {value_text(was)}")
