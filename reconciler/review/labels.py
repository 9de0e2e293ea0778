"""The pieces that every text for people shares: symbols, colours and values."""

import json
from collections.abc import Mapping
from typing import Final

import click

from reconciler.kinds.marks import is_mark
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import Attribution
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.finding import Severity
from reconciler.model.plan import Counts
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.value import Value, plain

NOTHING_SEEN: Final = "Nothing to change in what could be read."
NO_DRIFT_SEEN: Final = "Nothing has drifted in what could be read."

SYMBOL: Final = {
    Action.CREATE: click.style("+", fg="green"),
    Action.UPDATE: click.style("~", fg="yellow"),
    Action.ADOPT: click.style("~", fg="yellow"),
    Action.DELETE: click.style("-", fg="red"),
    Action.NO_OP: " ",
}
SENTENCE: Final = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated in-place",
    Action.ADOPT: "exists without our mark; it will be adopted and updated in-place",
    Action.DELETE: "will be destroyed",
    Action.NO_OP: "is up to date",
}
WHY: Final = {
    Reason.MANIFEST_CHANGED: "",
    Reason.KEYCLOAK_CHANGED: "changed in Keycloak",
    Reason.PLATFORM_CHANGED: "changed on the platform, which does not tell by whom",
    Reason.BOTH_CHANGED: "changed live and in the manifest",
    Reason.RULES_CHANGED: "the reconciler's own rules changed",
    Reason.NEVER_APPLIED: "",
    Reason.NOT_DECLARED: "",
}
SEVERITY: Final = {
    Severity.ERROR: click.style("Error", fg="red", bold=True),
    Severity.WARNING: click.style("Warning", fg="yellow", bold=True),
    Severity.INFO: click.style("Note", fg="cyan", bold=True),
}
RISK: Final = {
    RiskLevel.HIGH: click.style("high risk", fg="red"),
    RiskLevel.MEDIUM: click.style("medium risk", fg="yellow"),
}
"""The levels that are worth a word on a line of its own; the others are in the JSON."""
_NOUNS: Final = {
    Kind.REALM: "realm",
    Kind.ORGANIZATION: "organization",
    Kind.CLIENT: "client",
    Kind.WEBHOOK: "webhook",
}


def visible(text: str) -> str:
    """Escape what a terminal would obey: live values come from others."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def value_text(value: Value) -> str:
    """Return a value on one line; None is ``null``."""
    if value is None:
        return "null"
    return visible(json.dumps(plain(value), ensure_ascii=False))


def risk_text(risk: Risk, *, with_low: bool = False) -> str:
    """Return ``high risk: why``, or nothing where the level is not worth a reader's time."""
    if with_low and risk.level is RiskLevel.LOW:
        return f"low risk: {visible(risk.why)}"
    return f"{RISK[risk.level]}: {visible(risk.why)}" if risk.level in RISK else ""


def tells_low_risk(field: FieldChange, change: Change) -> bool:
    """Tell whether a low risk of the field is said, too: whoever adopts an object reads all that it loses."""
    return change.adopts and field.before is not None and not is_mark(field.path)


def consequences_text(change: Change) -> tuple[str, ...]:
    """Return a sentence for each consequence, with its risk and the first names, for a terminal."""
    levels = {each: RISK.get(each.risk.level, f"{each.risk.level} risk") for each in change.consequences}
    return tuple(f"{level}: {visible(each.text)}" for each, level in levels.items())


def planned_text(counts: Counts) -> str:
    """Return ``1 to add, 2 to change, 3 to destroy``, and how many of those are accounts."""
    return f"{counts.added} to add, {counts.changed} to change, {counts.destroyed} to destroy{_accounts(counts)}"


def done_text(counts: Counts) -> str:
    """Return ``1 added, 2 changed, 3 destroyed``, and how many of those are accounts."""
    return f"{counts.added} added, {counts.changed} changed, {counts.destroyed} destroyed{_accounts(counts)}"


def _accounts(counts: Counts) -> str:
    return f" ({counted(counts.accounts, 'account')} of people)" if counts.accounts else ""


def attribution_text(attribution: Attribution) -> str:
    """Return ``by alice (security-admin-console) from 10.1.2.3, 2026-03-01 12:00:07 UTC``."""
    client = f" ({visible(attribution.client)})" if attribution.client else ""
    place = f" from {visible(attribution.ip)}" if attribution.ip else ""
    who = f"{visible(attribution.user) or 'somebody'}{client}{place}, {attribution.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"by {who}" if attribution.exact else f"perhaps by {who}: the last event that fits"


def whole_attribution_text(change: Change) -> str:
    """Return who deleted a resource, or took our mark from it; nothing where no event shows it."""
    if change.attribution is None:
        return ""
    done = "deleted" if change.action is Action.CREATE else "mark taken away"
    return f"{done} {attribution_text(change.attribution)}"


def dim(text: str) -> str:
    """Return text that steps back."""
    return click.style(text, dim=True)


def counted(number: int, noun: str) -> str:
    """Return ``3 clients`` or ``1 client``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def kinds_counted(addresses: tuple[Address, ...]) -> str:
    """Return ``2 organizations, 1 client``."""
    numbers = {kind: sum(address.kind is kind for address in addresses) for kind in Kind}
    return ", ".join(counted(number, _NOUNS[kind]) for kind, number in numbers.items() if number)


def partner_text(uuid: str, names: Mapping[str, str]) -> str:
    """Return a partner as readers know it, with its UUID."""
    return f"{visible(names[uuid])}  {dim(uuid)}" if uuid in names else visible(uuid)
