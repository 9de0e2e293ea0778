"""The help of long commands shows options in groups, and forgets none."""

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from reconciler.cli.help_groups import GROUPS, LONG, group_of
from reconciler.cli.main import cli


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        else:
            yield " ".join((*above, name)), command


ALL = dict(commands(cli))


def shown(command: click.Command) -> list[click.Option]:
    context = click.Context(command)
    options = (each for each in command.get_params(context) if isinstance(each, click.Option))
    return [each for each in options if each.get_help_record(context)]


LONG_ONES = [name for name, command in ALL.items() if len(shown(command)) > LONG]


@pytest.mark.parametrize("name", LONG_ONES)
def test_every_option_of_a_long_command_is_in_a_group(name: str) -> None:
    text = CliRunner().invoke(cli, [*name.split(), "--help"]).output
    titles = re.findall(r"^([A-Z][^:\n]*):$", text, re.MULTILINE)

    assert [each.name for each in shown(ALL[name]) if not group_of(each.name or "")] == []
    assert titles == [title for title in GROUPS if title in titles]
    assert len(titles) > 2
    for each in shown(ALL[name]):
        assert len(re.findall(rf"^  .*{re.escape(each.opts[-1])}\b", text, re.MULTILINE)) >= 1, each.opts


def test_a_short_command_has_one_list() -> None:
    text = CliRunner().invoke(cli, ["validate", "--help"]).output

    assert "\nOptions:\n" in text
    assert len(shown(ALL["validate"])) <= LONG


def test_each_option_is_in_one_group_and_each_group_is_used() -> None:
    names = [name for group in GROUPS.values() for name in group]
    used = {each.name for name in LONG_ONES for each in shown(ALL[name])}

    assert len(names) == len(set(names))
    assert set(names) <= used, set(names) - used
