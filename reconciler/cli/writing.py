"""What apply and import do alike: make the changes of a plan, journalled and under the lock, and prove them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from reconciler.cli.interrupt import Interruption
from reconciler.cli.live import LiveOptions
from reconciler.cli.recording import note_applied, note_verified
from reconciler.model.errors import ExitCode, LiveSystemError, RequestFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from reconciler.app.workflow import Systems
    from reconciler.model.address import Address
    from reconciler.model.outcome import Applied, Verification
    from reconciler.model.plan import Plan
    from reconciler.ports import Lock, Progress

    Prove = Callable[[Progress, float, frozenset[Address]], Awaitable[Verification]]


@dataclass(slots=True)
class Writing:
    """Make the changes of one plan.

    ``patience`` is in seconds; ``journal`` is the file to write, None for a new one in the user's state folder.
    ``desired`` says, for people, what was to be reached.
    """

    settings: LiveOptions
    interruption: Interruption
    effective: bool
    patience: float
    journal: Path | None = None
    desired: str = "the manifests say"

    async def perform(self, planned: "Plan", live: "Systems", lock: "Lock", prove: "Prove") -> ExitCode:
        """Make the changes, and look until they are proven."""
        from reconciler.cli.progress import progress
        from reconciler.review.applied_text import interrupted_text, unverified_text, verification_text
        from reconciler.review.plan_text import read_failures_text

        applied = await self._write(planned, live, lock)
        if self.interruption.is_requested:
            self._say(interrupted_text(applied))
            return ExitCode.PARTIAL if applied.has_written else ExitCode.INTERRUPTED
        if applied.halted:
            # What was never begun does not come, however long one waits.
            self._say(unverified_text("not everything was written.", "Run apply again: it goes on from here."))
            return ExitCode.PARTIAL
        try:
            with progress("Verifying", patience=self.patience) as watcher:
                verified = await prove(watcher, self.patience, applied.not_done)
        except (LiveSystemError, RequestFailed) as error:
            if not applied.has_written:
                raise
            self._say(unverified_text(error.message, error.remedy))
            return ExitCode.PARTIAL
        note_verified(verified)
        asked = self.effective and not verified.on_mock
        self._say(verification_text(verified, asked_effective=asked, desired=self.desired))
        if not planned.complete:
            # It is why the exit code says that something is left.
            self._say("\n".join((*read_failures_text(planned), "")))
        return ExitCode.DONE if applied.is_complete and verified.is_proven and planned.complete else ExitCode.PARTIAL

    async def _write(self, planned: "Plan", live: "Systems", lock: "Lock") -> "Applied":
        from reconciler.adapters.journal import FileJournal
        from reconciler.app import workflow
        from reconciler.cli.progress import progress
        from reconciler.model.outcome import Applied
        from reconciler.review.applied_text import applied_text

        if not planned.changes:
            return Applied(())
        permits = (self.interruption, lock)
        with (
            FileJournal(self._journal_path(planned), live.clock) as journal,
            self.interruption.writing(),
            progress("Applying", len(planned.changes)) as watcher,
        ):
            applied = await workflow.apply(planned, live, journal, watcher, self.settings.parallelism, permits)
        note_applied(applied)
        self._say(applied_text(applied, is_whole=planned.complete))
        return applied

    def _journal_path(self, planned: "Plan") -> Path:
        from reconciler.adapters.journal import default_folder

        name = f"{planned.created_at:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}.jsonl"
        return self.journal or default_folder() / name

    def _say(self, text: str) -> None:
        click.echo(text, nl=False, color=self.settings.color)
