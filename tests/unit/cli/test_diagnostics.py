"""Standard error: lines for people, or one JSON object a line, whatever is said and however a run ends."""

import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli import diagnostics
from reconciler.cli.diagnostics import LogFormat
from reconciler.model.errors import ManifestError, Problem, RequestFailed, Unreachable

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _text_again() -> Iterator[None]:
    diagnostics.set_up(LogFormat.TEXT)
    yield
    diagnostics.set_up(LogFormat.TEXT)


def lines(captured: Captured) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.readouterr().err.splitlines()]


def run(*arguments: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=folder, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_people_read_what_is_said_as_it_is(capsys: Captured) -> None:
    diagnostics.say("Saved the plan.", "plan-saved", file="a.plan")
    diagnostics.warn("the history is broken.", "history", remedy="Fix it.")

    assert capsys.readouterr().err == "Saved the plan.\nWarning: the history is broken.\n  Fix it.\n"


def test_programs_read_one_object_a_line(capsys: Captured) -> None:
    diagnostics.set_up(LogFormat.JSON)
    diagnostics.warn("the history is broken.", "history", remedy="Fix it.", tries=2)

    (line,) = lines(capsys)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "event": "history",
        "message": "the history is broken.",
        "remedy": "Fix it.",
        "tries": 2,
    }


def test_a_text_of_several_lines_is_still_one_line_of_json(capsys: Captured) -> None:
    diagnostics.set_up(LogFormat.JSON)
    diagnostics.say("first\nsecond\x1b[31m", "note", styled=True)

    assert [line["message"] for line in lines(capsys)] == ["first\nsecond"]


def test_an_error_says_its_remedy_and_the_exit_code(capsys: Captured) -> None:
    diagnostics.set_up(LogFormat.JSON)
    diagnostics.report(Unreachable("Keycloak cannot be reached.", remedy="Check the URL."))

    (line,) = lines(capsys)
    assert (line["level"], line["event"], line["error"]) == ("error", "error", "Unreachable")
    assert (line["message"], line["remedy"], line["exit_code"]) == ("Keycloak cannot be reached.", "Check the URL.", 3)


def test_every_problem_of_a_manifest_is_told(capsys: Captured) -> None:
    diagnostics.set_up(LogFormat.JSON)
    diagnostics.report(ManifestError([Problem("acme.yaml", 3, 5, "spec.dpa", "It is wrong.", "Fix it.")]))

    assert lines(capsys)[0]["problems"] == [
        {
            "file": "acme.yaml",
            "line": 3,
            "column": 5,
            "path": "spec.dpa",
            "message": "It is wrong.",
            "remedy": "Fix it.",
        }
    ]


def test_people_never_get_what_a_terminal_would_obey(capsys: Captured) -> None:
    diagnostics.report(RequestFailed("Keycloak said \x1b[2J."))

    assert "\x1b[2J" not in capsys.readouterr().err


def test_only_v_tells_details(capsys: Captured) -> None:
    diagnostics.tell("a detail", "note")
    diagnostics.set_up(LogFormat.TEXT, verbosity=1)
    diagnostics.tell("another", "note")

    assert capsys.readouterr().err == "another\n"


def test_others_are_heard_from_warnings_on_however_many_v_there_are(capsys: Captured) -> None:
    diagnostics.set_up(LogFormat.JSON, verbosity=9)
    logging.getLogger("httpx").info("HTTP Request: POST https://hooks.example/a-secret")
    logging.getLogger("asyncio").error("Task exception was never retrieved")

    assert [(line["event"], line["level"]) for line in lines(capsys)] == [("asyncio", "error")]


def test_warnings_of_python_are_json_too(capsys: Captured) -> None:
    diagnostics.set_up(LogFormat.JSON)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("It is deprecated.", stacklevel=1)

    assert [line["event"] for line in lines(capsys)] == ["py.warnings"]


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        ((), {}, False),
        (("plan",), {diagnostics.VARIABLE: "json"}, True),
        (("plan", "--log-format", "json"), {}, True),
        (("plan", "--log-format=json"), {}, True),
        (("plan", "--log-format", "text"), {diagnostics.VARIABLE: "json"}, False),
        (("plan", "--log-format"), {}, False),
        (("plan", "--", "--log-format=json"), {}, False),
    ],
)
def test_the_form_is_known_before_the_command_line_is_parsed(
    arguments: tuple[str, ...], variables: dict[str, str], expected: bool
) -> None:
    diagnostics.expect(arguments, variables)
    assert diagnostics.is_json() is expected


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("plan", "--nope"), 64, "WrongUsage"),
        (("plan", "--parallelism", "many"), 64, "WrongUsage"),
        (("plan", "-f", "wrong.yaml"), 1, "ManifestError"),
        (("plan", "-f", "gone.yaml"), 64, "WrongUsage"),
        (("drift", "--env", "nowhere"), 64, "WrongUsage"),
        (("me", "acme"), 64, "WrongUsage"),
        (("show", "gone.plan"), 64, "WrongUsage"),
    ],
)
def test_every_way_to_fail_is_one_object(arguments: tuple[str, ...], code: int, error: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("kind: Realm", encoding="utf-8")
    done = run(*arguments, folder=tmp_path, RECONCILER_LOG_FORMAT="json", RECONCILER_HISTORY="none")

    assert (done.returncode, done.stdout) == (code, "")
    (line,) = map(json.loads, done.stderr.splitlines())
    assert (line["level"], line["error"], line["exit_code"]) == ("error", error, code)
    assert line["message"]


def test_without_arguments_the_help_is_shown(tmp_path: Path) -> None:
    done = run(folder=tmp_path)
    assert "Commands:" in done.stdout + done.stderr


def test_nothing_is_imported_for_help(tmp_path: Path) -> None:
    code = "import sys; import reconciler.cli.main; print([m for m in ('logging', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
