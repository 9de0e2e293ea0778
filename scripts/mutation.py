"""Change the code at random places, one at a time, and say which of the changes no test notices.

mutmut makes the changes, and for each of them runs the tests that reach it, none of which needs a server. What nobody
can notice is listed in ``tests/equivalent_mutants.toml``, each change with its reason; of the rest, 90 % must be.

To find out which tests reach a change, mutmut first runs all of them. With ``--files``, only a few files are changed,
and only the tests in the folders that mirror theirs are run: a minute in place of an hour. Of a change that none of
them reaches it then says nothing, and it misses what tests elsewhere would notice.
"""

import argparse
import json
import re
import secrets
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

MUTATED: Final = ("plan", "apply", "events", "kinds")
"""The packages of which files are taken by ``--files``, as ``[tool.mutmut]`` in pyproject.toml has them."""
EQUIVALENT: Final = Path("tests/equivalent_mutants.toml")
NOTICED: Final = frozenset({"killed", "timeout", "segfault", "caught by type check"})
UNREACHED: Final = "no tests"
AT_LEAST: Final = 0.9
_RESULT: Final = re.compile(r"\s*(\S+): (.+)$")
_NUMBER: Final = re.compile(r"__mutmut_\d+$")
_PART: Final = """
import sys
from mutmut.__main__ import cli
from mutmut.configuration import config

files, tests = sys.argv.pop(1), sys.argv.pop(1)
if files:
    options = [each for each in config().pytest_add_cli_args_test_selection if each.startswith("-")]
    config().only_mutate, config().pytest_add_cli_args_test_selection = files.split(), [*tests.split(), *options]
cli()
"""
"""Runs mutmut for some of the files and tests; it knows no option for that."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of one function: the lines that go, and those that come."""

    name: str
    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def function(self) -> str:
        """Return which function it changes, as mutmut names it; the number of the change moves with the code."""
        return _NUMBER.sub("", self.name)

    def __str__(self) -> str:
        lines = [*(f"- {line}" for line in self.removed), *(f"+ {line}" for line in self.added)]
        return "\n".join((self.name, *(f"    {line}" for line in lines)))


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A change that makes no difference, and why."""

    function: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    reason: str

    def is_of(self, mutant: Mutant) -> bool:
        """Tell whether it is this change."""
        return (self.function, self.removed, self.added) == (mutant.function, mutant.removed, mutant.added)


def equivalents(text: str) -> tuple[Equivalent, ...]:
    """Return what a file of equivalent mutants lists."""
    return tuple(
        Equivalent(each["function"], tuple(each.get("removed", ())), tuple(each.get("added", ())), each["reason"])
        for each in tomllib.loads(text).get("mutant", ())
    )


def changed(name: str, diff: Iterable[str]) -> Mutant:
    """Return what a unified diff changes."""
    lines = [line for line in diff if not line.startswith(("---", "+++"))]
    removed = tuple(line[1:].strip() for line in lines if line.startswith("-"))
    return Mutant(name, removed, tuple(line[1:].strip() for line in lines if line.startswith("+")))


def score(noticed: int, missed: int) -> float:
    """Return how much of what can be noticed was noticed, from 0 to 1."""
    return noticed / (noticed + missed) if noticed + missed else 1.0


def folder_of_tests(file: Path) -> Path:
    """Return the folder that mirrors the one of a source file."""
    return Path("tests/unit", *file.parts[1:-1])


class Mutmut:
    """Run mutmut for some files, against the tests of their folders; without files, as pyproject.toml says."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        tests = sorted({folder_of_tests(file) for file in files})
        self._command = (sys.executable, "-c", _PART, " ".join(map(str, files)), " ".join(map(str, tests)))

    def every_mutant(self) -> Iterator[str]:
        """Yield the names of all changes, made now: only a run does that, and it ends as none has the name."""
        subprocess.run([*self._command, "run", "none"], check=False, capture_output=True)
        made = (Path("mutants", f"{file}.meta") for file in self._files)
        for file in made if self._files else Path("mutants").rglob("*.meta"):
            yield from json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]

    def results(self, chosen: frozenset[str]) -> Iterator[tuple[str, str]]:
        """Yield each of the changes, with what became of it."""
        for line in self.run("results", "--all", "true").splitlines():
            found = _RESULT.match(line)
            if found and found[1] in chosen:
                yield found[1], found[2]

    def run(self, *arguments: str) -> str:
        """Return what it prints; where it fails, that is the end."""
        done = subprocess.run([*self._command, *arguments], check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"mutmut {arguments[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Try a sample, print what was missed, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=300, metavar="N", help="how many changes to try")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(1_000_000), metavar="N", help="the same sample again"
    )
    parser.add_argument("--files", type=int, default=0, metavar="N", help="only in so many files, chosen by the seed")
    parser.add_argument("--at-least", type=float, default=AT_LEAST, metavar="SHARE", help="how much must be noticed")
    given = parser.parse_args(arguments)
    print(f"A sample of {given.sample} changes; again by --seed {given.seed}.", flush=True)
    random = Random(given.seed)
    sources = sorted(file for each in MUTATED for file in Path("reconciler", each).rglob("[a-z]*.py"))
    mutmut = Mutmut(random.sample(sources, given.files))
    every = sorted(mutmut.every_mutant())
    chosen = random.sample(every, min(given.sample, len(every)))
    mutmut.run("run", *chosen)
    known = equivalents(EQUIVALENT.read_text(encoding="utf-8"))
    noticed, missed, unnoticeable, unreached = 0, [], 0, 0
    for name, status in mutmut.results(frozenset(chosen)):
        if status in NOTICED:
            noticed += 1
            continue
        if status == UNREACHED and given.files:
            unreached += 1
            continue
        mutant = changed(name, mutmut.run("show", name).splitlines()[1:])
        if any(each.is_of(mutant) for each in known):
            unnoticeable += 1
        else:
            missed.append(mutant)
            print(f"{mutant}\n    {status}\n")
    found = score(noticed, len(missed))
    left = f", {unreached} reached by none of these tests" if unreached else ""
    print(f"{len(chosen)} of {len(every)} changes: {noticed} noticed, {len(missed)} not, {unnoticeable} listed{left}.")
    print(f"{found:.1%} of what can be noticed was noticed; at least {given.at_least:.0%} must be. Seed {given.seed}.")
    return 0 if found >= given.at_least and noticed else 1


if __name__ == "__main__":
    sys.exit(main())
