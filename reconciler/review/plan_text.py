"""A plan, a report of drift or a diff for a terminal, in Terraform's symbols and sentences."""

from collections.abc import Iterator, Sequence
from typing import assert_never

import click

from reconciler.model.change import Action
from reconciler.model.ownership import Ownership
from reconciler.model.plan import Plan
from reconciler.model.risk import Risk
from reconciler.model.text import counted, visible
from reconciler.model.verdict import Verdict
from reconciler.review.alike import MANY
from reconciler.review.change_view import ChangeView, FieldView, ItemView
from reconciler.review.group_view import BlockView, FindingView
from reconciler.review.grouping import grouped
from reconciler.review.inventory import inventory_of
from reconciler.review.labels import (
    SCREEN,
    SEVERITY,
    SYMBOL,
    consequence_text,
    dim,
    kinds_counted,
    listed,
    risk_text,
    wrapped,
)
from reconciler.review.policy_text import policy_lines, stopped_text
from reconciler.review.settings_text import settings_text
from reconciler.review.since_text import origin_text
from reconciler.review.subject import Subject
from reconciler.review.summary_text import summary_text
from reconciler.review.view import PlanView, plan_view


def plan_text(
    plan: Plan,
    subject: Subject = Subject.PLAN,
    *,
    saved_as: str | None = "",
    may_delete: bool = False,
    only_summary: bool = False,
    width: int = SCREEN,
) -> str:
    """Return the whole review; colours are ANSI codes, which ``click.echo`` leaves out where they do not belong.

    ``saved_as`` is the file that holds the plan, None where how to approve it is said beside. Where it destroys
    something, it says what apply needs, unless apply has that: ``may_delete``. A summary, in lines of ``width``
    characters, stands before many changes; with ``only_summary``, in place of them and of the findings.
    """
    view = plan_view(plan, subject)
    parts = [summary_text(view.summary, width)] if only_summary and view.groups else []
    if not only_summary:
        parts += [*(block_text(block, width) for block in view.blocks), *findings_text(view.findings, width)]
    parts += read_failures_text(plan)
    if subject is Subject.PLAN and not only_summary:
        parts += _unmanaged(plan)
    if subject is not Subject.DRIFT:
        parts += [*settings_text(view.settings), *policy_lines(plan.policy_hits)]
    match subject:
        case Subject.PLAN:
            head = "The reconciler will perform the following actions:"
            summary = _summary(view, saved_as, "" if may_delete else view.leave)
        case Subject.DRIFT:
            head, summary = "Resources differ from the last applied state; apply would revert this:", _drift(view)
        case Subject.DIFF:
            head, summary = view.since, _diff(view)
        case _:
            assert_never(subject)
    shown = f"{target_text(plan)}\n"
    if view.is_long and not only_summary:
        shown += f"{summary_text(view.summary, width)}\n\n"
    if (plan.changes and not only_summary) or subject is Subject.DIFF:
        shown += f"{head}\n\n"
    return shown + "\n\n".join([*parts, summary]) + "\n"


def target_text(plan: Plan) -> str:
    """Return a line that says where it was read, and would be written."""
    return f"{click.style('Target:', bold=True)} {visible(plan.target.line)}\n"


def change_text(change: ChangeView) -> str:
    """Return what happens to one resource."""
    return block_text(BlockView(change))


def block_text(block: BlockView, width: int = SCREEN) -> str:
    """Return what happens to one resource, or is the same to many, with their names in lines of ``width``."""
    change = block.change
    title = click.style(f"# {block.subject} {block.sentence}", bold=True)
    quiet = (change.who, *change.asides, origin_text(change.origin))
    notes = [
        *(f"# {risk}" for risk in (risk_text(change.own_risk), *map(consequence_text, change.consequences)) if risk),
        *(dim(f"# {note}") for note in quiet if note),
        *([f"{click.style('# blocked:', fg='red')} {change.blocked}"] if change.blocked else []),
    ]
    if change.event:
        notes.insert(0, f"# {_event(change.event, change.event_risk)}")
    lines = [f"  {line}" for line in (title, *notes, f"{SYMBOL[change.action]} {block.subject}")]
    lines += [f"      {line}" for field in change.fields for line in field_lines(field)]
    if change.rules:
        lines.append(dim(f"      # ({change.rules})"))
    lines += [f"      {line}" for line in resources_lines(block.alike, width - 6)]
    return "\n".join(lines)


