"""Runs as the history keeps them, and as people read them."""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta

import click
from pydantic import TypeAdapter

from reconciler.model.change import FieldChange, Reason
from reconciler.model.errors import ExitCode
from reconciler.model.history import RecordedField, Run
from reconciler.model.outcome import Applied
from reconciler.model.plan import Plan
from reconciler.model.text import counted, visible
from reconciler.review.change_view import field_view
from reconciler.review.labels import attribution_text, dim, done_text, listed, planned_text
from reconciler.review.plan_text import field_lines

_SYMBOL = {"create": "+", "delete": "-"}


def outcome_words(command: str, plan: Plan | None, applied: Applied | None, said: str) -> str:
    """Return in a few words how a run ended."""
    if plan is None:
        return said
    if applied is not None and (applied.has_written or plan.changes):
        parts = [done_text(applied.counts), "" if applied.is_complete else "not complete"]
    elif plan.is_empty:
        other = "other " if plan.left_out else ""
        parts = [f"no {other}drift" if command == "drift" else f"no {other}changes"]
    else:
        parts = [planned_text(plan.counts)]
    return "; ".join(part for part in (*parts, *_limits(plan), said) if part)


def _limits(plan: Plan) -> Iterator[str]:
    """Yield what the run was restricted to, and what it left out."""
    if plan.targets:
        yield f"only {listed([*map(str, plan.targets)])} (--target)"
    if plan.excluded:
        number = f"{counted(len(plan.left_out), 'change')} left out: " if plan.left_out else ""
        yield f"{number}--exclude {listed([*map(str, plan.excluded)])}"


def runs_text(runs: Iterable[Run]) -> str:
    """Return a line a run."""
    lines = [_line(run) for run in runs]
    return "\n".join([*lines, ""]) if lines else "No run is recorded.\n"


def _line(run: Run) -> str:
    code = "-" if run.exit_code is None else run.exit_code
    end = click.style(f"{code:>3}", fg="green" if run.exit_code == ExitCode.DONE else "yellow")
    where = visible(run.realm) + (f" ({visible(run.environment)})" if run.environment else "")
    head = f"{run.id}  {run.started_at:%Y-%m-%d %H:%M:%S}Z  {run.command:<6} {end}"
    return f"{head}  {where}  {visible(run.outcome)}  {dim(visible(run.who))}"


def run_text(run: Run) -> str:
    """Return everything that is known of a run."""
    took = timedelta(seconds=round((run.ended_at - run.started_at).total_seconds())) if run.ended_at else ""
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in run.durations.items())
    code = "" if run.exit_code is None else f"exit code {run.exit_code}"
    facts = {
        **run.target.named,
        "Run": run.id,
        "Command": f"{run.command} (reconciler {run.version})",
        "Who": run.who,
        "Started": f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC",
        "Took": f"{took}" + (f" ({stages})" if stages else ""),
        "Plan": run.fingerprint or "none",
        "Findings": str(run.findings),
        "Outcome": f"{run.outcome} ({code})" if run.outcome and code else run.outcome or code,
    }
    lines = [f"{name + ':':<12} {visible(value)}" for name, value in facts.items() if value]
    for change in run.changes:
        detail = f": {visible(change.detail)}" if change.detail else ""
        lines += ["", f"{_SYMBOL.get(change.action, '~')} {visible(change.address)}  {change.status}{detail}"]
        if change.attribution is not None:
            lines.append(dim(f"    # {attribution_text(change.attribution)}"))
        for field in change.fields:
            lines += _field_lines(field)
    return "\n".join([*lines, ""])


def _field_lines(field: RecordedField) -> Iterator[str]:
    """Yield the field as a plan shows it; a reason of another version is left out."""
    reason = Reason(field.reason) if field.reason in list(Reason) else Reason.MANIFEST_CHANGED
    change = FieldChange(field.path, field.before, field.after, reason, attribution=field.attribution)
    yield from (f"    {line}" for line in field_lines(field_view(change, field.names)))


def run_json(run: Run, *, indent: int | None = 2) -> str:
    """Return a run as JSON; without ``indent``, on one line."""
    return json.dumps(TypeAdapter(Run).dump_python(run, mode="json"), indent=indent, ensure_ascii=False) + "\n"
