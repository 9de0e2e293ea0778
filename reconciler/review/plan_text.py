"""A plan for a terminal, in Terraform's symbols and sentences."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

import click

from reconciler.kinds.marks import is_mark, is_rule
from reconciler.model.address import Address
from reconciler.model.attribution import Attribution
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.finding import Finding
from reconciler.model.observed import ReadFailure
from reconciler.model.plan import Plan
from reconciler.model.risk import RiskLevel
from reconciler.model.value import Value
from reconciler.review.asides import asides
from reconciler.review.labels import (
    NOTHING_SEEN,
    SENTENCE,
    SEVERITY,
    SYMBOL,
    WHY,
    attribution_text,
    consequences_text,
    counted,
    dim,
    kinds_counted,
    partner_text,
    planned_text,
    risk_text,
    tells_low_risk,
    value_text,
    visible,
    whole_attribution_text,
)
from reconciler.review.policy_text import policy_lines, stopped_text
from reconciler.review.settings_text import settings_of, settings_text
from reconciler.review.since_text import origin_of_field, origin_of_item, origin_text, since_notes, since_text

_PARTNERS: Final = frozenset({"authorizedPartners", "partnerIds"})
_LISTED: Final = 10
"""Addresses that a line names before it only counts."""


def plan_text(plan: Plan, *, is_saved: bool = False) -> str:
    """Return the whole plan; colours are ANSI codes, which ``click.echo`` leaves out where they do not belong.

    One that ``is_saved`` is read from its file.
    """
    parts = [
        *(change_text(change, plan.names) for change in plan.changes),
        *findings_text(plan.findings),
        *read_failures_text(plan),
        *_unmanaged(plan),
        *settings_text(plan),
        *policy_lines(plan.policy_hits),
        _summary(plan, is_saved=is_saved),
    ]
    head = "The reconciler will perform the following actions:\n\n" if plan.changes else ""
    return head + "\n\n".join(parts) + "\n"


def change_text(change: Change, names: Mapping[str, str]) -> str:
    """Return what happens to one resource."""
    title = click.style(f"# {change.address} {SENTENCE[change.action]}", bold=True)
    blocked = f"\n  {click.style('# not now:', fg='red')} {visible(change.blocked)}" if change.blocked else ""
    for risk in (*filter(None, [risk_text(change.own_risk)]), *consequences_text(change)):
        title += f"\n  # {risk}"
    if who := whole_attribution_text(change):
        title += f"\n  {dim(f'# {who}')}"
    for aside in asides(change):
        title += f"\n  {dim(f'# {aside}')}"
    if change.origin is not None:
        title += f"\n  {dim(f'# {origin_text(change.origin)}')}"
    lines = [f"  {title}{blocked}", f"  {SYMBOL[change.action]} {change.address}"]
    rules: Counter[str] = Counter()
    for field in change.field_changes:
        if change.action in {Action.CREATE, Action.DELETE} and (is_rule(field.path) or is_mark(field.path)):
            rules[origin_of_field(field, change)] += 1
            continue
        lines += [
            f"      {line}"
            for line in field_lines(
                field, names, origin_of_field(field, change), with_low=tells_low_risk(field, change)
            )
        ]
    if rules:
        apart = "".join(f"; {number}: {origin}" for origin, number in sorted(rules.items()) if origin)
        lines.append(dim(f"      # ({counted(rules.total(), 'field')} by the reconciler's own rules{apart})"))
    return "\n".join(lines)


def field_lines(
    field: FieldChange, names: Mapping[str, str], origin: str = "", *, with_low: bool = False
) -> Iterator[str]:
    """Yield the lines that show one field's way from before to after; ``origin`` is said where it is not empty.

    A low risk is said only ``with_low``.
    """
    symbol = SYMBOL[_action_of(field)]
    why = WHY[field.reason]
    notes = [note for note in (dim(why), dim(origin), risk_text(field.risk, with_low=with_low)) if click.unstyle(note)]
    why = f"  {dim('#')} {'; '.join(notes)}" if notes else ""
    before, after = field.before, field.after
    if isinstance(before, tuple) or isinstance(after, tuple):
        yield f"{symbol} {visible(field.path)}{why}"
        yield from _who(field.attribution)
        yield from _set_lines(field, names)
    elif before is None:
        yield f"{symbol} {visible(field.path)}: {value_text(after)}{why}"
        yield from _who(field.attribution)
    else:
        yield f"{symbol} {visible(field.path)}: {value_text(before)} -> {value_text(after)}{why}"
        yield from _who(field.attribution)


def _who(attribution: Attribution | None) -> Iterator[str]:
    if attribution is not None:
        yield dim(f"    # {attribution_text(attribution)}")


def _set_lines(field: FieldChange, names: Mapping[str, str]) -> Iterator[str]:
    before, after = _items(field.before), _items(field.after)
    for action, items in (
        (Action.DELETE, [item for item in before if item not in after]),
        (Action.CREATE, [item for item in after if item not in before]),
    ):
        for item in items:
            shown = partner_text(str(item), names) if field.path in _PARTNERS else value_text(item)
            origin = origin_of_item(item, field)
            yield f"    {SYMBOL[action]} {shown}" + (dim(f"  # {origin}") if origin else "")


def _items(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _action_of(field: FieldChange) -> Action:
    if field.before is None:
        return Action.CREATE
    return Action.DELETE if field.after is None else Action.UPDATE


def findings_text(findings: tuple[Finding, ...]) -> Iterator[str]:
    """Yield a paragraph for each finding."""
    for finding in findings:
        yield (
            f"{SEVERITY[finding.severity]}: {finding.address}: {visible(finding.detail)} "
            f"{dim(f'[{_about(finding)}]')}\n  {visible(finding.remedy)}"
        )


def _about(finding: Finding) -> str:
    words = (finding.code, str(finding.status), visible(finding.path), origin_text(finding.origin))
    return ", ".join(word for word in words if word)


def read_failures_text(plan: Plan) -> Iterator[str]:
    """Yield a paragraph for each cause why something could not be read."""
    # Reasons differ by their request; one remedy is one cause.
    causes: dict[str, list[ReadFailure]] = {}
    for failure in plan.read_failures:
        causes.setdefault(failure.remedy or failure.reason, []).append(failure)
    for read_failures in causes.values():
        more = f" and {len(read_failures) - _LISTED} more" if len(read_failures) > _LISTED else ""
        title = click.style("Not complete", fg="red", bold=True)
        named = ", ".join(failure.what for failure in read_failures[:_LISTED])
        first = read_failures[0]
        code = dim(f" [{visible(first.code)}]") if first.code else ""
        yield (
            f"{title}: could not read {named}{more}: {visible(first.reason)}{code}\n  {visible(first.remedy)}".rstrip()
        )


def _unmanaged(plan: Plan) -> Iterator[str]:
    by_owner: dict[str, list[Address]] = {}
    for address in plan.unmanaged:
        by_owner.setdefault(plan.owners.get(address, ""), []).append(address)
    for owner, addresses in sorted(by_owner.items(), reverse=True):
        named = ", ".join(map(str, addresses[:_LISTED]))
        more = f" and {len(addresses) - _LISTED} more" if len(addresses) > _LISTED else ""
        kinds = kinds_counted(tuple(addresses))
        if owner:
            yield dim(f"Managed by '{visible(owner)}', and left alone ({kinds}): {named}{more}.")
            continue
        # What is only declared is managed once it is adopted.
        managed = len(plan.unchanged) + sum(change.before is not None and not change.adopts for change in plan.changes)
        adopted = sum(change.adopts for change in plan.changes)
        share = f"{kinds}; {managed} of {managed + adopted + len(plan.unmanaged)} are managed"
        yield dim(f"Not managed, and left alone ({share}): {named}{more}.")


def _summary(plan: Plan, *, is_saved: bool) -> str:
    limits = "" if plan.asked_effective else dim("\n/v1/me was not asked, and webhooks were not read (--no-effective).")
    if plan.targets:
        limits += dim(f"\nOnly what --target names was planned: {', '.join(map(str, plan.targets))}.")
    if plan.is_empty and not plan.complete:
        return f"{click.style(NOTHING_SEEN, fg='yellow', bold=True)}{_since(plan)}{limits}"
    if plan.is_empty:
        words = "Keycloak matches the manifests." if plan.findings else "The live systems match the manifests."
        return click.style("No changes.", fg="green", bold=True) + f" {words}{_since(plan)}{risks_line(plan)}{limits}"
    counts = plan.counts
    numbers = f"{planned_text(counts)}."
    if blocked := sum(bool(change.blocked) for change in plan.changes):
        numbers += f" {counted(blocked, 'resource')} cannot be written now, as said above."
    return (
        click.style("Plan:", bold=True)
        + f" {numbers}{_since(plan)}{risks_line(plan)}{stopped_text(plan, is_saved=is_saved)}{limits}"
    )


def _since(plan: Plan) -> str:
    """Return what is of this change, and what was there before, where a base was named."""
    if plan.base is None:
        return ""
    return f"\n{since_text(plan)}" + "".join(dim(f"\n  {visible(note)}") for note in since_notes(plan.base))


def risks_line(plan: Plan) -> str:
    """Return a line of how many changes of resources and settings have a high or medium risk; empty where none has."""
    levels = [*(each.risk.level for each in plan.changes), *(each.risk.level for each in settings_of(plan))]
    shown = [f"{number} {level}" for level in (RiskLevel.HIGH, RiskLevel.MEDIUM) if (number := levels.count(level))]
    return f"\nRisk: {', '.join(shown)}." if shown else ""
