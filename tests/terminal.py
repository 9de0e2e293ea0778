"""A terminal of a chosen width, as standard error of a program."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Shown:
    """How a program ended, and what it sent: ``raw`` to the terminal, ``output`` to standard output, a pipe."""

    code: int
    raw: str
    output: str

    @property
    def rows(self) -> list[str]:
        """Everything that stood in a row at some time, without colours."""
        rows = re.split(r"[\r\n]+", _CONTROL.sub("", self.raw))
        return [row.rstrip() for row in rows if row.strip()]


def on_terminal(
    command: Sequence[str], variables: Mapping[str, str], *, columns: int = 100, folder: Path | None = None
) -> Shown:
    """Run the program, its standard error on a terminal."""
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        process = subprocess.Popen(
            command, cwd=folder, env={"TERM": "xterm-256color", **variables}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=theirs, text=True,
        )  # fmt: skip
    finally:
        os.close(theirs)
    with process, os.fdopen(ours, "rb", buffering=0) as terminal:
        raw = bytearray()
        try:
            while data := terminal.read(65_536):
                raw += data
        except OSError:
            # Linux says so when the last who had the terminal has closed it.
            pass
        output = process.stdout.read() if process.stdout else ""
    return Shown(process.returncode, raw.decode(), output)
