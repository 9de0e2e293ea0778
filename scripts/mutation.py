"""Change the code at random places, one at a time, and say which of the changes no test notices.

mutmut makes the changes, and for each of them runs the tests that reach it, none of which needs a server. What nobody
can notice is listed in ``tests/equivalent_mutants.toml``, each change with its reason; of the rest, 90 % must be.
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

MUTMUT: Final = str(Path(sys.executable).with_name("mutmut"))
EQUIVALENT: Final = Path("tests/equivalent_mutants.toml")
NOTICED: Final = frozenset({"killed", "timeout", "segfault", "caught by type check"})
AT_LEAST: Final = 0.9
_RESULT: Final = re.compile(r"\s*(\S+): (.+)$")
_NUMBER: Final = re.compile(r"__mutmut_\d+$")


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Try a sample, print what was missed, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=300, metavar="N", help="how many changes to try")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(1_000_000), metavar="N", help="the same sample again"
    )
    given = parser.parse_args(arguments)
    print(f"A sample of {given.sample} changes; again by --seed {given.seed}.", flush=True)
    every = sorted(_every_mutant())
    chosen = Random(given.seed).sample(every, min(given.sample, len(every)))
    _mutmut("run", *chosen)
    known = equivalents(EQUIVALENT.read_text(encoding="utf-8"))
    noticed, missed, unnoticeable = 0, [], 0
    for name, status in _results(frozenset(chosen)):
        if status in NOTICED:
            noticed += 1
            continue
        mutant = changed(name, _mutmut("show", name).splitlines()[1:])
        if any(each.is_of(mutant) for each in known):
            unnoticeable += 1
        else:
            missed.append(mutant)
            print(f"{mutant}\n    {status}\n")
    found = score(noticed, len(missed))
    print(f"{len(chosen)} of {len(every)} changes: {noticed} noticed, {len(missed)} not, {unnoticeable} listed.")
    print(f"{found:.1%} of what can be noticed was noticed; at least {AT_LEAST:.0%} must be. Seed {given.seed}.")
    return 0 if found >= AT_LEAST else 1


def _every_mutant() -> Iterator[str]:
    # Only a run makes the mutants, and finds out which tests reach them; it ends as there is none of that name.
    subprocess.run([MUTMUT, "run", "none"], check=False, capture_output=True)
    for file in Path("mutants").rglob("*.meta"):
        yield from json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]


def _results(chosen: frozenset[str]) -> Iterator[tuple[str, str]]:
    for line in _mutmut("results", "--all", "true").splitlines():
        found = _RESULT.match(line)
        if found and found[1] in chosen:
            yield found[1], found[2]


def _mutmut(*arguments: str) -> str:
    done = subprocess.run([MUTMUT, *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"mutmut {arguments[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