def resources_lines(alike: Sequence[ChangeView], width: int) -> Iterator[str]:
    """Yield the lines that list the resources of a change that is the same for all, with who did it to each."""
    who = {
        str(each.address): "; ".join(dict.fromkeys(filter(None, (each.who, *(f.by for f in each.fields)))))
        for each in alike
    }
    if any(who.values()):
        yield from (f"* {visible(name)}" + (dim(f"  # {by}") if by else "") for name, by in who.items())
    elif who:
        names = sorted(visible("/".join(each.address.names)) for each in alike)
        yield from wrapped(f"# {', '.join(names)}", width, "# ")


def field_lines(field: FieldView) -> Iterator[str]:
    """Yield the lines that show one field's way from before to after."""
    notes = [note for note in (dim(field.reason), dim(field.origin_note), risk_text(field.risk)) if click.unstyle(note)]
    way = "" if field.is_set else f": {field.after if field.action is Action.CREATE else field.way}"
    yield f"{SYMBOL[field.action]} {field.name}{way}" + (f"  {dim('#')} {'; '.join(notes)}" if notes else "")
    if field.event:
        yield f"    {dim('#')} {_event(field.event, field.event_risk)}"
    if field.by:
        yield dim(f"    # {field.by}")
    if field.is_set:
        for action, found in ((Action.DELETE, field.gone), (Action.CREATE, field.new)):
            yield from (f"    {SYMBOL[action]} {_item(item)}" for item in found)


def _event(event: str, risk: Risk) -> str:
    """Return what happened, and what that means."""
    told = risk_text(risk)
    return f"What happened: {event}" + (f"; {told}" if told else "")


def _item(item: ItemView) -> str:
    return item.text + (f"  {dim(item.uuid)}" if item.uuid else "") + (dim(f"  # {item.origin}") if item.origin else "")


def findings_text(findings: Sequence[FindingView], width: int = SCREEN) -> Iterator[str]:
    """Yield a paragraph for each finding; one for what is the same of many, where the first of them stands."""
    same = grouped(findings, lambda each: each.said)
    for each in findings:
        alike = tuple(dict.fromkeys(found.address for found in same[each.said]))
        if len(alike) >= MANY and each is not same[each.said][0]:
            continue
        whom = kinds_counted(alike) if len(alike) >= MANY else each.address
        names = wrapped(f"# {', '.join('/'.join(address.names) for address in alike)}", width - 2, "# ")
        yield "\n  ".join(
            (
                f"{SEVERITY[each.severity]}: {whom}: {each.detail} {dim(f'[{each.about}]')}",
                each.remedy,
                *(map(visible, names) if len(alike) >= MANY else ()),
            )
        )


def read_failures_text(plan: Plan) -> Iterator[str]:
    """Yield a paragraph for each cause why something could not be read."""
    if not plan.read_failures:
        return
    if plan.complete:
        head = click.style("Not read yet:", fg="yellow", bold=True)
        yield (
            f"{head} organizations and their clients: they are disabled in the realm.\n"
            "  This plan enables them; apply then reads, plans and applies the rest in the same run."
        )
        return
    # Reasons differ by their request; one remedy is one cause.
    for read_failures in grouped(plan.read_failures, lambda failure: failure.remedy or failure.reason).values():
        title = click.style("Not complete", fg="red", bold=True)
        named = listed([failure.what for failure in read_failures])
        first = read_failures[0]
        code = dim(f" [{visible(first.code)}]") if first.code else ""
        yield (f"{title}: could not read {named}: {visible(first.reason)}{code}\n  {visible(first.remedy)}".rstrip())


