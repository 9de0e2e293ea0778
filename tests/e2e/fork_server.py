"""Start the command without importing it each time: a process that has imported it forks one for each run.

What runs is what ``python -m reconciler`` runs, as a process of its own: with its own environment, folder, output, exit
code and end. It differs from a start in what the interpreter settles once: all runs have one seed of hashes, and all
is imported already. Run as a program, this file is the process that forks.
"""

import atexit
import gc
import json
import os
import runpy
import select
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Final, Self

import reconciler

Done = subprocess.CompletedProcess[str]

_LONGEST: Final = 65_536
"""The bytes of a message: the arguments, the environment and the folder of a run."""
_SETTLED_AT_THE_START: Final = ("PYTHON", "LANG", "LC_")
"""How the variables begin that the interpreter reads when it starts."""
_PROGRAM: Final = """\
#!{python} -IS
import json, os, socket, sys
begin, otherwise, apart, given = {begin!r}, {otherwise!r}, {apart!r}, sys.argv[1:]
with open("/proc/self/environ") as file:
    environment = dict(each.split("=", 1) for each in file.read().split("\\0") if each)
may_read = os.fstat(0).st_rdev != os.stat(os.devnull).st_rdev
if given[: len(begin)] != begin or may_read or any(name.startswith(apart) for name in environment):
    os.execv(otherwise[0], [*otherwise, *given])
reads, writes = os.pipe()
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as there:
    there.connect({door!r})
    message = json.dumps([given[len(begin) :], os.getcwd(), environment, ""]).encode()
    socket.send_fds(there, [message], [1, 2, writes])
os.close(writes)
with open(reads) as ended:
    sys.exit(int(ended.read().split()[1]))
"""
_A_MOMENT: Final = 0.02
_NEEDED_LATER: Final = ("alembic.command", "httpcore", "sqlalchemy.dialects.sqlite")
"""What the program imports only when it uses it."""


def run(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    options: Sequence[str] = (),
    before: str = "",
) -> Done:
    """Run ``reconciler`` to its end, with nothing to read, and return what it printed.

    ``options`` are the interpreter's; for each choice of them there is a process that forks. ``before`` is Python that
    the process runs first.
    """
    with start(arguments, folder, environment, options=options, before=before) as process:
        out, err = process.communicate()
        return Done(["reconciler", *arguments], process.wait(), out, err)


