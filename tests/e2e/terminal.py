"""Type the commands of a document into one shell, and compare what it prints with what the document says.

A block of the language ``console`` holds commands behind ``$ ``, each with its output, errors included. A command ends
with its line, or with the end of its here-document. ``…`` stands for any text; on a line of its own for any lines.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ANY: Final = "…"
_END: Final = "\x1e"
_HERE: Final = re.compile(r"<<'?(\w+)'?$")


@dataclass(slots=True)
class Typed:
    """A command, and the lines that it is to print; ``line`` is where it stands."""

    line: int
    command: str
    output: list[str] = field(default_factory=list)

    def is_met_by(self, printed: str) -> bool:
        """Tell whether this is what was printed."""
        pattern = "".join(r"(?:.*\n)*?" if line == ANY else f"{_pattern(line)}\n" for line in self.output)
        return re.fullmatch(pattern, printed) is not None


def _pattern(line: str) -> str:
    return r"[^\n]*".join(map(re.escape, line.split(ANY)))


def typed(document: str, aside: str) -> Iterator[Typed | str]:
    """Yield what is typed, and the lines that begin with ``aside``, without it, in their order."""
    lines = iter(enumerate(document.splitlines(), start=1))
    for _, line in lines:
        if line == "```console":
            yield from _block(lines)
        elif line.startswith(aside):
            yield line.removeprefix(aside).strip()


def _block(lines: Iterator[tuple[int, str]]) -> Iterator[Typed]:
    current: Typed | None = None
    for number, line in lines:
        if line == "```":
            break
        if line.startswith("$ "):
            if current is not None:
                yield current
            current = Typed(number, line.removeprefix("$ "))
            if here := _HERE.search(line):
                current.command += "".join(f"\n{text}" for text in _until(lines, here[1]))
        else:
            assert current is not None, f"line {number} is the output of nothing"
            current.output.append(line)
    if current is not None:
        yield current


def _until(lines: Iterator[tuple[int, str]], end: str) -> Iterator[str]:
    for _, line in lines:
        yield line
        if line == end:
            return


class Terminal:
    """One bash, as a person has it open."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, command: str) -> str:
        """Return what a command prints; commands read nothing, and ``$?`` is there for the next one."""
        stdin, stdout = self._shell.stdin, self._shell.stdout
        assert stdin is not None
        assert stdout is not None
        # In braces, so that the shell has read all of it before it starts.
        stdin.write(f"{{ {command}\n}} < /dev/null\n(code=$?; printf '\\036\\n'; exit $code)\n")
        stdin.flush()
        printed = ""
        for line in stdout:
            if line.endswith(f"{_END}\n"):
                return printed + line.removesuffix(f"{_END}\n")
            printed += line
        raise AssertionError(f"The shell ended with: {command}")

    def close(self) -> None:
        """Close the shell."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.close()
        self._shell.stdout.close()
        self._shell.wait(timeout=10)
