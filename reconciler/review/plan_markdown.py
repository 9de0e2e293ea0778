"""A plan as one comment on a change request: the verdict, the risks, and a foldable part for each organization."""

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.marks import is_mark
from reconciler.model.change import Change, FieldChange
from reconciler.model.consequence import NAMED
from reconciler.model.finding import Finding, Severity
from reconciler.model.plan import Plan
from reconciler.model.risk import RiskLevel
from reconciler.model.setting_change import SettingChange
from reconciler.model.value import Value, fingerprint
from reconciler.review.asides import asides
from reconciler.review.drift_text import coverage_lines
from reconciler.review.labels import (
    SENTENCE,
    WHY,
    attribution_text,
    counted,
    kinds_counted,
    tells_low_risk,
    value_text,
    whole_attribution_text,
)
from reconciler.review.markdown import code, fenced, folded, prose, shortened
from reconciler.review.overview import (
    WORTHY,
    Group,
    RiskItem,
    groups,
    headline,
    risk_items,
    risk_numbers,
    set_difference,
    severities,
    short_revision,
    shown_fields,
)
from reconciler.review.plan_json import fingerprint_of
from reconciler.review.settings_text import SETTINGS_TITLE, settings_of
from reconciler.review.since_text import (
    asks_live_systems,
    base_text,
    origin_of_field,
    origin_of_item,
    origin_text,
    since_notes,
    since_numbers,
    tells_origins,
)
from reconciler.review.subject import Subject
from reconciler.review.violations import stopped, violations, where

_PARTNERS: Final = "authorizedPartners"
_ROWS: Final = 20
"""Risks in the table, and items of a set, before they are only counted."""
_OPEN: Final = 3
"""Parts of high risk that are unfolded from the start."""
_SHORT: Final = 80
_PLACES: Final = 5
"""Places that a policy hits before they are only counted."""
_WORD: Final = {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.INFO: "Note"}
_FINGERPRINT: Final = 12
_FEW: Final = 3
"""Names in the table of risks; the folded parts name more."""


