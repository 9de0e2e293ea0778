"""Ctrl-C and SIGTERM: a run that only reads just ends; one that writes finishes what is in flight, and says so."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import Any, Final

from reconciler.model.errors import ExitCode, Halted

_LOG: Final = logging.getLogger(__name__)
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class _Phase(Enum):
    READING = auto()
    WRITING = auto()
    WRITTEN = auto()


class SignalInterruption:
    """Know whether a signal has come; fits the port ``SignalInterruption``."""

    def __init__(self) -> None:
        self._phase = _Phase.READING
        self.is_requested = False
        """Whether a signal came while the run was writing."""
        self.is_aborted = False
        """Whether a second one came: what is in flight is left alone."""

    async def check(self) -> None:
        """Return where one more write may start."""
        if self.is_requested:
            raise Halted("interrupted", remedy="Run apply again to resume.")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let a signal stop the writes gently, not cut them off."""
        self._phase = _Phase.WRITING
        yield
        self._phase = _Phase.WRITTEN

    @contextmanager
    def listening(self, task: asyncio.Task[Any]) -> Iterator[None]:
        """Take the signals for the task."""
        loop = asyncio.get_running_loop()

        def on_signal() -> None:
            if self._phase is _Phase.WRITING and not self.is_requested:
                self.is_requested = True
                _say("Interrupted: finishing the writes in flight. Interrupt again to stop at once.")
                return
            self.is_aborted = self.is_requested
            task.cancel()
            # From now on the signals do what they do everywhere.
            ignore()

        def ignore() -> None:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

        # There are no such handlers on Windows, where Ctrl-C just ends the run.
        with suppress(NotImplementedError):
            for number in _SIGNALS:
                loop.add_signal_handler(number, on_signal)
        try:
            yield
        finally:
            with suppress(NotImplementedError):
                ignore()

    def farewell(self) -> tuple[str, ExitCode]:
        """Return what to say, and the exit code, where the run was cut off."""
        match self._phase:
            case _Phase.READING:
                return "Interrupted: nothing was written to Keycloak.", ExitCode.INTERRUPTED
            case _Phase.WRITING:
                return "Stopped at once: run plan to see what is left. The lock expires by itself.", ExitCode.PARTIAL
            case _Phase.WRITTEN:
                return "Interrupted: what was written was not verified. Run plan to see.", ExitCode.PARTIAL


def run_interruptible(main: Callable[[SignalInterruption], Coroutine[Any, Any, ExitCode]]) -> ExitCode:
    """Run a command that may be interrupted, and return its exit code."""
    return asyncio.run(_run(main))


async def _run(main: Callable[[SignalInterruption], Coroutine[Any, Any, ExitCode]]) -> ExitCode:
    interruption = SignalInterruption()
    task = asyncio.create_task(main(interruption))
    with interruption.listening(task):
        await asyncio.wait({task})
    if not task.cancelled():
        return task.result()
    text, code = interruption.farewell()
    _say(text, exit_code=int(code))
    return code


def _say(text: str, **fields: object) -> None:
    _LOG.info("%s", text, extra={"event": "interrupted", "fields": fields})
