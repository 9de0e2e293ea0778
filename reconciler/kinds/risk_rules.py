"""How rules of risk are written: a rule sees one field's way from before (live) to after (desired)."""

from collections.abc import Callable
from typing import Final, TypeAlias

from reconciler.model.risk import NO_RISK, Risk, RiskLevel, highest
from reconciler.model.value import Value, fingerprint

Rule: TypeAlias = Callable[[Value, Value], Risk]


def low(code: str, why: str) -> Risk:
    """Return a low risk."""
    return Risk(RiskLevel.LOW, code, why)


def medium(code: str, why: str) -> Risk:
    """Return a medium risk."""
    return Risk(RiskLevel.MEDIUM, code, why)


def high(code: str, why: str) -> Risk:
    """Return a high risk."""
    return Risk(RiskLevel.HIGH, code, why)


def flag(on: Risk, off: Risk) -> Rule:
    """Return the rule of a flag; a flag that is not there is off."""

    def rule(before: Value, after: Value) -> Risk:
        if bool(before) is bool(after):
            return NO_RISK
        return on if after else off

    return rule


def always(risk: Risk) -> Rule:
    """Return the rule that knows one risk."""
    return lambda _before, _after: risk


def replaced(changed: Risk, removed: Risk, given: Risk) -> Rule:
    """Return the rule of a value that is changed, removed, or given for the first time."""

    def rule(before: Value, after: Value) -> Risk:
        return given if before is None else removed if after is None else changed

    return rule


def number(up: Risk, down: Risk, given: Risk = NO_RISK, removed: Risk = NO_RISK) -> Rule:
    """Return the rule of a number that grows, shrinks, is given for the first time or removed."""

    def rule(before: Value, after: Value) -> Risk:
        if before is None or after is None:
            return given if before is None else removed
        if not isinstance(before, int) or not isinstance(after, int) or before == after:
            return NO_RISK
        return up if after > before else down

    return rule


def members(removed: Callable[[int], Risk], added: Callable[[int], Risk]) -> Rule:
    """Return the rule of a set: of what is removed or added, the higher risk."""

    def rule(before: Value, after: Value) -> Risk:
        gone, new = items(before) - items(after), items(after) - items(before)
        return highest((*([removed(len(gone))] if gone else []), *([added(len(new))] if new else [])))

    return rule


def switched(on: Risk) -> Rule:
    """Return the rule of a flag that opens something when somebody switches it on by hand."""
    return flag(on=on, off=BY_HAND)


def came(added: Risk, removed: Risk | None = None) -> Rule:
    """Return the rule of a set to which somebody adds an item by hand, or takes one from it."""
    return members(removed=lambda _: removed or BY_HAND, added=lambda _: added)


def items(value: Value) -> frozenset[Value]:
    """Return the items of a set; of one that holds objects, what tells them apart."""
    found = value if isinstance(value, tuple) else ()
    return frozenset(each if isinstance(each, str) else fingerprint(each) for each in found)


BY_HAND: Final = medium("changed-by-hand", "It differs from the last applied state.")
"""That somebody changed what no other rule tells more of: it is never no risk."""
WORDS: Final = always(low("words-changed", "Only people read it."))
LONGER: Final = medium("token-lifespan-longer", "A token that leaks can be used for longer.")
SHORTER: Final = low("token-lifespan-shorter", "Tokens are requested more often.")
DURATION: Final = number(
    up=LONGER,
    down=SHORTER,
    given=low("token-lifespan-set", "Tokens live as long as it says, no longer as long as the default."),
    removed=medium("token-lifespan-removed", "Tokens live as long as the default, which may be longer."),
)