def _unmanaged(plan: Plan) -> Iterator[str]:
    by_owner = grouped(plan.unmanaged, lambda address: plan.owners.get(address, ""))
    for owner, addresses in sorted(by_owner.items(), reverse=True):
        named = listed(list(map(str, addresses)))
        kinds = kinds_counted(tuple(addresses))
        if owner:
            yield dim(f"Managed by '{visible(owner)}', left alone ({kinds}): {named}.")
            continue
        inventory = inventory_of(plan)
        share = f"{kinds}; {inventory.number(Ownership.MANAGED)} of {inventory.live} are managed"
        yield dim(f"Unmanaged, left alone ({share}): {named}.")


def _summary(view: PlanView, saved_as: str | None, leave: str) -> str:
    plan = view.plan
    limits = (
        "" if plan.asked_effective else dim("\n/v1/me was not called, and webhooks were not read (--no-effective).")
    )
    limits += "".join(dim(f"\n{each}") for each in view.limits)
    if plan.is_empty:
        verdict = click.style(view.conclusion, fg="yellow", bold=True)
        if view.state is Verdict.IN_SYNC:
            what = "Keycloak matches" if plan.findings else "The live systems match"
            matches = "" if plan.excluded or plan.destroys or plan.expired else f" {what} the manifests."
            verdict = f"{click.style(view.conclusion, fg='green', bold=True)}{matches}"
        return f"{verdict}{_since(view)}{risks_line(view)}{limits}"
    needed = f"\n{leave}" if leave else ""
    numbers = view.conclusion.removeprefix("Plan: ")
    if view.blocked:
        numbers += f" {counted(view.blocked, 'resource')} blocked, as explained above."
    return (
        click.style("Plan:", bold=True)
        + f" {numbers}{needed}{_since(view)}{risks_line(view)}{stopped_text(plan, saved_as)}{limits}"
    )


def _drift(view: PlanView) -> str:
    if view.state is Verdict.IN_SYNC:
        matches = "" if view.plan.excluded else " Keycloak matches the last applied state."
        summary = f"{click.style(view.conclusion, fg='green', bold=True)}{matches}"
    else:
        title, colon, numbers = view.conclusion.partition(":")
        summary = f"{click.style(title + colon, fg='yellow', bold=True)}{numbers}"
    return summary + risks_line(view) + "".join(f"\n{dim(line)}" for line in (*view.limits, *view.rests_on))


def _diff(view: PlanView) -> str:
    plan, notes = view.plan, "".join(dim(f"\n{note}") for note in (*view.notes, *view.limits))
    if plan.is_empty:
        outside = " outside of what --exclude leaves out" if plan.excluded else ""
        words = (
            f"The manifests declare the same configuration{outside}."
            if plan.complete
            else f"No differences in what could be compared{outside}."
        )
        return f"{click.style('No changes.', fg='green', bold=True)} {words}{risks_line(view)}{notes}"
    title, _, numbers = view.verdict.partition(" ")
    return f"{click.style(title, bold=True)} {numbers}{risks_line(view)}{stopped_text(plan)}{notes}"


def _since(view: PlanView) -> str:
    """Return what is of this change, and what was there before, where a base was named."""
    return f"\n{view.since}" + "".join(dim(f"\n  {note}") for note in view.notes) if view.since else ""


def risks_line(view: PlanView) -> str:
    """Return a line of how many high and medium risks there are, of events and of what is written, where any is."""
    texts = (("What happened", view.event_numbers), ("Risk", view.risk_numbers))
    shown = [(title, [f"{number} {level}" for level, number in found.items() if number]) for title, found in texts]
    return "".join(f"\n{title}: {', '.join(numbers)}." for title, numbers in shown if numbers)
