"""Ask a person, or whatever is piped in as Terraform does, while the lock goes on being renewed."""

import asyncio
import os
import sys
from typing import Final, TextIO

import click

from reconciler.cli import streams
from reconciler.model.errors import WrongUsage

PATIENCE: Final = 30.0
"""Seconds to wait for an answer that comes from no terminal."""
REVIEW_FIRST: Final = "Review the plan, then use --auto-approve."


async def confirmed(question: str, remedy: str, facts: str = "") -> bool:
    """Ask below the ``facts``, and read a line of standard input, be it a terminal or not; only 'yes' is yes.

    Raises:
        WrongUsage: What is asked about could not be shown; the input ended before the line did, or is no terminal and
            was silent. The ``remedy`` says how to do without.
    """
    click.echo(facts, nl=False)
    click.echo(f"{question} Only 'yes' will be accepted: ", nl=False)
    if streams.loss_of(sys.stdout):
        raise WrongUsage("Nobody was asked: standard output could not be written.", remedy=remedy)
    try:
        # A person may think for as long as they like. Whatever else is silent would hold the lock for ever.
        async with asyncio.timeout(None if sys.stdin.isatty() else PATIENCE):
            line = await _line(sys.stdin)
    except TimeoutError as error:
        click.echo()
        raise WrongUsage(f"Nobody answered: the input was silent for {PATIENCE:g} s.", remedy=remedy) from error
    if not line.endswith("\n"):
        click.echo()
        raise WrongUsage("Nobody answered: the input ended.", remedy=remedy)
    return line.rstrip() == "yes"


async def _line(stdin: TextIO) -> str:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    read = b""
    try:
        loop.add_reader(stdin, ready.set)
    except (NotImplementedError, OSError, ValueError):
        # Not every system, and not every kind of file, tells when there is something to read.
        return stdin.readline()
    try:
        while not read.endswith(b"\n"):
            ready.clear()
            await ready.wait()
            # One at a time: what follows the line is not ours.
            if not (one := os.read(stdin.fileno(), 1)):
                break
            read += one
    finally:
        loop.remove_reader(stdin)
    return read.decode(errors="replace")
