"""Every command that a document shows, in a block or in a sentence, is one that the command line takes."""

import re
import shlex

import click
import pytest

from reconciler.cli.main import cli
from tests.documents import PAGES, ROOT, blocks

_SPAN = re.compile(r"`(reconciler [a-z][^`]*)`")
_FILLED_IN = re.compile(r'"\$\(.*|[][]')
_ONE = re.compile(r"(?<!\()\breconciler ([a-z][^|>#&;]*)")


def shown() -> list[tuple[str, str]]:
    """Return each command with its place."""
    found = [(block.place, line) for block in blocks() for line in block.commands]
    for page in PAGES:
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
            found += [(f"{page.relative_to(ROOT)}:{number}", span) for span in _SPAN.findall(line)]
    return [(place, command) for place, line in found for command in _ONE.findall(line)]


def refusal(arguments: list[str]) -> str | None:
    """Return why click takes no such command; None where it does. Nothing is run, and no value looked at."""
    command: click.Command = cli
    context: click.Context | None = None
    try:
        while isinstance(command, click.Group):
            context = command.make_context(command.name, arguments, parent=context, resilient_parsing=True)
            if not (rest := [*context._protected_args, *context.args]):
                return None
            _, found, arguments = command.resolve_command(context, rest)
            if found is None:
                return f"No such command: {rest[0]}."
            command = found
        command.make_parser(click.Context(command, parent=context)).parse_args(arguments)
    except click.UsageError as error:
        return error.format_message()
    return None


@pytest.mark.parametrize(("place", "command"), shown())
def test_a_command_of_the_documents_is_one(place: str, command: str) -> None:
    # What a shell fills in, and "[NAME]..." or "CLIENTID…" of a usage line, stand for arguments.
    assert refusal(shlex.split(_FILLED_IN.sub("", command))) is None, f"{place}: reconciler {command}"


@pytest.mark.parametrize("command", ["plan --allow-deletes", "plan x --formt json", "rotate begin", "pln"])
def test_a_command_that_is_none_is_found(command: str) -> None:
    assert refusal(shlex.split(command)) is not None
