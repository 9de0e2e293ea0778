"""What runs leave in the history, and what ``reconciler history`` makes of it."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from sqlite3 import connect
from time import monotonic, sleep

import click
import pytest
from click.testing import CliRunner, Result

from reconciler.adapters.history import kept_run
from reconciler.adapters.history.store import opened
from reconciler.cli import options
from reconciler.cli.main import cli
from reconciler.cli.run_record import Recorded
from reconciler.model.errors import ExitCode, Unreachable
from reconciler.model.history import INTERRUPTED, RUNNING, Run, Search
from tests.contract.test_history import a_change, a_run


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/history.sqlite3"
    monkeypatch.setenv("RECONCILER_HISTORY", url)
    monkeypatch.chdir(tmp_path)
    return url


def kept(url: str) -> tuple[Run, ...]:
    with opened(url) as history:
        return history.runs(Search())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_a_run_that_fails_is_recorded_with_what_it_said(url: str) -> None:
    Path("a.yaml").write_text("apiVersion: reconciler/v1\nkind: Realm\n", encoding="utf-8")

    failed = run("plan", "--keycloak-url", "http://127.0.0.1:9", "--no-effective")

    assert failed.exit_code != 0
    (found,) = kept(url)
    assert (found.command, found.realm, found.keycloak_url) == ("plan", "nt24-idp", "http://127.0.0.1:9")
    assert found.exit_code != 0
    assert found.outcome


@pytest.mark.parametrize(
    ("end", "exit_code", "outcome"),
    [
        (click.exceptions.Exit(2), 2, ""),
        (Unreachable("Keycloak is away."), ExitCode.UNREACHABLE, "Keycloak is away."),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "interrupted"),
        (RuntimeError("secret-in-a-message"), ExitCode.ERROR, "RuntimeError"),
    ],
)
def test_however_a_run_ends_it_is_recorded(
    url: str, end: BaseException, exit_code: int, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.group()
    def program() -> None:
        pass

    @program.command(cls=Recorded)
    @options.history
    def ends() -> None:
        raise end

    CliRunner().invoke(program, ["ends"])

    (found,) = kept(url)
    assert (found.command, found.exit_code, found.outcome) == ("ends", exit_code, outcome)


def test_a_run_is_recorded_when_it_starts_and_seen_as_long_as_it_runs(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_run, "_BEAT", 0.05)
    seen: list[tuple[Run, ...]] = []

    @click.group()
    def program() -> None:
        pass

    @program.command(cls=Recorded)
    @options.history
    def lives() -> None:
        seen.append(kept(url))
        with closing(connect(url.removeprefix("sqlite:///"))) as database, database:
            database.execute("UPDATE runs SET seen_at = 0")
        deadline = monotonic() + 30
        while kept(url)[0].outcome == INTERRUPTED and monotonic() < deadline:
            sleep(0.05)
        seen.append(kept(url))

    CliRunner().invoke(program, ["lives"], catch_exceptions=False)

    assert [(run.command, run.ended_at, run.exit_code, run.outcome) for (run,) in seen] == [
        ("lives", None, None, RUNNING)
    ] * 2
    assert [(run.id, run.exit_code) for run in kept(url)] == [(seen[0][0].id, 0)]


def test_a_run_that_was_killed_is_shown_as_interrupted(url: str) -> None:
    with opened(url) as history:
        history.begin(replace(a_run("r1", command="plan"), ended_at=None, exit_code=None))
    with closing(connect(url.removeprefix("sqlite:///"))) as database, database:
        database.execute("UPDATE runs SET seen_at = 0")

    assert "  plan     -  nt24-idp (staging)  interrupted  eve@laptop" in run("history").stdout
    assert "\nOutcome:     interrupted\n" in run("history", "show", "r1").stdout
    shown = json.loads(run("history", "show", "r1", "--json").stdout)
    assert (shown["ended_at"], shown["exit_code"], shown["outcome"]) == (None, None, "interrupted")


def test_a_history_that_cannot_be_used_is_said_and_changes_nothing(url: str, tmp_path: Path) -> None:
    Path("a.yaml").write_text("nonsense", encoding="utf-8")
    with_history = run("plan", "--keycloak-url", "http://127.0.0.1:9")
    (tmp_path / "history.sqlite3").write_text("no database at all, as everybody can see", encoding="utf-8")

    without = run("plan", "--keycloak-url", "http://127.0.0.1:9")

    assert type(without.exception) is type(with_history.exception)
    assert "Warning: this run is not in the history." in without.stderr


def test_runs_are_listed_shown_exported_and_forgotten(url: str) -> None:
    with opened(url) as history:
        history.record(a_run("20261124-1", changes=(a_change("organization/acme"),)))
        history.record(a_run("20261124-2", hours=1, command="drift"))

    assert [line.split()[0] for line in run("history").stdout.splitlines()] == ["20261124-2", "20261124-1"]
    assert run("history", "--target", "organization/acme").stdout.startswith("20261124-1 ")
    assert json.loads(run("history", "--command", "drift", "--json").stdout)["id"] == "20261124-2"
    shown = run("history", "show", "20261124-1").stdout
    assert "~ organization/acme  done" in shown
    assert "\n    ~ authorizedPartners  # changed in Keycloak\n" in shown
    assert "\n        - b\n" in shown
    lines = [json.loads(line) for line in run("history", "export").stdout.splitlines()]
    assert [(line["id"], len(line["changes"])) for line in lines] == [("20261124-1", 1), ("20261124-2", 0)]
    assert run("history", "prune", "--older-than", "1s").stdout.startswith("Deleted ")


def test_a_command_is_found_by_its_group_and_one_that_is_not_recorded_is_refused(url: str) -> None:
    with opened(url) as history:
        history.record(a_run("r1", command="rotate start"))
        history.record(a_run("r2", command="plan"))

    for name in ("rotate", "rotate start"):
        assert [line.split()[0] for line in run("history", "--command", name).stdout.splitlines()] == ["r1"]
    refused = run("history", "--command", "plann")
    assert refused.exit_code != 0
    assert "runs of 'plann' are not recorded; those of plan, apply, drift, import, rotate are." in refused.output


def test_an_id_that_fits_none_or_several_is_refused(url: str) -> None:
    with opened(url) as history:
        history.record(a_run("r1"))
        history.record(a_run("r2"))

    assert "No run's id begins with 'x'." in str(run("history", "show", "x").exception)
    assert "2 runs' ids begin with 'r'." in str(run("history", "show", "r").exception)


def test_without_a_history_there_is_nothing_to_list(url: str) -> None:
    assert "Runs are not recorded" in str(run("history", "--history", "none").exception)
