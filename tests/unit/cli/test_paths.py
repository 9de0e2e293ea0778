"""Manifests and saved plans are named with or without ``-f``; what a path is, its content says."""

import json
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from reconciler.cli.apply import apply
from reconciler.cli.drift import drift
from reconciler.cli.fmt import fmt
from reconciler.cli.graph import graph
from reconciler.cli.list_ import list_
from reconciler.cli.main import main
from reconciler.cli.plan import plan
from reconciler.cli.request import request
from reconciler.cli.rotate import status
from reconciler.cli.show import show
from reconciler.cli.validate import validate
from reconciler.model.errors import ExitCode, WrongUsage
from reconciler.review.plan_json import plan_json
from tests.unit.cli.test_formats import A_PLAN, VALID

BETA = VALID.replace("acme", "beta").replace("Acme", "Beta").replace("0f8c1c1e", "1f8c1c1e")


@pytest.fixture(autouse=True)
def a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "acme.yaml").write_text(VALID, encoding="utf-8")
    (tmp_path / "beta.yaml").write_text(BETA, encoding="utf-8")
    for name in ("saved.plan", "saved.yaml"):
        (tmp_path / name).write_text(plan_json(A_PLAN), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("Buy milk.", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*arguments: str) -> list[str]:
    result = CliRunner().invoke(show, ["--resolved", *arguments])
    assert result.exit_code == ExitCode.DONE, result.output
    return [name for name in ("acme", "beta") if f"name: {name}\n" in result.output]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("prod",), ["acme"]),
        (("beta.yaml",), ["beta"]),
        (("prod", "beta.yaml"), ["acme", "beta"]),
        (("-f", "prod", "beta.yaml"), ["acme", "beta"]),
        (("beta.yaml", "-f", "prod"), ["acme", "beta"]),
        (("--", "prod"), ["acme"]),
    ],
)
def test_paths_without_f_count_as_those_with_it(arguments: tuple[str, ...], expected: list[str]) -> None:
    assert names(*arguments) == expected


@pytest.mark.parametrize("command", [plan, drift, validate, fmt, list_, status, request, apply, graph])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-f", "gone"), "Name a manifest, or a folder with manifests."),
        (("-f", "beta.yaml", "-f", "beta.yml"), "Did you mean beta.yaml?"),
        (("-f", "prod/gone/x.yaml"), "There is nothing at prod/gone/x.yaml."),
        (("-f", "client/acme/x"), "If an address is meant: --target client/acme/x."),
    ],
)
def test_a_path_at_which_there_is_nothing_is_wrong_usage_everywhere(
    command: click.Command, arguments: tuple[str, ...], words: str
) -> None:
    result = CliRunner().invoke(command, arguments)

    assert isinstance(result.exception, WrongUsage), result.output
    assert words in f"{result.exception.message} {result.exception.remedy}"


def test_manifests_that_reconciler_yaml_names_and_that_are_gone_are_wrong_usage(a_folder: Path) -> None:
    (a_folder / "reconciler.yaml").write_text("environments: {prod: {manifests: [gone]}}\n", encoding="utf-8")

    said = refused(CliRunner().invoke(validate, ["--env", "prod"]))

    assert (
        said
        == "There is nothing at gone, where environments.prod.manifests (reconciler.yaml:1) says that manifests are."
    )


def test_a_path_wins_over_what_reconciler_yaml_says(a_folder: Path) -> None:
    text = "environments: {prod: {manifests: [prod]}}\n"
    (a_folder / "reconciler.yaml").write_text(text, encoding="utf-8")

    assert names("--env", "prod") == ["acme"]
    assert names("--env", "prod", "beta.yaml") == ["beta"]


def test_fmt_formats_the_folder_that_is_named(a_folder: Path) -> None:
    result = CliRunner().invoke(fmt, ["prod"])

    assert (result.exit_code, result.output) == (ExitCode.DONE, "prod/acme.yaml\n")


def test_show_resolves_the_folder_that_is_named() -> None:
    result = CliRunner().invoke(show, ["--resolved", "prod"])

    assert (result.exit_code, "name: acme" in result.output) == (ExitCode.DONE, True)


def test_graph_tells_a_saved_plan_from_manifests_by_what_is_in_them() -> None:
    manifests, saved, named_yaml = (
        CliRunner().invoke(graph, [each]).output for each in ("prod", "saved.plan", "saved.yaml")
    )

    assert saved == named_yaml != manifests
    assert "organization/beta" in saved
    assert "organization/beta" not in manifests


def refused(result: Result) -> str:
    assert isinstance(result.exception, WrongUsage | SystemExit), result.exception
    return str(result.exception) if isinstance(result.exception, WrongUsage) else result.output


@pytest.mark.parametrize("command", [apply, graph, show])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("gone",), "There is nothing at gone: no saved plan, and no manifests."),
        (("saved.plan", "prod"), "must be the only path"),
        (("notes.txt", "prod"), "notes.txt is neither a folder nor a YAML file with manifests"),
    ],
)
def test_what_is_neither_a_plan_nor_manifests_is_said(command: object, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(CliRunner().invoke(command, arguments))  # type: ignore[arg-type]


@pytest.mark.parametrize("command", [plan, drift, validate, fmt])
@pytest.mark.parametrize("name", ["saved.plan", "saved.yaml"])
def test_a_saved_plan_is_no_manifest(command: object, name: str) -> None:
    assert f"{name} is a saved plan" in refused(CliRunner().invoke(command, [name]))  # type: ignore[arg-type]


def test_apply_reads_a_folder_as_manifests(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for variable in ("KEYCLOAK_URL", "NT24_API_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(sys, "argv", ["reconciler", "apply", "prod", "--auto-approve", "--history", "none"])
    with pytest.raises(SystemExit) as ended:
        main()

    # It is not taken for a plan: what is missing is where to write.
    assert ended.value.code == ExitCode.USAGE
    assert "KEYCLOAK_URL is not set" in capsys.readouterr().err


def test_a_folder_to_show_needs_resolved() -> None:
    assert "--resolved" in refused(CliRunner().invoke(show, ["prod"]))
    assert json.loads(CliRunner().invoke(show, ["saved.yaml", "--json"]).output)


@pytest.mark.parametrize(
    ("settings", "arguments", "code", "words"),
    [
        ("{manifests: m}", (), 1, "To retire the last organization, write allowEmpty: true"),
        ("{manifests: m, allowEmpty: true}", (), 0, "Valid: 0 organizations"),
        ("{manifests: m, allowEmpty: true}", ("m",), 0, "Valid: 0 organizations"),
        ("{manifests: m, allowEmpty: true}", ("-f", "other"), 1, "No manifest was found here."),
        ("{manifests: n, allowEmpty: true}", (), 64, "keep the folder: git keeps a file such as .gitkeep"),
    ],
)
def test_only_the_folder_that_the_settings_name_may_be_empty(
    settings: str, arguments: tuple[str, ...], code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "m").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "reconciler.yaml").write_text(f"environments: {{here: {settings}}}\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["reconciler", "validate", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert (ended.value.code, words in printed.out + printed.err) == (code, True), printed
