"""What a change brings along that is no field of a manifest, in a sentence each: a plan holds nothing that it hides."""

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.marks import FOLLOWED, PROTECTED, applied_in, left_alone
from reconciler.model.change import Change
from reconciler.review.labels import value_text, visible

_NOTED: Final = {
    PROTECTED: ("lifecycle.preventDestroy is set", "lifecycle.preventDestroy is set no more"),
    FOLLOWED: ("takes an id that another client had before", "no other client had its id before any more"),
}


def asides(change: Change) -> tuple[str, ...]:
    """Return what else is worth a line of its own about a change."""
    return tuple(map(visible, _asides(change)))


def _asides(change: Change) -> Iterator[str]:
    if change.placeholder:
        yield f"has the display name {value_text(change.placeholder)} meanwhile: another takes the one that it had"
    if change.sender:
        yield f"written with the token of {change.sender}"
    if change.unread:
        yield f"could not be read: {', '.join(change.unread)}"
    if change.after is None:
        return
    old, new = applied_in(change.before or {}), applied_in(change.after)
    for entry, (is_new, is_gone) in _NOTED.items():
        if old.get(entry) != new.get(entry):
            # Only a fingerprint of the ids is there.
            print_ = f" ({new[entry]})" if entry == FOLLOWED and entry in new else ""
            yield (is_new if entry in new else is_gone) + print_
    if left := left_alone(change.after):
        yield f"left as it is live: {', '.join(left)}"
    unasked = change.new_user_defaults
    if unasked.groups:
        yield f"groups that Keycloak gives a new service account, and that it leaves: {', '.join(unasked.groups)}"
    if unasked.actions:
        yield f"required actions that Keycloak gives a new service account, and that end: {', '.join(unasked.actions)}"
