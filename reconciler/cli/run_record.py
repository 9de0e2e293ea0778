"""Record every run in the history: who, when, from which revision, what it planned and did, and how it ended.

A command is marked ``@recorded``; what it comes to know on the way is noted from wherever that is.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar
from uuid import uuid4

import click

from reconciler.cli.diagnostics import tell, warn
from reconciler.cli.environment import name_of
from reconciler.model.errors import ExitCode, HistoryBroken, ReconcilerError

if TYPE_CHECKING:
    from reconciler.model.history import Run
    from reconciler.model.outcome import Applied, Verification
    from reconciler.model.plan import Plan

_P = ParamSpec("_P")
_R = TypeVar("_R")

_URL: Final = "reconciler.history"
_RECORD: Final = "reconciler.record"
NONE: Final = "none"


@dataclass(slots=True)
class Record:
    """What is known of the run so far. ``durations`` are in seconds, by stage."""

    command: str
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=time.monotonic)
    durations: dict[str, float] = field(default_factory=dict)
    plan: "Plan | None" = None
    applied: "Applied | None" = None
    exit_code: int = 0
    said: str = ""

    def ended(self, stage: str) -> None:
        """Take note that a stage has ended; it began when the one before it did."""
        seconds = round(time.monotonic() - self.started - sum(self.durations.values()), 3)
        self.durations[stage] = seconds
        tell(f"The stage {stage} took {seconds:.1f} s.", "stage", stage=stage, seconds=seconds)


def remember_history(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Take ``--history``."""
    context.meta[_URL] = value


def forget(context: click.Context) -> None:
    """Keep this run out of the history: it is the replay of another one."""
    context.meta[_URL] = NONE


def history_url(context: click.Context) -> str | None:
    """Return where runs are recorded; None for nowhere."""
    from reconciler.adapters.history.database import default_url

    url: str | None = context.meta.get(_URL)
    return None if url == NONE else url or default_url()


def recorded(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Record each run of the command, however it ends; that the history is broken never stops or fails a run."""

    @wraps(command)
    def run(*arguments: _P.args, **options: _P.kwargs) -> _R:
        context = click.get_current_context()
        record = context.meta[_RECORD] = Record(_name(context))
        try:
            return command(*arguments, **options)
        except click.exceptions.Exit as end:
            record.exit_code = end.exit_code
            raise
        except ReconcilerError as error:
            record.exit_code, record.said = error.exit_code, error.message
            raise
        except (click.Abort, KeyboardInterrupt):
            record.exit_code, record.said = ExitCode.INTERRUPTED, "interrupted"
            raise
        except BaseException as error:
            record.exit_code, record.said = ExitCode.ERROR, type(error).__name__
            raise
        finally:
            _keep(context, record)

    return run


def _name(context: click.Context) -> str:
    """Return the command as it is typed after the program's name: ``rotate start``."""
    above = context.parent
    if above is None:
        return ""
    return f"{_name(above)} {context.info_name}".strip()


def note_plan(plan: "Plan") -> None:
    """Take note of the plan that was made, or read from a file."""
    if record := _current():
        record.plan = plan
        record.ended("plan")


def note_applied(applied: "Applied") -> None:
    """Take note of what was written."""
    if record := _current():
        record.applied = applied
        record.ended("apply")


def note_verified(verification: "Verification") -> None:
    """Take note that, and with which outcome, was looked whether it took effect."""
    if record := _current():
        record.said = "verified" if verification.is_proven else "not verified"
        record.ended("verify")


def _current() -> Record | None:
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(_RECORD)


def _keep(context: click.Context, record: Record) -> None:
    url: Any = None
    try:
        url = history_url(context)
        if url is None:
            return
        from reconciler.adapters.history.store import opened

        with opened(url) as history:
            history.record(_run(context, record))
    except HistoryBroken as error:
        warn(f"this run is not in the history. {error.message}", "history", remedy=error.remedy)


def _run(context: click.Context, record: Record) -> "Run":
    from reconciler._version import __version__
    from reconciler.adapters.revision import revision_of
    from reconciler.cli.identity import who
    from reconciler.model.history import Run
    from reconciler.review.history_text import outcome_words, recorded_changes
    from reconciler.review.plan_json import fingerprint_of

    plan, given = record.plan, context.params
    return Run(
        id=f"{record.started_at:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}",
        command=record.command,
        started_at=record.started_at,
        ended_at=datetime.now(UTC),
        who=who(),
        revision=revision_of([Path.cwd()]),
        version=__version__,
        environment=name_of(context),
        keycloak_url=str(given.get("keycloak_url") or ""),
        realm=str(given.get("realm") or ""),
        owner=str(given.get("owner") or ""),
        fingerprint="" if plan is None else fingerprint_of(plan),
        exit_code=int(record.exit_code),
        outcome=outcome_words(record.command, plan, record.applied, record.said),
        findings=0 if plan is None else len(plan.findings),
        durations=record.durations,
        changes=() if plan is None else recorded_changes(plan, record.applied),
    )
