"""The pieces that every text for people shares: symbols, colours and values."""

import json
import textwrap
from collections.abc import Sequence
from typing import Final

import click

from reconciler.model.address import Address, Kind
from reconciler.model.attribution import Attribution
from reconciler.model.change import Action, Reason
from reconciler.model.finding import Severity
from reconciler.model.plan import Counts
from reconciler.model.risk import Consequence, Risk, RiskLevel
from reconciler.model.text import counted, visible
from reconciler.model.value import Value, plain

NO_VERDICT: Final = "No verdict: not everything could be read."
SCREEN: Final = 100
"""Characters on a line, where nobody tells how wide the terminal is."""
LISTED: Final = 10
"""Names on a line, before they are only counted."""

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
    Action.ADOPT: "exists unmanaged and will be adopted, updated in-place",
    Action.DELETE: "will be destroyed",
    Action.NO_OP: "is up to date",
}
WHY: Final = {
    Reason.MANIFEST_CHANGED: "",
    Reason.KEYCLOAK_CHANGED: "changed in Keycloak",
    Reason.PLATFORM_CHANGED: "changed on the platform; author unknown",
    Reason.BOTH_CHANGED: "changed live and in the manifest",
    Reason.RULES_CHANGED: "the built-in defaults changed",
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
    RiskLevel.LOW: "low risk",
}
WORTHY: Final = frozenset({RiskLevel.HIGH, RiskLevel.MEDIUM})
"""The levels of risk that a reviewer is told before anything else."""


def value_text(value: Value) -> str:
    """Return a value on one line; None is ``null``."""
    if value is None:
        return "null"
    return visible(json.dumps(plain(value), ensure_ascii=False))


def risk_text(risk: Risk) -> str:
    """Return ``high risk: why`` for a terminal; nothing for none."""
    return f"{RISK[risk.level]}: {visible(risk.why)}" if risk.level in RISK else ""


def consequence_text(consequence: Consequence) -> str:
    """Return what happens beyond what is written, with its risk and the first names, for a terminal."""
    level = consequence.risk.level
    return f"{RISK.get(level, f'{level} risk')}: {visible(consequence.text)}"


def planned_text(counts: Counts) -> str:
    """Return ``1 to add, 2 to change, 3 to destroy``, and how many of those are accounts."""
    return f"{counts.added} to add, {counts.changed} to change, {counts.destroyed} to destroy{_accounts(counts)}"


def done_text(counts: Counts) -> str:
    """Return ``1 added, 2 changed, 3 destroyed``, and how many of those are accounts."""
    return f"{counts.added} added, {counts.changed} changed, {counts.destroyed} destroyed{_accounts(counts)}"


def _accounts(counts: Counts) -> str:
    return f" ({counted(counts.accounts, 'account')} of people)" if counts.accounts else ""


def attribution_text(attribution: Attribution) -> str:
    """Return ``by alice (security-admin-console) from 10.1.2.3, 2026-03-01 12:00:07 UTC``; of an apply, that too."""
    client = f" ({visible(attribution.client)})" if attribution.client else ""
    place = f" from {visible(attribution.ip)}" if attribution.ip else ""
    who = f"{visible(attribution.user) or 'somebody'}{client}{place}, {attribution.at:%Y-%m-%d %H:%M:%S} UTC"
    if attribution.own:
        return f"by the reconciler itself: {who}"
    return f"by {who}" if attribution.exact else f"perhaps by {who}: the last event that fits"


def dim(text: str) -> str:
    """Return text that steps back."""
    return click.style(text, dim=True)


def listed(names: Sequence[str]) -> str:
    """Return the first ten names, and how many more there are."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def wrapped(text: str, width: int, indent: str = "  ") -> list[str]:
    """Return a text in lines of at most ``width`` characters, all but the first indented; no name is broken."""
    return textwrap.wrap(text, max(width, 40), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def kinds_counted(addresses: tuple[Address, ...]) -> str:
    """Return ``2 organizations, 1 client``."""
    numbers = {kind: sum(address.kind is kind for address in addresses) for kind in Kind}
    return ", ".join(counted(number, kind) for kind, number in numbers.items() if number)
