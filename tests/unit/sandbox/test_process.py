"""Processes are stopped only when they are still the ones that were started."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler.sandbox import process
from reconciler.sandbox.process import Process

SH = shutil.which("sh") or "/bin/sh"
Start = Callable[[str], Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start shell scripts, and leave none behind."""
    started = []

    def start(script: str) -> Process:
        started.append(process.start([SH, "-c", script], log=tmp_path / "log", environment=dict(os.environ)))
        return started[-1]

    yield start
    process.stop(started, grace=0.2)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_started_process_is_alive_until_it_is_stopped(start: Start) -> None:
    sleeper = start("exec sleep 60")
    assert sleeper.is_alive()

    process.stop([sleeper])
    assert not sleeper.is_alive()


def test_a_process_that_ended_by_itself_is_not_alive(start: Start) -> None:
    short = start("exit 3")

    until(lambda: not short.is_alive())


def test_a_started_process_leads_a_session_of_its_own(start: Start) -> None:
    sleeper = start("exec sleep 60")

    assert os.getsid(sleeper.pid) == sleeper.pid


def test_a_recycled_pid_is_never_signalled(start: Start) -> None:
    somebody_else = start("exec sleep 60")

    process.stop([Process(pid=somebody_else.pid, started="another boot/1")])

    assert somebody_else.is_alive()


def test_a_process_that_ignores_term_is_killed(start: Start, tmp_path: Path) -> None:
    stubborn = start("trap '' TERM; echo ready; while :; do sleep 0.1; done")
    until(lambda: "ready" in (tmp_path / "log").read_text())

    process.stop([stubborn], grace=0.5)

    assert not stubborn.is_alive()


def test_the_children_of_a_process_end_with_it(start: Start, tmp_path: Path) -> None:
    parent = start("sleep 60 & echo $!; wait")
    until(lambda: bool((tmp_path / "log").read_text().strip()))
    child = int((tmp_path / "log").read_text())

    process.stop([parent])

    until(lambda: process.start_time(child) is None)


def test_what_is_to_stay_open_is_inherited(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    child = process.start(
        [SH, "-c", f"echo hello > /dev/fd/{writing}"],
        log=tmp_path / "log",
        environment=dict(os.environ),
        keep_open=[writing],
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == "hello\n"
    process.stop([child])


def test_the_start_time_of_a_process_does_not_change() -> None:
    assert process.start_time(os.getpid()) == process.start_time(os.getpid()) is not None


def test_a_pid_that_nobody_has_has_no_start_time() -> None:
    ended = subprocess.Popen([SH, "-c", ":"])
    ended.wait()

    assert process.start_time(ended.pid) is None


def test_a_zombie_has_no_start_time() -> None:
    zombie = subprocess.Popen([SH, "-c", "exec sleep 60"])
    zombie.send_signal(signal.SIGKILL)
    try:
        until(lambda: process.start_time(zombie.pid) is None)
    finally:
        zombie.wait()


@pytest.mark.skipif(shutil.which("ps") is None, reason="needs ps")
def test_where_there_is_no_proc_ps_is_asked(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_PROC", Path("/nowhere"))
    sleeper = start("exec sleep 60")
    assert sleeper.is_alive()

    process.stop([sleeper])
    assert not sleeper.is_alive()
