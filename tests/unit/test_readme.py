"""The README's help texts are the command's own; `make readme` rewrites them."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from reconciler.cli.main import cli
from reconciler.model.errors import ExitCode

ROOT = Path(__file__).parents[2]
README, REFERENCE = ROOT / "README.md", ROOT / "docs" / "commands.md"
BEGIN, END = "<!-- commands: written by `make readme` -->\n", "<!-- end of commands -->\n"


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every command as what is typed after ``reconciler``, groups before their members."""
    yield path
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def forget_help_options(*path: str) -> None:
    """Let click make the commands' help options anew: it keeps those of a test that called a command by itself."""
    command: click.Command | None = cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)
        assert command is not None
        command._help_option = None


def help_block(*path: str) -> str:
    forget_help_options(*path)
    arguments = [*path, "--help"]
    answer = CliRunner().invoke(cli, arguments, prog_name="reconciler", terminal_width=100, catch_exceptions=False)
    return f"```\n$ {' '.join(('reconciler', *arguments))}\n{answer.output}```\n"


def reference() -> str:
    chapters = (f"## {' '.join(('reconciler', *path))}\n\n{help_block(*path)}" for path in commands(cli))
    return "# Commands\n\nWritten by `make readme`.\n\n" + "\n".join(chapters)


def test_the_reference_is_what_the_commands_say(update: bool) -> None:
    if update:
        REFERENCE.write_text(reference(), encoding="utf-8")

    assert REFERENCE.read_text(encoding="utf-8") == reference(), "run `make readme`"


def test_the_help_text_in_the_readme_is_the_command_s_own(update: bool) -> None:
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    written, after = rest.split(END)
    if update:
        README.write_text(f"{before}{BEGIN}{help_block()}{END}{after}", encoding="utf-8")
        return

    assert written == help_block(), "run `make readme`"


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_is_explained(code: ExitCode) -> None:
    assert f"\n| {code:d} | " in README.read_text(encoding="utf-8")


def test_every_variable_that_an_option_reads_is_explained() -> None:
    text = README.read_text(encoding="utf-8")
    read = {
        variable
        for command in map(_command, commands(cli))
        for option in command.params
        if isinstance(option, click.Option) and isinstance(variable := option.envvar, str)
    }

    assert "KEYCLOAK_URL" in read
    assert {variable for variable in read if f"`{variable}`" not in text} == set()


def test_every_file_that_is_linked_exists() -> None:
    targets = [part.split(")")[0] for part in README.read_text(encoding="utf-8").split("](")[1:]]

    assert targets
    assert [target for target in targets if not (README.parent / target).exists()] == []


def _command(path: tuple[str, ...]) -> click.Command:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return command
