"""Every option that takes a duration takes the same."""

from collections.abc import Iterator
from typing import Any

import click
import pytest

from reconciler.cli import options
from reconciler.cli.main import cli
from tests.unit.test_readme import commands

OF_TIME = ("timeout", "lease", "age", "older", "since", "watch", "seconds", "interval")


def every_option() -> Iterator[tuple[str, click.Option]]:
    for path in commands(cli):
        command: click.Command = cli
        for name in path:
            assert isinstance(command, click.Group)
            found = command.get_command(click.Context(command), name)
            assert found is not None
            command = found
        yield from (
            (" ".join(path), each) for each in command.params if isinstance(each, click.Option) and not each.hidden
        )


def test_every_option_that_takes_a_time_takes_a_duration() -> None:
    of_time = {
        (command, each.opts[0]): each.type.name
        for command, each in every_option()
        if any(word in each.opts[0].strip("-").split("-") for word in OF_TIME)
    }

    assert ("apply", "--verify-timeout") in of_time
    assert ("history prune", "--older-than") in of_time
    assert {name for name, kind in of_time.items() if kind != "duration"} == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("0", 0), ("0s", 0), ("90s", 90), ("5m", 300), ("2h", 7_200), ("30d", 2_592_000), ("007", 7)],
)
@pytest.mark.parametrize("kind", [options.duration(), options.patience()])
def test_a_duration_has_a_unit_or_counts_seconds(kind: options.Parsed[Any], text: str, expected: int) -> None:
    assert kind.convert(text, None, None) == expected


@pytest.mark.parametrize(("text", "expected"), [("0.2", 0.2), ("0.5s", 0.5), ("1.5m", 90), ("600", 600), ("10m", 600)])
def test_how_long_to_wait_may_be_a_fraction(text: str, expected: float) -> None:
    assert options.patience(0.1, 600).convert(text, None, None) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("soon", "'soon' is not a duration; write 90s, 5m, 2h or 30d"),
        ("", "is not a duration"),
        ("-1", "is not a duration"),
        ("1w", "is not a duration"),
        ("5 m", "is not a duration"),
        ("1e3", "is not a duration"),
        ("nan", "is not a duration"),
        ("inf", "is not a duration"),
        ("\u0661m", "is not a duration"),
        ("0.05", "too short; the minimum is 0.1s"),
        ("11m", "too long; the maximum is 600s"),
        ("99999d", "too long"),
    ],
)
def test_what_is_no_duration_is_refused(text: str, words: str) -> None:
    with pytest.raises(click.BadParameter, match=words):
        options.patience(0.1, 600).convert(text, None, None)


def test_where_whole_seconds_count_a_fraction_is_refused() -> None:
    with pytest.raises(click.BadParameter, match="whole seconds"):
        options.duration().convert("0.5", None, None)
