"""Detached processes, recognised by pid *and* start time, so that a recycled pid is never signalled."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from reconciler.model.children import without_credentials

_PROC: Final = Path("/proc")
_GONE: Final = "gone"
_POLL_SECONDS: Final = 0.05

_children: set[int] = set()
"""What this very process started: it must reap them, or they stay behind as zombies."""


class Process(BaseModel):
    """Name one process for ever: a pid alone is given to somebody else one day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int
    started: str

    def is_alive(self) -> bool:
        """Tell whether exactly this process still runs."""
        return start_time(self.pid) == self.started


def start_time(pid: int) -> str | None:
    """Return a text that no other process with this pid will have; None when there is no such process."""
    found = _linux_start_time(pid) if _PROC.joinpath("self/stat").exists() else _posix_start_time(pid)
    if found is None and pid in _children:
        # It has ended; what is left of it is reaped at once.
        _children.remove(pid)
        os.waitpid(pid, 0)
    return found


def _linux_start_time(pid: int) -> str | None:
    try:
        stat = _PROC.joinpath(str(pid), "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # proc(5): the command, in parentheses, may hold blanks; the state follows, and 19 fields later the start time
    # in clock ticks since boot, which only means something together with the boot.
    state, *fields = stat.rpartition(")")[2].split()
    if state in {"Z", "X"}:
        return None
    boot = _PROC.joinpath("sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}/{fields[18]}"


def _posix_start_time(pid: int) -> str | None:
    answer = subprocess.run(  # noqa: S603
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        env={**without_credentials(os.environ), "LC_ALL": "C"},
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return started.strip() or None if state and not state.startswith("Z") else None


def start(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str], keep_open: Sequence[int] = ()
) -> Process:
    """Start ``command`` in a session of its own, so that it outlives this process and its terminal.

    Its output goes to ``log``, where an older file is replaced; it inherits the file descriptors ``keep_open``.
    """
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env=dict(environment),
            pass_fds=keep_open,
            start_new_session=True,
        )
    _children.add(child.pid)
    # It may outlive this process, of which its Popen would complain in the end.
    child.returncode = 0
    return Process(pid=child.pid, started=start_time(child.pid) or _GONE)


def stop(processes: Iterable[Process], *, grace: float = 15.0) -> None:
    """Ask the processes to end (TERM), and end those that still run after ``grace`` seconds (KILL)."""
    for signal_number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, grace)):
        remaining = [process for process in processes if process.is_alive()]
        for process in remaining:
            _signal(process, signal_number)
        deadline = time.monotonic() + seconds
        while any(process.is_alive() for process in remaining) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)


def _signal(process: Process, number: signal.Signals) -> None:
    # The process leads its own session, so its group holds its children and nobody else.
    try:
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
    except ProcessLookupError:
        return
