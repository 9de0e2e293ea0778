"""What is no answer to a question: silence, an end, and what nobody could see."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from reconciler.cli import asking, streams
from reconciler.model.errors import WrongUsage

REMEDY = "Use --auto-approve."


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[TextIO]:
    """The end into which an answer is written; it stays open."""
    reads, writes = os.pipe()
    with os.fdopen(reads, encoding="utf-8") as stdin, os.fdopen(writes, "w", encoding="utf-8") as into:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield into


def asked() -> bool:
    return asyncio.run(asking.confirmed("Do you?", REMEDY))


def test_an_open_pipe_that_stays_silent_is_not_waited_for(pipe: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.05)
    with pytest.raises(WrongUsage, match=r"Nobody answered: the input was silent for 0\.05 s\.") as refused:
        asked()
    assert refused.value.remedy == REMEDY


@pytest.mark.parametrize(("line", "expected"), [("yes\n", True), ("yes\r\n", True), ("y\n", False), ("\n", False)])
def test_a_line_is_the_answer(pipe: TextIO, line: str, expected: bool) -> None:
    pipe.write(line)
    pipe.flush()
    assert asked() is expected


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_nobody_says_yes_to_what_could_not_be_shown(pipe: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe.write("yes\n")
    pipe.flush()
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", streams._unfailing(full, full.fileno()))
        with pytest.raises(WrongUsage, match="Nobody was asked: standard output could not be written"):
            asked()