def start(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    options: Sequence[str] = (),
    before: str = "",
) -> "Process":
    """Run ``reconciler`` as :func:`run` does, and do not wait for its end."""
    if not sys.platform.startswith("linux") or any(name.startswith(_SETTLED_AT_THE_START) for name in environment):
        return subprocess.Popen(
            _command(arguments, options, before), cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    message = json.dumps([list(arguments), str(folder), dict(environment), before]).encode()
    assert len(message) <= _LONGEST
    pipes = [os.pipe() for _ in range(3)]
    socket.send_fds(_server(tuple(options)), [message], [writes for _, writes in pipes])
    for _, writes in pipes:
        os.close(writes)
    return Forked(*(reads for reads, _ in pipes))


class Forked:
    """A run that was forked: what tests use of ``subprocess.Popen``, which only knows children."""

    def __init__(self, out: int, err: int, told: int) -> None:
        """Take the ends to read of its output, and of a pipe that tells its number and then its exit code."""
        self.stdout, self.stderr, self._told = (os.fdopen(each, encoding="utf-8") for each in (out, err, told))
        self.pid = int(self._told.readline())
        self.returncode: int | None = None
        self._said: tuple[str, str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        for each in (self.stdout, self.stderr, self._told):
            each.close()

    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]:
        """Return what it prints from now on, and close all: it has ended."""
        if self._said is None:
            out, err = _read_all([self.stdout.fileno(), self.stderr.fileno()], timeout)
            self._said = out, err
            self.__exit__()
        return self._said

    def poll(self) -> int | None:
        """Return its exit code; None as long as it has none."""
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self.returncode = int(self._told.readline())
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code once it has ended."""
        if self.returncode is None and not select.select([self._told], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("reconciler", timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


Process = subprocess.Popen[str] | Forked


def wait_until_stopped(process: Process) -> None:
    """Wait until the process has got SIGSTOP."""
    if isinstance(process, subprocess.Popen):
        os.waitpid(process.pid, os.WUNTRACED)
        return
    while Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] != "T":
        assert process.poll() is None
        time.sleep(_A_MOMENT)


def run_anew(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    options: Sequence[str] = (),
    before: str = "",
) -> Done:
    """Run ``python -m reconciler`` to its end, with nothing to read, and return what it printed."""
    return subprocess.run(
        _command(arguments, options, before),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _command(arguments: Sequence[str], options: Sequence[str], before: str) -> list[str]:
    begin = ("-c", f"{before}\nfrom reconciler.cli.main import main\nmain()") if before else ("-m", "reconciler")
    return [sys.executable, *options, *begin, *arguments]


def make_program(place: Path, *begin: str, otherwise: Sequence[str]) -> None:
    """Make a program for scripts: with arguments that begin so, it runs ``reconciler`` with the others, forked.

    With any others, with something to read, or in an environment that the interpreter reads when it starts, it runs
    ``otherwise`` with all of them.
    """
    if sys.platform.startswith("linux"):
        text = _PROGRAM.format(
            python=sys.executable, begin=[*begin], otherwise=[*otherwise], apart=_SETTLED_AT_THE_START, door=_door()
        )
    else:
        text = f'#!/bin/sh\nexec {shlex.join(otherwise)} "$@"\n'
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    place.chmod(0o755)


@cache
def _door() -> str:
    """Return the socket at which others of this machine's processes ask for runs; it is there as long as this one."""
    folder = tempfile.mkdtemp(prefix="fork-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = f"{folder}/door"
    door, server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET), _server(())
    door.bind(path)
    door.listen()

    def pass_on() -> None:
        while True:
            caller, _ = door.accept()
            with caller:
                message, descriptors, _, _ = socket.recv_fds(caller, _LONGEST, 3)
            socket.send_fds(server, [message], descriptors)
            for descriptor in descriptors:
                os.close(descriptor)

    threading.Thread(target=pass_on, daemon=True).start()
    return path


def _read_all(descriptors: Sequence[int], patience: float | None) -> list[str]:
    """Return what each of them gives until its end."""
    end = time.monotonic() + (patience or 0)
    read = dict.fromkeys(descriptors, b"")
    with selectors.DefaultSelector() as open_ones:
        for descriptor in descriptors:
            open_ones.register(descriptor, selectors.EVENT_READ)
        while open_ones.get_map():
            ready = open_ones.select(None if patience is None else max(0.0, end - time.monotonic()))
            if not ready:
                raise subprocess.TimeoutExpired("reconciler", patience or 0)
            for key, _ in ready:
                part = os.read(key.fd, _LONGEST)
                read[key.fd] += part
                if not part:
                    open_ones.unregister(key.fd)
    return [part.decode() for part in read.values()]


@cache
def _server(options: tuple[str, ...]) -> socket.socket:
    """Start the process that forks; it ends when its last reader, this process, does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, *options, "-P", __file__, str(theirs.fileno())],
            env={"PATH": os.environ["PATH"]},
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
        )

    def stop() -> None:
        ours.close()
        server.wait()

    atexit.register(stop)
    return ours


def _import_all() -> None:
    for module in walk_packages(reconciler.__path__, "reconciler."):
        # Neither programs, nor what only runs inside a migration of the history.
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            import_module(module.name)
    for name in _NEEDED_LATER:
        import_module(name)
    # None of it is garbage: no run need look at it, and copy it for that.
    gc.collect()
    gc.freeze()


def _next_run(messages: socket.socket) -> Any:
    """Fork for each message; return it in the process that is to run the command."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(messages, _LONGEST, 3)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            messages.close()
            if _runs(*descriptors):
                return json.loads(message)
        for descriptor in descriptors:
            os.close(descriptor)


def _runs(out: int, err: int, code: int) -> bool:
    """Fork the process that runs the command, and return in it; the other one waits, and tells its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if (command := os.fork()) == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(out, sys.stdout.fileno())
        os.dup2(err, sys.stderr.fileno())
        for descriptor in (out, err, code):
            os.close(descriptor)
        return True
    os.close(out)
    os.close(err)
    os.write(code, f"{command}\n".encode())
    _, status = os.waitpid(command, 0)
    os.write(code, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


if __name__ == "__main__":
    _import_all()
    arguments, folder, environment, before = _next_run(socket.socket(fileno=int(sys.argv[1])))
    # What the interpreter has set itself, as there is no LANG.
    coerced = {name: value for name, value in os.environ.items() if name == "LC_CTYPE"}
    os.environ.clear()
    os.environ.update(coerced | environment)
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.argv[1:] = arguments
    exec(before, {})
    runpy.run_module("reconciler", run_name="__main__", alter_sys=True)
