"""What groups of options say, as values that commands are given."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.adapters.connection_options import ConnectionOptions
from reconciler.adapters.environment import Said
from reconciler.cli.environment import said

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


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person agrees to, that a plan does not do unasked."""

    allow_delete: bool = False
    soft_delete: bool = False
    allow_takeover: bool = False


@dataclass(frozen=True, slots=True)
class Locking:
    """For how long the lock is waited for, and for how long it outlives us, in seconds."""

    lock_timeout: int
    lock_lease: int

    def held(
        self, settings: LiveOptions, interruption: "SignalInterruption", run: str = ""
    ) -> "AbstractAsyncContextManager[KeycloakLock]":
        """Take the lock; ``run`` is the id of a run whose lock is taken as it is."""
        from reconciler.adapters import lock_holding

        return lock_holding.locked(settings, self.lock_timeout, self.lock_lease, interruption, run)
