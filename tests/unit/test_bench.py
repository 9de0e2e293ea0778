"""What ``make bench`` measures where nothing else is asked for."""

import pytest

from scripts.bench import Job, job


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], Job((200, 1000), 10, 5, 10_000)),
        (["--organizations", "500", "20", "20", "--memory", "0", "--runs", "1"], Job((20, 500), 10, 1, 0)),
    ],
    ids=["by default", "as asked"],
)
def test_every_argument_has_a_default(arguments: list[str], expected: Job) -> None:
    assert job(arguments) == expected
