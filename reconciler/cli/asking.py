"""Ask a person, while the lock goes on being renewed."""

import asyncio
import sys

import click


async def confirmed(question: str) -> bool:
    """Ask on the terminal; only 'yes' is yes."""
    click.echo(f"{question} Only 'yes' will be accepted: ", nl=False)
    return (await _line()).strip() == "yes"


async def _line() -> str:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(sys.stdin, ready.set)
    except (NotImplementedError, OSError):
        # Not every system, and not every kind of file, tells when there is something to read.
        return sys.stdin.readline()
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sys.stdin)
    return sys.stdin.readline()
