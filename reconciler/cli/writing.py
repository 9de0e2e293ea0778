"""What commands give a write from outside, and how they end with its result."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from uuid import uuid4

import click

from reconciler.adapters.clock import SystemClock
from reconciler.adapters.interruption import SignalInterruption
from reconciler.adapters.journal import FileJournal, default_folder
from reconciler.app.gated_write import Ending, WritePorts, WriteResult
from reconciler.cli.live import LiveOptions, Locking
from reconciler.cli.run_record import note
from reconciler.model.errors import ExitCode
from reconciler.model.plan import Plan
from reconciler.ports import Systems
from reconciler.review.applied_text import interrupted_text, unverified_text
from reconciler.review.plan_text import read_failures_text


def write_ports(
    systems: Callable[[], AbstractAsyncContextManager[Systems]],
    settings: LiveOptions,
    interruption: SignalInterruption,
    locking: Locking,
    journal: Path | None = None,
) -> WritePorts:
    """Return the ports; ``journal`` is the file to write, None for a new one in the user's state folder."""

    def opened(plan: Plan) -> FileJournal:
        name = f"{plan.created_at:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}.jsonl"
        return FileJournal(journal or default_folder() / name, SystemClock())

    return WritePorts(
        systems=systems,
        lock=lambda: locking.held(settings, interruption),
        journal=opened,
        interruption=interruption,
    )


def ended(result: WriteResult) -> ExitCode:
    """Print what is left to say of a write, and return the exit code."""
    match result.ending:
        case Ending.NOTHING_TO_WRITE:
            return ExitCode.DONE
        case Ending.NO_VERDICT:
            # The plan has said so.
            return ExitCode.ERROR
        case Ending.DECLINED:
            written = result.applied.has_written
            note("cancelled")
            click.echo(f"Apply cancelled: {'the rest was not' if written else 'nothing was'} changed.")
            return ExitCode.PARTIAL if written else ExitCode.ERROR
        case Ending.INTERRUPTED:
            click.echo(interrupted_text(result.applied), nl=False)
            return ExitCode.PARTIAL if result.applied.has_written else ExitCode.INTERRUPTED
        case Ending.HALTED:
            text = unverified_text("not everything was written.", "Run apply again to resume.")
            click.echo(text, nl=False)
        case Ending.UNVERIFIED if result.failure is not None:
            click.echo(unverified_text(result.failure.message, result.failure.remedy), nl=False)
        case Ending.VERIFIED if result.plan.read_failures:
            # It is why the exit code says that something is left.
            click.echo("\n".join(read_failures_text(result.plan)))
    return ExitCode.DONE if result.is_done else ExitCode.PARTIAL
