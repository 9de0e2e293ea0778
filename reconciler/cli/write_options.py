"""What commands give a write from outside, and how they end with its result."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from reconciler.adapters import lock_holding
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.interruption import SignalInterruption
from reconciler.adapters.journal import FileJournal, default_folder
from reconciler.app.gated_write import Ending, WritePorts, WriteResult
from reconciler.cli.live import LiveOptions
from reconciler.model.errors import ExitCode
from reconciler.ports import Systems
from reconciler.review.applied_text import interrupted_text, unverified_text
from reconciler.review.plan_text import read_failures_text

if TYPE_CHECKING:
    from reconciler.model.plan import Plan


def write_ports(
    systems: Callable[[], AbstractAsyncContextManager[Systems]],
    settings: LiveOptions,
    interruption: SignalInterruption,
    patience: float,
    lease: float,
    journal: Path | None = None,
) -> WritePorts:
    """Return the ports; ``patience`` (for the lock) and ``lease`` are in seconds.

    ``journal`` is the file to write, None for a new one in the user's state folder.
    """

    def opened(plan: "Plan") -> FileJournal:
        name = f"{plan.created_at:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}.jsonl"
        return FileJournal(journal or default_folder() / name, SystemClock())

    return WritePorts(
        systems=systems,
        lock=lambda: lock_holding.locked(settings, patience, lease, interruption),
        journal=opened,
        interruption=interruption,
    )


def ended(result: WriteResult, print_: Callable[[str], None]) -> ExitCode:
    """Print what is left to say of a write, and return the exit code."""
    match result.ending:
        case Ending.NOTHING_TO_WRITE:
            return ExitCode.DONE
        case Ending.DECLINED:
            print_("Apply cancelled: nothing was changed.\n")
            return ExitCode.ERROR
        case Ending.INTERRUPTED:
            print_(interrupted_text(result.applied))
            return ExitCode.PARTIAL if result.applied.has_written else ExitCode.INTERRUPTED
        case Ending.HALTED:
            print_(unverified_text("not everything was written.", "Run apply again: it goes on from here."))
        case Ending.UNVERIFIED if result.failure is not None:
            print_(unverified_text(result.failure.message, result.failure.remedy))
        case Ending.VERIFIED if not result.plan.complete:
            # It is why the exit code says that something is left.
            print_("\n".join((*read_failures_text(result.plan), "")))
    return ExitCode.DONE if result.is_done else ExitCode.PARTIAL
