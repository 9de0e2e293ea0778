"""What groups of options say, as values that commands are given."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.adapters.connection_options import ConnectionOptions
from reconciler.adapters.environment import Said
from reconciler.cli.environment import said
from reconciler.model.errors import WrongUsage

if TYPE_CHECKING:
    from reconciler.adapters.interruption import SignalInterruption
    from reconciler.adapters.lock import KeycloakLock


def _without_api() -> str:
    context = click.get_current_context(silent=True)
    return "--no-effective" if context is not None and "no_effective" in context.params else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions(ConnectionOptions):
    """How the live systems are reached, which overlays count, and what ``reconciler.yaml`` says."""

    overlays: Path | None
    without_api: str = field(default_factory=_without_api)
    said: Said = field(default_factory=said)

    def revision_of(self, files: tuple[Path, ...]) -> str:
        """Return the git commit that the manifests, and what overlays them, are read at."""
        from reconciler.adapters.revision import revision_of

        return revision_of(files if self.overlays is None else (*files, self.overlays))


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person agrees to, that a plan does not do unasked."""

    allow_delete: bool = False
    soft_delete: bool = False
    allow_takeover: bool = False
    destroy: bool = False
    expired: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be meant together.

        Raises:
            WrongUsage: ``--expired`` takes back grants, and nothing else.
        """
        other = "--destroy" if self.destroy else "--soft-delete" if self.soft_delete else ""
        if self.expired and other:
            raise WrongUsage(
                f"--expired cannot be combined with {other}: it takes back what has ended, and nothing else.",
                remedy="Remove one of them.",
            )


@dataclass(frozen=True, slots=True)
class Asking:
    """Whether a person has said yes already, and whether one may be asked."""

    auto_approve: bool
    may_ask: bool

    def is_needed(self) -> bool:
        """Tell whether somebody is asked.

        Raises:
            WrongUsage: Somebody would have to be, and nobody may.
        """
        if not (self.auto_approve or self.may_ask):
            what = "Somebody must agree, and nobody may be asked (--input=false)."
            raise WrongUsage(what, remedy="Use --auto-approve, once it is clear what it will do.")
        return not self.auto_approve


@dataclass(frozen=True, slots=True)
class Locking:
    """For how long the lock is waited for, and for how long it outlives us, in seconds."""

    lock_timeout: int
    lock_lease: int

    def held(
        self, settings: LiveOptions, interruption: "SignalInterruption", run: str = ""
    ) -> "AbstractAsyncContextManager[KeycloakLock]":
        """Take the lock, for this run as the history calls it, or for ``run``, whose lock is taken as it is."""
        from reconciler.adapters import lock_holding
        from reconciler.cli.run_record import this_run

        return lock_holding.locked(settings, self.lock_timeout, self.lock_lease, interruption, run or this_run())
