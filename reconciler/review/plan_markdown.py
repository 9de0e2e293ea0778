"""A plan as one comment on a change request: the verdict, the risks, and a foldable part for each organization."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from reconciler.model.change import Action
from reconciler.model.origin import SettingChange
from reconciler.model.plan import Plan
from reconciler.model.risk import NAMED, Risk, RiskLevel
from reconciler.model.value import fingerprint
from reconciler.review.change_view import ChangeView, FieldView, ItemView
from reconciler.review.labels import WORTHY, counted, kinds_counted, value_text
from reconciler.review.markdown import code, fenced, folded, prose, shortened
from reconciler.review.policy_text import Violation, where
from reconciler.review.settings_text import settings_title
from reconciler.review.since_text import asks_live_systems, base_text, origin_text, since_numbers, tells_origins
from reconciler.review.subject import Subject
from reconciler.review.view import EventView, GroupView, PlanView, RiskView, plan_view, severities, short_revision

_ROWS: Final = 20
"""Risks in the table, and items of a set, before they are only counted."""
_OPEN: Final = 3
"""Parts of high risk that are unfolded from the start."""
_SHORT: Final = 80
_PLACES: Final = 5
"""Places that a policy hits before they are only counted."""
_FEW: Final = 3
"""Names in the table of risks; the folded parts name more."""


def plan_markdown(plan: Plan, subject: Subject, *, max_size: int, link: str) -> str:
    """Return the comment; it takes at most ``max_size`` bytes, and says what it had to leave out."""
    view = plan_view(plan, subject)
    head = _head(view, link, max_size // 2)
    parts = [head]
    tail = _tail(view, max_size // 8)
    room = max_size - _size(head) - _size(tail) - _size(_left_out(len(view.groups), link)) - 8
    for number, group in enumerate(view.groups):
        part = _part(group, room, is_open=number < _OPEN and group.risk.level is RiskLevel.HIGH)
        if part is None:
            parts.append(_left_out(len(view.groups) - number, link))
            break
        room -= _size(part) + 2
        parts.append(part)
    return "\n\n".join(part for part in (*parts, tail) if part) + "\n"


def marker(plan: Plan, subject: Subject) -> str:
    """Return the hidden line by which a bot finds the comment that it replaces; one per server, realm and owner."""
    return f"<!-- nt24-reconciler:{subject}:{fingerprint((plan.keycloak_url, plan.realm, plan.owner))} -->"


def _head(view: PlanView, link: str, room: int) -> str:
    """Return what comes first, with as many risks as there is room for."""
    found, plan = view.risks, view.plan
    verdict = [marker(view.plan, view.subject), f"### {view.verdict}", _target(plan), " · ".join(_facts(view, link))]
    verdict += _since(view, room // 2)
    verdict += _settings(view.settings, room // 4)
    verdict += _policies(view.violations, room // 3)
    has_base = tells_origins(view.plan)
    if events := _events(view.events, room // 3):
        verdict.append(events)
    tables = (_risks(found, rows, has_base=has_base) for rows in range(min(_ROWS, len(found)), 0, -1))
    heads = ("\n\n".join([*verdict, table]) for table in tables)
    return next((head for head in heads if _size(head) <= room), "\n\n".join(verdict))


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
        yield f"{counted(view.blocked, 'resource')} cannot be written now"
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
        if notes and _size(block := fenced(notes)) <= room:
            yield block


def _settings(found: tuple[SettingChange, ...], room: int) -> Iterator[str]:
    """Yield what becomes of settings, as many of them as there is room for; the highest risk comes first."""
    lines: list[str] = []
    shown = 0
    for each in found:
        more = [*_setting_lines(each)]
        if _size(fenced([*lines, *more])) > room:
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
        if _size("\n".join([*lines, line])) > room:
            break
        lines.append(line)
    if left := len(found) - len(lines):
        lines.append(f"- … and {left} more {'policy' if left == 1 else 'policies'} that stop it")
    if lines:
        yield "\n".join(lines)


def _risks(found: tuple[RiskView, ...], listed: int, *, has_base: bool) -> str:
    rows = [
        f"| {item.risk.level} | {code(str(item.change.address))} | {code(item.name) if item.name else ''} "
        f"| {prose(item.risk.why)}{_named(item)} |" + (f" {origin_text(item.origin)} |" if has_base else "")
        for item in found[:listed]
    ]
    head = ["| risk | resource | field | why |", "| --- | --- | --- | --- |"]
    if has_base:
        head = [f"{head[0]} from |", f"{head[1]} --- |"]
    more = f"\n\n… and {counted(len(found) - listed, 'more risk')} below." if len(found) > listed else ""
    return "\n".join([*head, *rows]) + more


def _events(found: tuple[EventView, ...], room: int) -> str:
    """Return what happened, the worst first, as many lines as there is room for; it says how many are left out."""
    lines: list[str] = []
    for each in found[:_ROWS]:
        what = code(f"{each.change.address}: {each.text}")
        line = f"- **{each.risk.level}** {what} {prose(each.risk.why)}"
        if _size("\n".join([*lines, line])) > room:
            break
        lines.append(line)
    if lines and (left := len(found) - len(lines)):
        lines.append(f"- … and {counted(left, 'more event')} below.")
    return "\n".join(["**What happened**", "", *lines]) if lines else ""


def _named(item: RiskView) -> str:
    names = item.consequence.names if item.consequence else ()
    more = f" and {len(names) - _FEW:,} more" if len(names) > _FEW else ""
    return f" {', '.join(code(name, _SHORT) for name in names[:_FEW])}{more}" if names else ""


def _part(group: GroupView, room: int, *, is_open: bool) -> str | None:
    """Return the part of one organization, cut to the room that there is; nothing where that is too little."""
    lines = [*_lines(group)]
    risk = f" — {group.risk.level} risk" if group.risk.level in WORTHY else ""
    whole = " · ".join(
        text
        for text in (
            counted(len(group.changes), "resource") if group.changes else "",
            counted(sum(change.number for change in group.changes), "field") if group.changes else "",
            "drift" if any(change.is_drift for change in group.changes) else "",
            origin_text(group.origin),
            severities(group.findings),
        )
        if text
    )
    summary = f"{code(str(group.home))}{risk} — {whole}"
    while lines:
        part = folded(summary, fenced(lines), is_open=is_open)
        if _size(part) <= room:
            return part
        # Half is tried next: the cost of trying stays small, and what is left is still worth reading.
        lines = [*lines[: len(lines) // 2 - 1], "# … the rest is left out here"] if len(lines) > _ROWS else []
    return None


def _lines(group: GroupView) -> Iterator[str]:
    for finding in group.findings:
        yield f"! {finding.word}: {finding.address}: {shortened(finding.detail)} [{finding.about}]"
        yield f"!   {shortened(finding.remedy)}"
    for change in group.changes:
        yield from _change_lines(change)


def _change_lines(change: ChangeView) -> Iterator[str]:
    yield f"@@ {change.address} {change.sentence} @@"
    yield from (f"# {note}" for note in (origin_text(change.origin), change.who, *change.asides) if note)
    if change.blocked:
        yield f"! not now: {shortened(change.blocked)}"
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
        if _size("\n\n".join([*parts, part])) <= room:
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
    if plan.targets:
        named = ", ".join(code(str(target)) for target in plan.targets[:_ROWS])
        more_targets = f" and {len(plan.targets) - _ROWS} more" if len(plan.targets) > _ROWS else ""
        yield f"Only what --target names was planned: {named}{more_targets}."
    is_said = plan.asked_effective or plan.coverage or not asks_live_systems(plan)
    notes = [] if is_said else ["/v1/me was not asked"]
    if plan.unmanaged:
        notes.append(f"not managed, and left alone: {kinds_counted(plan.unmanaged)}")
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


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
