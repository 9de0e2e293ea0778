"""What of a plan is of this change of the manifests, and what differed before it, in words."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.change import Change, FieldChange
from reconciler.model.origin import Base, Origin
from reconciler.model.plan import Plan, count
from reconciler.model.text import counted
from reconciler.model.value import Value
from reconciler.review.labels import LISTED, listed, value_text

ORIGIN: Final = {
    Origin.THIS_CHANGE: "this change",
    Origin.DRIFT_BEFORE: "pre-existing drift",
    Origin.BOTH: "this change and pre-existing drift",
}
_SHORT: Final = 12


def origin_text(origin: Origin | None) -> str:
    """Return the origin in words; empty where it is not known."""
    return ORIGIN[origin] if origin else ""


def origin_of_field(field: FieldChange, change: Change) -> str:
    """Return the origin of a field in words, where its resource does not say the same of all of them."""
    if field.origin is Origin.BOTH:
        is_set = isinstance(field.at_base, tuple) or isinstance(field.after, tuple)
        return origin_text(field.origin) + ("" if is_set else f" (at the base: {value_text(field.at_base)})")
    return "" if field.origin is change.origin else origin_text(field.origin)


def origin_of_item(item: Value, field: FieldChange) -> str:
    """Return the origin of one item that a set gains or loses, in words, where only some of them are of this change."""
    if field.origin is not Origin.BOTH:
        return ""
    at_base = field.at_base if isinstance(field.at_base, tuple) else ()
    after = field.after if isinstance(field.after, tuple) else ()
    return origin_text(Origin.DRIFT_BEFORE if (item in at_base) is (item in after) else Origin.THIS_CHANGE)


def base_text(base: Base) -> str:
    """Return the base as people name it: ``main (1a2b3c4d5e6f)``, ``where HEAD left main (1a2b3c4d5e6f)``."""
    short = base.commit[:_SHORT]
    one, dots, other = base.name.partition("...")
    name = f"where {other or 'HEAD'} left {one or 'HEAD'}" if dots else base.name
    return short if base.commit.startswith(base.name) else f"{name} ({short})"


def since_text(plan: Plan) -> str:
    """Return the base, and what is of this change and what was there before; empty where no base was named.

    Where two sets of manifests are compared, return what the two are.
    """
    if plan.base is None:
        return ""
    if not asks_live_systems(plan):
        return f"From {base_text(plan.base)} to {plan.base.head}:"
    return f"Since {base_text(plan.base)}: {since_numbers(plan)}."


def asks_live_systems(plan: Plan) -> bool:
    """Tell whether the plan is about live systems, and not a comparison of manifests alone."""
    return plan.base is None or not plan.base.head


def tells_origins(plan: Plan) -> bool:
    """Tell whether the plan says where its changes come from."""
    return plan.base is not None and asks_live_systems(plan)


def since_numbers(plan: Plan) -> str:
    """Return how much is of this change, and how much was there before."""
    numbers = {origin: _numbers(plan, origin) for origin in (*Origin, None)}
    words = [f"this change: {numbers[Origin.THIS_CHANGE] or 'nothing'}"]
    words.append(f"pre-existing drift: {numbers[Origin.DRIFT_BEFORE] or 'none'}")
    if numbers[Origin.BOTH]:
        words.append(f"both: {numbers[Origin.BOTH]}")
    if numbers[None]:
        words.append(f"unknown: {numbers[None]}")
    return "; ".join(words)


def since_notes(base: Base) -> Iterator[str]:
    """Yield what else is to be said of the base: what this change settles, and what was wrong there."""
    if base.resolved:
        named = [f"{each.address}: {each.path}" if each.path else str(each.address) for each in base.resolved]
        yield f"Resolved by this change: {listed(named)}."
    if base.unknown:
        named = [str(address) for address in base.unknown]
        yield f"Invalid at the base, so that this change cannot be told from earlier differences: {listed(named)}."
    yield from base.notes[:LISTED]
    if len(base.notes) > LISTED:
        yield f"... and {counted(len(base.notes) - LISTED, 'more note')}."


def _numbers(plan: Plan, origin: Origin | None) -> str:
    counts = count(tuple(change for change in plan.changes if change.origin is origin and not change.blocked))
    numbers = {"add": counts.added, "change": counts.changed, "destroy": counts.destroyed}
    return ", ".join(f"{number} to {verb}" for verb, number in numbers.items() if number)
