"""A sandbox in a temporary folder that is gone afterwards, whatever happens: an error, Ctrl-C or a signal."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from reconciler.model.errors import ReconcilerError
from reconciler.sandbox.lifecycle import Options, Running, Sandbox

ROOT: Final = Path(__file__).resolve().parent.parent
RECONCILER: Final = Path(sys.executable).with_name("reconciler")

_INTERRUPTED: Final = 130
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_OURS: Final = ("KEYCLOAK_", "NT24_", "RECONCILER_")


class StepFailed(Exception):
    """Say which step did not end as it should."""


@dataclass(frozen=True, slots=True)
class Throwaway:
    """A sandbox that is up, and a folder beside it for files that are not worth keeping."""

    running: Running
    folder: Path

    def environment(self) -> dict[str, str]:
        """Return what points commands at the sandbox, and at nothing else that the shell may name."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        direct = ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1")))
        return inherited | {
            "KEYCLOAK_URL": self.running.keycloak_url,
            "KEYCLOAK_USER": self.running.admin_user,
            "KEYCLOAK_PASSWORD": self.running.admin_password,
            "NT24_REALM": self.running.realm,
            "NT24_API_URL": self.running.api_url,
            "XDG_STATE_HOME": str(self.folder),
            "RECONCILER_SINK": f"file:{self.folder}/secrets/{{organization}}/{{name}}",
            "NO_PROXY": direct,
            "no_proxy": direct,
        }


@contextmanager
def throwaway_sandbox(options: Options) -> Iterator[Throwaway]:
    """Yield a sandbox that runs; on the way out, nothing of it is left."""
    for number in _SIGNALS:
        signal.signal(number, _interrupt)
    with tempfile.TemporaryDirectory(prefix="reconciler-") as folder:
        sandbox = Sandbox(Path(folder) / "sandbox", options, say=lambda line: print(line, flush=True))
        try:
            yield Throwaway(sandbox.up(), Path(folder))
        finally:
            _ignore_signals()
            sandbox.down()


def run_to_the_end(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command in the repository's root, and return its exit code; where we are stopped, so is the command.

    A signal waits until the command is started: in the midst of that, it would leave a process that nobody knows of.
    The command goes on waiting, so that we alone end it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        # One stream for both: what goes wrong belongs to where it happened, also in a file.
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.STDOUT)
    except BaseException:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        raise
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        return process.wait()
    finally:
        process.kill()
        process.wait()


def exit_code_of(script: Callable[[], None]) -> int:
    """Run a script and return its exit code; errors become lines for people."""
    try:
        script()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except StepFailed as error:
        print(f"\nFailed: {error}", file=sys.stderr)
        return 1
    except ReconcilerError as error:
        print(f"\n{error.message}\n{error.remedy}".rstrip(), file=sys.stderr)
        return error.exit_code
    return 0


def _interrupt(number: int, _: FrameType | None) -> None:
    # Once: what comes now is the clearing up, which a second Ctrl-C must not cut short.
    _ignore_signals()
    print(f"\nStopping ({signal.Signals(number).name}) ...", file=sys.stderr, flush=True)
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
