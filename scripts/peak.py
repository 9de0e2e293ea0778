"""The most memory that a command ever had, by the operating system's own account."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_UNIT: Final = 1 if sys.platform == "darwin" else 1024
"""Bytes in the unit of ``ru_maxrss``: getrusage(2) of macOS and of Linux."""

_MEASURE: Final = """\
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
_, status, used = os.wait4(process.pid, 0)
print(used.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs in a small process of its own: a child counts what its parent had at the moment of the fork as its own."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How a command ended, what it printed, and its largest resident set in bytes."""

    exit_code: int
    stdout: str
    stderr: str
    peak: int


def measured(command: Sequence[str], environment: Mapping[str, str]) -> Measured:
    """Run a command to its end."""
    done = subprocess.run(
        (sys.executable, "-c", _MEASURE, *command),
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    *lines, peak = done.stderr.splitlines()
    return Measured(done.returncode, done.stdout, "\n".join(lines), int(peak) * _UNIT)
