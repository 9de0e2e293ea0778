"""What is forked does as what is started: tests of whole commands may fork them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.fork_server import Done, make_program, run, run_anew

EXAMPLES: Final = str(Path(__file__).parents[2] / "examples")
NOT_THERE: Final = {"KEYCLOAK_URL": "http://127.0.0.1:9", "KEYCLOAK_ACCESS_TOKEN": "x"}
OWN: Final = re.compile(r"process \d+|request [0-9a-f]{16}|\d{8}T\d{6}-[0-9a-f]+|[\d:]{8}Z|\d+ ms")
"""What differs from run to run."""


def told(done: Done) -> tuple[int, str, str]:
    return done.returncode, OWN.sub("…", done.stdout), OWN.sub("…", done.stderr)


@pytest.mark.parametrize(
    ("arguments", "settings", "code"),
    [
        (("--help",), {}, 0),
        (("plna",), {}, 64),
        (("plan", "--no-colour"), {}, 64),
        (("validate", "-f", EXAMPLES), {}, 0),
        (("diff", "--base", "nowhere"), {}, 64),
        (("schema", "plan"), {}, 0),
        (("history", "--json"), {}, 0),
        (("plan", "-f", EXAMPLES, "--no-effective", "-v"), NOT_THERE, 3),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_the_same_is_printed_and_the_end_is_the_same(
    arguments: tuple[str, ...], settings: dict[str, str], code: int, tmp_path: Path
) -> None:
    environment = {"PATH": os.environ["PATH"], "XDG_STATE_HOME": str(tmp_path / "state"), **settings}
    (tmp_path / "state").mkdir()

    forked, started = run(arguments, tmp_path, environment), run_anew(arguments, tmp_path, environment)

    assert told(forked) == told(started)
    assert forked.returncode == code


def test_a_run_is_a_process_with_nothing_of_the_one_before(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "XDG_STATE_HOME": str(tmp_path)}
    plan = ("plan", "-f", EXAMPLES, "--no-effective")
    assert run(plan, tmp_path, {**environment, **NOT_THERE}).returncode == 3
    assert run(plan, tmp_path, {**environment, "KEYCLOAK_URL": NOT_THERE["KEYCLOAK_URL"]}).returncode == 64

    first, second = map(json.loads, run(("history", "export"), tmp_path, environment).stdout.splitlines())

    assert first["who"] != second["who"], "their processes have different numbers"
    assert "There are no credentials" in second["outcome"]


def test_a_program_for_scripts_forks_what_begins_as_agreed_and_starts_anything_else(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "python"
    make_program(program, "-m", "reconciler", otherwise=(sys.executable,))
    environment = {"PATH": os.environ["PATH"], "XDG_STATE_HOME": str(tmp_path), **NOT_THERE}

    def said(*arguments: str, **more: str) -> Done:
        return subprocess.run(
            [program, *arguments],
            cwd=tmp_path,
            env=environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    plan = ("plan", "-f", EXAMPLES, "--no-effective")
    forked = said("-m", "reconciler", *plan)
    assert told(forked) == told(said("-m", "reconciler", *plan, PYTHONUTF8="1"))
    assert forked.returncode == 3
    parent = "import os; print(os.getppid())"
    assert int(said("-c", parent).stdout) == os.getpid()