def plan_markdown(plan: Plan, subject: Subject, *, max_size: int, link: str) -> str:
    """Return the comment; it takes at most ``max_size`` bytes, and says what it had to leave out."""
    found = groups(plan)
    head = _head(plan, subject, link, max_size // 2)
    parts = [head]
    tail = _tail(plan, max_size // 8)
    room = max_size - _size(head) - _size(tail) - _size(_left_out(len(found), link)) - 8
    for number, group in enumerate(found):
        part = _part(group, plan, room, is_open=number < _OPEN and group.risk.level is RiskLevel.HIGH)
        if part is None:
            parts.append(_left_out(len(found) - number, link))
            break
        room -= _size(part) + 2
        parts.append(part)
    return "\n\n".join(part for part in (*parts, tail) if part) + "\n"


def marker(plan: Plan, subject: Subject) -> str:
    """Return the hidden line by which a bot finds the comment that it replaces; one per server, realm and owner."""
    return f"<!-- nt24-reconciler:{subject}:{fingerprint((plan.keycloak_url, plan.realm, plan.owner))} -->"


def _head(plan: Plan, subject: Subject, link: str, room: int) -> str:
    """Return what comes first, with as many risks as there is room for."""
    found = risk_items(plan)
    verdict = [marker(plan, subject), f"### {headline(plan, subject)}", " · ".join(_facts(plan, subject, link))]
    verdict += _since(plan, room // 2)
    verdict += _settings(plan, room // 4)
    verdict += _policies(plan, room // 3)
    tables = (_risks(found, rows, has_base=tells_origins(plan)) for rows in range(min(_ROWS, len(found)), 0, -1))
    heads = ("\n\n".join([*verdict, table]) for table in tables)
    return next((head for head in heads if _size(head) <= room), "\n\n".join(verdict))


def _facts(plan: Plan, subject: Subject, link: str) -> Iterator[str]:
    numbers = risk_numbers(plan)
    for level in (RiskLevel.HIGH, RiskLevel.MEDIUM):
        if numbers[level]:
            yield f"**{counted(numbers[level], f'{level} risk')}**"
    if words := stopped(plan):
        yield f"**{words.removesuffix('.')}**"
    if found := severities(plan.findings):
        yield f"**{found}**"
    if blocked := sum(bool(change.blocked) for change in plan.changes):
        yield f"{counted(blocked, 'resource')} cannot be written now"
    yield f"realm {code(plan.realm, _SHORT)}"
    if plan.revision:
        yield f"revision {code(short_revision(plan), _SHORT)}"
    yield f"{subject} {code(fingerprint_of(plan)[:_FINGERPRINT])}"
    if link:
        yield f"[the whole review]({_url(link)})"


def _since(plan: Plan, room: int) -> Iterator[str]:
    """Yield what is of this change, and what was there before, where a base was named."""
    if plan.base is not None:
        if plan.base.head:
            yield f"From {code(base_text(plan.base))} to {code(plan.base.head)}"
        else:
            yield f"Since {code(base_text(plan.base))}: **{since_numbers(plan)}**."
        notes = [f"# {shortened(note)}" for note in since_notes(plan.base)]
        # Whatever is wrong with the base, there is room for the plan.
        if notes and _size(block := fenced(notes)) <= room:
            yield block


def _settings(plan: Plan, room: int) -> Iterator[str]:
    """Yield what becomes of settings, as many of them as there is room for; the highest risk comes first."""
    found = settings_of(plan)
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
        yield f"**{SETTINGS_TITLE}**\n\n{fenced(lines)}"


def _setting_lines(change: SettingChange) -> Iterator[str]:
    for sign, side in (("-", change.before), ("+", change.after)):
        if side is not None:
            yield f"{sign} {change.path}: {shortened(value_text(side))}"
    if change.risk.level in WORTHY:
        yield f"!   {change.risk.level} risk: {change.risk.why}"


def _policies(plan: Plan, room: int) -> Iterator[str]:
    """Yield what policies stop, as many of them as there is room for."""
    found = violations(plan.policy_hits)
    lines: list[str] = []
    for stop in found:
        places = ", ".join(code(where(hit)) for hit in stop.hits[:_PLACES])
        more = f" and {len(stop.hits) - _PLACES:,} more" if len(stop.hits) > _PLACES else ""
        words = code(" ".join(filter(None, (stop.message, stop.needs))))
        line = f"- **{stop.verdict}** {code(stop.policy)} ({code(stop.place)}): {words} — {places}{more}"
        if _size("\n".join([*lines, line])) > room:
            break
        lines.append(line)
    if left := len(found) - len(lines):
        lines.append(f"- … and {left} more {'policy' if left == 1 else 'policies'} that stop it")
    if lines:
        yield "\n".join(lines)


def _risks(found: tuple[RiskItem, ...], listed: int, *, has_base: bool) -> str:
    rows = [
        f"| {item.risk.level} | {code(str(item.change.address))} | {code(item.path) if item.path else ''} "
        f"| {prose(item.risk.why)}{_named(item)} |" + (f" {origin_text(item.origin)} |" if has_base else "")
        for item in found[:listed]
    ]
    head = ["| risk | resource | field | why |", "| --- | --- | --- | --- |"]
    if has_base:
        head = [f"{head[0]} from |", f"{head[1]} --- |"]
    more = f"\n\n… and {counted(len(found) - listed, 'more risk')} below." if len(found) > listed else ""
    return "\n".join([*head, *rows]) + more


def _named(item: RiskItem) -> str:
    names = item.consequence.names if item.consequence else ()
    more = f" and {len(names) - _FEW:,} more" if len(names) > _FEW else ""
    return f" {', '.join(code(name, _SHORT) for name in names[:_FEW])}{more}" if names else ""


def _part(group: Group, plan: Plan, room: int, *, is_open: bool) -> str | None:
    """Return the part of one organization, cut to the room that there is; nothing where that is too little."""
    lines = [*_lines(group, plan)]
    risk = f" — {group.risk.level} risk" if group.risk.level in WORTHY else ""
    whole = " · ".join(
        text
        for text in (
            counted(len(group.changes), "resource") if group.changes else "",
            counted(sum(len(change.field_changes) for change in group.changes), "field") if group.changes else "",
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


def _lines(group: Group, plan: Plan) -> Iterator[str]:
    for finding in group.findings:
        yield from _finding_lines(finding)
    for change in group.changes:
        yield from _change_lines(change, plan)


def _finding_lines(finding: Finding) -> Iterator[str]:
    yield f"! {_WORD[finding.severity]}: {finding.address}: {shortened(finding.detail)} [{finding.code}]"
    yield f"!   {shortened(finding.remedy)}"


def _change_lines(change: Change, plan: Plan) -> Iterator[str]:
    yield f"@@ {change.address} {SENTENCE[change.action]} @@"
    if change.origin is not None:
        yield f"# {origin_text(change.origin)}"
    if change.blocked:
        yield f"! not now: {shortened(change.blocked)}"
    yield from (f"# {aside}" for aside in asides(change))
    if change.own_risk.level in WORTHY:
        yield f"! {change.own_risk.level} risk: {change.own_risk.why}"
    for each in change.consequences:
        yield f"! {each.risk.level} risk: {each.risk.why}"
        yield from (f"!   {shortened(name)}" for name in each.names[:NAMED])
        if len(each.names) > NAMED:
            yield f"!   … and {len(each.names) - NAMED:,} more"
    if who := whole_attribution_text(change):
        yield f"# {who}"
    fields, rules = shown_fields(change)
    for field in fields:
        yield from _field_lines(field, plan, origin_of_field(field, change), with_low=tells_low_risk(field, change))
    if rules:
        yield f"# {counted(rules, 'field')} by the reconciler's own rules"


def _field_lines(field: FieldChange, plan: Plan, origin: str, *, with_low: bool) -> Iterator[str]:
    if is_mark(field.path):
        yield f"# {field.path}"
        return
    if isinstance(field.before, tuple) or isinstance(field.after, tuple):
        gone, new = set_difference(field.before, field.after)
        yield from _items(field, "-", gone, plan)
        yield from _items(field, "+", new, plan)
    else:
        if field.before is not None:
            yield f"- {field.path}: {shortened(value_text(field.before))}"
        if field.after is not None:
            yield f"+ {field.path}: {shortened(value_text(field.after))}"
    if why := "; ".join(word for word in (WHY[field.reason], shortened(origin)) if word):
        yield f"#   {why}"
    if field.attribution is not None:
        yield f"#   {attribution_text(field.attribution)}"
    if field.risk.level in WORTHY or (with_low and field.risk.level is RiskLevel.LOW):
        yield f"!   {field.risk.level} risk: {field.risk.why}"


def _items(field: FieldChange, sign: str, items: tuple[Value, ...], plan: Plan) -> Iterator[str]:
    for item in items[:_ROWS]:
        name = plan.names.get(str(item), "") if field.path == _PARTNERS else ""
        shown = f"{name}  {item}" if name else value_text(item)
        origin = origin_of_item(item, field)
        yield f"{sign} {field.path}: {shortened(shown)}" + (f"  # {origin}" if origin else "")
    if len(items) > _ROWS:
        yield f"{sign} {field.path}: … and {len(items) - _ROWS:,} more"


def _tail(plan: Plan, room: int) -> str:
    """Return what comes last, the part that says most first: a part that does not fit is left out."""
    parts: list[str] = []
    for part in _closing(plan):
        if _size("\n\n".join([*parts, part])) <= room:
            parts.append(part)
    return "\n\n".join(parts)


def _closing(plan: Plan) -> Iterator[str]:
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
    if notes:
        yield f"<sub>{'; '.join(notes)}.</sub>"
    if plan.coverage:
        yield folded("What the report rests on", fenced(f"# {line}" for line in coverage_lines(plan.coverage)))


def _left_out(number: int, link: str) -> str:
    where = f"[the whole review]({_url(link)})" if link else "the saved plan: <code>reconciler show PLANFILE</code>"
    return f"**{counted(number, 'part')} left out here to fit into a comment**; see {where}."


def _url(link: str) -> str:
    # Ours, but a space or a bracket would end it.
    return "".join(c if c.isascii() and c.isprintable() and c not in ' ()<>[]`\\"' else f"%{ord(c):02X}" for c in link)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
