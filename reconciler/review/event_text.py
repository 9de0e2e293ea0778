"""What happened to a field or a resource, in one sentence: for reports of drift."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

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
_HEAD: Final = re.compile(r"^(.+?)(?= of | to |$)")
_PLURALS: Final[Mapping[str, str]] = {
    "person": "people",
    "membership of group": "memberships of groups",
    "membership of organization": "memberships of organizations",
    "scope mapping of the role": "scope mappings of the roles",
    "link to the identity provider": "links to the identity providers",
}


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
            noun, was = (called, "was") if len(names) == 1 else (_plural(called), "were")
            yield f"{noun} {listed(names)} {was} {verb}"


def _plural(called: str) -> str:
    """Return the plural of what an item is called; the path of a field has none."""
    return _PLURALS.get(called) or (
        called if "." in called or called.endswith("s") else _HEAD.sub(r"\1s", called, count=1)
    )


def _changed(was: Value, is_now: Value) -> str:
    if is_now is None:
        return f"was removed; it was {value_text(was)}"
    return f"was set to {value_text(is_now)}" + ("" if was is None else f"; it was {value_text(was)}")
