"""Record every run in the history: who, when, from which revision, what it planned and did, and how it ended.

A command is ``cls=Recorded``; what it comes to know on the way is noted from wherever that is.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import click

from reconciler.cli.command import CliCommand
from reconciler.cli.diagnostics import tell, warn
from reconciler.cli.environment import remembered, said
from reconciler.cli.streams import settled
from reconciler.model.errors import ExitCode, HistoryBroken, ReconcilerError

if TYPE_CHECKING:
    from reconciler.adapters.history.kept_run import KeptRun
    from reconciler.app.run_record import RunRecord
    from reconciler.model.history import Run
    from reconciler.ports.run_events import RunEvent

_RECORD: Final = "reconciler.record"


def history_url(context: click.Context) -> str | None:
    """Return where ``--history`` says that runs are recorded; None for nowhere."""
    from reconciler.adapters.history.database import default_url

    url: str | None = remembered(context, "history")
    return None if url == "none" else url or default_url()


class Recorded(CliCommand):
    """Record each run from its start, however it ends; a broken history never stops or fails a run.

    The replay of another run is none.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, on record."""
        from reconciler.app.run_record import RunRecord

        begun = _begun(ctx)
        kept = None if ctx.params.get("replay") else _kept(ctx, begun)
        record = ctx.meta[_RECORD] = RunRecord(begun)
        try:
            return super().invoke(ctx)
        except BaseException as error:
            match error:
                case click.exceptions.Exit():
                    record.exit_code = error.exit_code
                case ReconcilerError():
                    record.exit_code, record.said = error.exit_code, error.message
                case click.Abort() | KeyboardInterrupt():
                    record.exit_code, record.said = ExitCode.INTERRUPTED, "interrupted"
                case _:
                    record.exit_code, record.said = ExitCode.ERROR, type(error).__name__
            raise
        finally:
            record.exit_code, _ = settled(record.exit_code)
            if kept is not None:
                _end(kept, record)


def _begun(context: click.Context) -> "Run":
    """Return what is known of a run when it starts."""
    from reconciler._version import __version__
    from reconciler.adapters.identity import who
    from reconciler.adapters.login_variables import login_name
    from reconciler.adapters.revision import revision_of
    from reconciler.model.history import Run
    from reconciler.model.url import shown_url

    now, given = datetime.now(UTC), context.params
    return Run(
        id=f"{now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}",
        command=_name(context),
        started_at=now,
        ended_at=None,
        who=who(),
        revision=revision_of([Path()]),
        version=__version__,
        environment=said().environment,
        keycloak_url=shown_url(given.get("keycloak_url") or ""),
        realm=str(given.get("realm") or ""),
        api_url="" if given.get("no_effective") else shown_url(given.get("api_url") or ""),
        owner=str(given.get("owner") or ""),
        login=login_name(os.environ),
        exit_code=None,
    )


def _name(context: click.Context) -> str:
    """Return the command as it is typed after the program's name: ``rotate start``."""
    above = context.parent
    return "" if above is None else f"{_name(above)} {context.info_name}".strip()


def _kept(context: click.Context, begun: "Run") -> "KeptRun | None":
    try:
        url = history_url(context)
    except HistoryBroken as error:
        _warn(error)
        return None
    if url is None:
        return None
    from reconciler.adapters.history.kept_run import KeptRun

    return KeptRun(url, begun)


def this_run() -> str:
    """Return the id of the run: the one of the history, where it is recorded."""
    if (record := _record()) is not None:
        return record.run.id
    from reconciler.adapters.lock_holding import new_run

    return new_run()


def hear(event: "RunEvent") -> None:
    """Take note of what a run tells, where it is recorded."""
    if (record := _record()) is not None and (stage := record.hear(event)) is not None:
        name, seconds = stage
        tell(f"The stage {name} took {seconds:.1f} s.", "stage", stage=name, seconds=seconds)


def note(words: str) -> None:
    """Say in the history how the run ended, where it is recorded."""
    if (record := _record()) is not None:
        record.said = words


def _record() -> "RunRecord | None":
    context = click.get_current_context(silent=True)
    record: RunRecord | None = None if context is None else context.meta.get(_RECORD)
    return record


def _end(kept: "KeptRun", record: "RunRecord") -> None:
    from reconciler.review.history_text import outcome_words

    outcome = outcome_words(record.run.command, record.plan, record.applied, record.said)
    try:
        kept.end(record.ended(datetime.now(UTC), outcome))
    except HistoryBroken as error:
        _warn(error)


def _warn(error: HistoryBroken) -> None:
    warn(f"this run is not in the history. {error.message}", "history", remedy=error.remedy)
