"""A plan as one comment on a change request: the verdict, the risks, and a foldable part for each organization."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Final

import click

from reconciler.model.change import Action
from reconciler.model.origin import SettingChange
from reconciler.model.plan import Plan
from reconciler.model.risk import NAMED, Risk, RiskLevel
from reconciler.model.text import counted
from reconciler.model.value import fingerprint
from reconciler.review.change_view import FieldView, ItemView
from reconciler.review.group_view import BlockView, GroupView
from reconciler.review.labels import WORTHY, kinds_counted, value_text, wrapped
from reconciler.review.markdown import code, fenced, folded, shortened, size_of
from reconciler.review.markdown_tables import events_list, risks_table, summary_table
from reconciler.review.plan_text import resources_lines
from reconciler.review.policy_text import Violation, where
from reconciler.review.settings_text import settings_title
from reconciler.review.since_text import asks_live_systems, base_text, origin_text, since_numbers, tells_origins
from reconciler.review.subject import Subject
from reconciler.review.summary import severities
from reconciler.review.view import PlanView, plan_view, short_revision

_ROWS: Final = 20
"""Risks in the table, and items of a set, before they are only counted."""
_OPEN: Final = 3
"""Parts of high risk that are unfolded from the start."""
_LEAST: Final = 6
"""Lines of a part that are worth no cutting."""
_SHORT: Final = 80
_WIDTH: Final = 100
"""Characters of a line that lists resources."""
_PLACES: Final = 5
"""Places that a policy hits before they are only counted."""
_ALL: Final = 1_000


def plan_markdown(plan: Plan, subject: Subject, *, max_size: int, link: str, only_summary: bool = False) -> str:
    """Return the comment; it takes at most ``max_size`` bytes, and says what it had to leave out.

    A table of what happens to whom stands before many changes; with ``only_summary``, in place of them.
    """
    view = plan_view(plan, subject)
    head = _head(view, link, max_size // 2, has_summary=only_summary or view.is_long)
    parts = [head]
    tail = _tail(view, max_size // 8)
    groups = () if only_summary else view.parts
    room = max_size - size_of(head) - size_of(tail) - size_of(_left_out(len(groups), link)) - 8
    for number, group in enumerate(groups):
        part = _part(group, room, is_open=number < _OPEN and group.risk.level is RiskLevel.HIGH)
        if part is None:
            parts.append(_left_out(len(groups) - number, link))
            break
        room -= size_of(part) + 2
        parts.append(part)
    return "\n\n".join(part for part in (*parts, tail) if part) + "\n"


def marker(plan: Plan, subject: Subject) -> str:
    """Return the hidden line by which a bot finds the comment that it replaces; one per server, realm and owner."""
    return f"<!-- nt24-reconciler:{subject}:{fingerprint((plan.keycloak_url, plan.realm, plan.owner))} -->"


def _head(view: PlanView, link: str, room: int, *, has_summary: bool) -> str:
    """Return what comes first, with as many risks as there is room for."""
    plan = view.plan
    verdict = [marker(view.plan, view.subject), f"### {view.verdict}", _target(plan), " · ".join(_facts(view, link))]
    verdict += _since(view, room // 2)
    verdict += _settings(view.settings, room // 4)
    verdict += _policies(view.violations, room // 3)
    has_base = tells_origins(view.plan)
    if has_summary and view.groups:
        verdict += filter(None, [summary_table(view.summary, room // 2)])
    left = room - size_of("\n\n".join(verdict)) - 2
    return "\n\n".join(filter(None, (*verdict, events_list(view.event_rows, left // 2), *_risks(view, left, has_base))))


def _risks(view: PlanView, room: int, has_base: bool) -> Iterator[str]:
    """Yield the table of risks, with as many rows as there is room for: what destroys is the last to go."""
    rows = view.risk_rows
    for named, number in product((_ALL, _ROWS, _PLACES), range(min(_ROWS, len(rows)), 0, -1)):
        if size_of(table := risks_table(rows, number, named, has_base=has_base)) <= room:
            yield table
            return


def _target(plan: Plan) -> str:
    """Return where it was read, and would be written; the commit is cut as people quote it."""
    facts = replace(plan.target, revision=short_revision(plan)).facts
    return " · ".join(f"{name} {code(value, _SHORT)}" for name, value in facts.items())


def _facts(view: PlanView, link: str) -> Iterator[str]:
    for level, number in view.risk_numbers.items():
        if number:
            yield f"**{counted(number, f'{level} risk')}**"
    if view.stopped:
        yield f"**{view.stopped.removesuffix('.')}**"
    if found := severities(view.findings):
        yield f"**{found}**"
    if view.blocked:
        yield f"{counted(view.blocked, 'resource')} blocked"
    yield f"{view.subject} {code(view.fingerprint)}"
    if link:
        yield f"[the whole review]({_url(link)})"


def _since(view: PlanView, room: int) -> Iterator[str]:
    """Yield what is of this change, and what was there before, where a base was named."""
    if base := view.plan.base:
        if base.head:
            yield f"From {code(base_text(base))} to {code(base.head)}"
        else:
            yield f"Since {code(base_text(base))}: **{since_numbers(view.plan)}**."
        notes = [f"# {shortened(note)}" for note in view.notes]
        # Whatever is wrong with the base, there is room for the plan.
        if notes and size_of(block := fenced(notes)) <= room:
            yield block


def _settings(found: tuple[SettingChange, ...], room: int) -> Iterator[str]:
    """Yield what becomes of settings, as many of them as there is room for; the highest risk comes first."""
    lines: list[str] = []
    shown = 0
    for each in found:
        more = [*_setting_lines(each)]
        if size_of(fenced([*lines, *more])) > room:
            break
        lines += more
        shown += 1
    if left := len(found) - shown:
        lines.append(f"# … and {counted(left, 'more setting')}")
    if lines:
        yield f"**{settings_title(found)}**\n\n{fenced(lines)}"


def _setting_lines(change: SettingChange) -> Iterator[str]:
    for sign, side in (("-", change.before), ("+", change.after)):
        if side is not None:
            yield f"{sign} {change.path}: {shortened(value_text(side))}"
    if change.risk.level in WORTHY:
        yield f"!   {change.risk.level} risk: {change.risk.why}"


def _policies(found: tuple[Violation, ...], room: int) -> Iterator[str]:
    """Yield what policies stop, as many of them as there is room for."""
    lines: list[str] = []
    for stop in found:
        places = ", ".join(code(where(hit)) for hit in stop.hits[:_PLACES])
        more = f" and {len(stop.hits) - _PLACES:,} more" if len(stop.hits) > _PLACES else ""
        rule = f"{code(stop.rule.policy)} ({code(stop.rule.place)})"
        line = f"- **{stop.verdict}** {rule}: {code(stop.words)} — {places}{more}"
        if size_of("\n".join([*lines, line])) > room:
            break
        lines.append(line)
    if left := len(found) - len(lines):
        lines.append(f"- … and {left} more {'policy' if left == 1 else 'policies'} that stop it")
    if lines:
        yield "\n".join(lines)


def _part(group: GroupView, room: int, *, is_open: bool) -> str | None:
    """Return the part of one organization, cut to the room that there is; nothing where that is too little."""
    lines = [*_lines(group)]
    risk = f" — {group.risk.level} risk" if group.risk.level in WORTHY else ""
    fields = counted(sum(change.number for change in group.changes), "field") if group.changes else ""
    whole = " · ".join(
        text
        for text in (
            "" if group.alike or not group.changes else counted(len(group.changes), "resource"),
            f"the same {fields.removeprefix('1 ')} of each" if group.alike else fields,
            "drift" if any(change.is_drift for change in group.changes) else "",
            origin_text(group.origin),
            severities(group.told or group.findings),
        )
        if text
    )
    summary = f"{code(group.title)}{risk} — {whole}"
    while lines:
        part = folded(summary, fenced(lines), is_open=is_open)
        if size_of(part) <= room:
            return part
        # Half is tried next: the cost of trying stays small, and what is left is still worth reading.
        lines = [*lines[: len(lines) // 2 - 1], "# … the rest is left out here"] if len(lines) > _LEAST else []
    return None


def _lines(group: GroupView) -> Iterator[str]:
    for finding in group.findings:
        whom = group.title if group.told else finding.address
        yield f"! {finding.word}: {whom}: {shortened(finding.detail)} [{finding.about}]"
        yield f"!   {shortened(finding.remedy)}"
    names = ", ".join("/".join(each.address.names) for each in group.told)
    yield from wrapped(f"# {names}", _WIDTH, "# ") if names else ()
    for change in group.changes:
        yield from _block_lines(BlockView(change, group.alike))


def _block_lines(block: BlockView) -> Iterator[str]:
    change = block.change
    yield f"@@ {block.subject} {block.sentence} @@"
    yield from (f"# {note}" for note in (origin_text(change.origin), change.who, *change.asides) if note)
    if change.blocked:
        yield f"! blocked: {shortened(change.blocked)}"
    yield from _risk_lines(change.own_risk)
    for each in change.consequences:
        yield from _risk_lines(each.risk)
        yield from (f"!   {shortened(name)}" for name in each.names[:NAMED])
        if len(each.names) > NAMED:
            yield f"!   … and {len(each.names) - NAMED:,} more"
    if change.event:
        yield f"! What happened: {change.event}; {change.event_risk.level} risk: {change.event_risk.why}"
    for field in change.fields:
        yield from _field_lines(field)
    if change.rules:
        yield f"# {change.rules}"
    yield from map(click.unstyle, resources_lines(block.alike, _WIDTH))


def _risk_lines(risk: Risk, indent: str = "") -> Iterator[str]:
    if risk.why:
        yield f"! {indent}{risk.level} risk: {risk.why}"


def _field_lines(field: FieldView) -> Iterator[str]:
    if field.is_set:
        yield from _items(field, "-", field.gone)
        yield from _items(field, "+", field.new)
    else:
        if field.action is not Action.CREATE:
            yield f"- {field.name}: {shortened(field.before)}"
        if field.action is not Action.DELETE:
            yield f"+ {field.name}: {shortened(field.after)}"
    if why := "; ".join(filter(None, (field.reason, shortened(field.origin_note)))):
        yield f"#   {why}"
    if field.event:
        risk = field.event_risk
        yield f"#   What happened: {shortened(field.event)}; {risk.level} risk: {risk.why}"
    if field.by:
        yield f"#   {field.by}"
    yield from _risk_lines(field.risk, "  ")


def _items(field: FieldView, sign: str, items: tuple[ItemView, ...]) -> Iterator[str]:
    for item in items[:_ROWS]:
        shown = f"{item.text}  {item.uuid}" if item.uuid else item.text
        yield f"{sign} {field.name}: {shortened(shown)}" + (f"  # {item.origin}" if item.origin else "")
    if len(items) > _ROWS:
        yield f"{sign} {field.name}: … and {len(items) - _ROWS:,} more"


def _tail(view: PlanView, room: int) -> str:
    """Return what comes last, the part that says most first: a part that does not fit is left out."""
    parts: list[str] = []
    for part in _closing(view):
        if size_of("\n\n".join([*parts, part])) <= room:
            parts.append(part)
    return "\n\n".join(parts)


def _closing(view: PlanView) -> Iterator[str]:
    plan = view.plan
    if plan.read_failures:
        lines = [
            f"! could not read {failure.what}: {shortened(failure.reason)} {failure.remedy}"
            for failure in plan.read_failures[:_ROWS]
        ]
        more = [f"! … and {len(plan.read_failures) - _ROWS} more"] if len(plan.read_failures) > _ROWS else []
        yield folded(
            f"<b>Not complete</b> — {counted(len(plan.read_failures), 'part')} could not be read", fenced(lines + more)
        )
    if view.limits:
        yield code(" ".join(view.limits))
    is_said = plan.asked_effective or plan.coverage or not asks_live_systems(plan)
    notes = [] if is_said else ["/v1/me was not called"]
    if plan.unmanaged:
        notes.append(f"unmanaged, left alone: {kinds_counted(plan.unmanaged)}")
    if view.leave:
        notes.append(view.leave.rstrip("."))
    if notes:
        yield f"<sub>{'; '.join(notes)}.</sub>"
    if view.rests_on:
        yield folded("What the report rests on", fenced(f"# {line}" for line in view.rests_on))


def _left_out(number: int, link: str) -> str:
    where = f"[the whole review]({_url(link)})" if link else "the saved plan: <code>reconciler show PLANFILE</code>"
    return f"**{counted(number, 'part')} left out here to fit into a comment**; see {where}."


def _url(link: str) -> str:
    # Ours, but a space or a bracket would end it.
    return "".join(c if c.isascii() and c.isprintable() and c not in ' ()<>[]`\\"' else f"%{ord(c):02X}" for c in link)
