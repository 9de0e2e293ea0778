"""``reconciler validate`` and ``reconciler schema``."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciler.cli.schema import schema
from reconciler.cli.validate import validate
from reconciler.manifest.schema import manifest_schema_text
from reconciler.model.errors import WrongUsage
from tests.unit.manifest.builders import an_organization_text

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_validate_counts_what_is_valid() -> None:
    result = CliRunner().invoke(validate, ["-f", str(EXAMPLES)])
    assert (result.exit_code, result.output) == (0, "Valid: 3 organizations, 4 clients, 1 realm in 4 files.\n")


def test_validate_looks_at_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(an_organization_text(), encoding="utf-8")
    Path("other.yaml").write_text("apiVersion: v1\nkind: ConfigMap\n", encoding="utf-8")
    result = CliRunner().invoke(validate)
    assert result.output == (
        "Valid: 1 organization, 0 clients, 0 realms in 1 file. 1 other YAML file skipped:\n"
        "  other.yaml: ConfigMap (v1)\n"
    )
    document = json.loads(CliRunner().invoke(validate, ["--json"]).output)
    assert document["skipped"] == ["other.yaml"]
    assert document["passedOver"] == [{"file": "other.yaml", "what": "ConfigMap (v1)"}]


def test_validate_prints_each_problem_with_its_remedy_and_exits_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(an_organization_text(spec="  suspended: no\n"), encoding="utf-8")
    Path("b.yaml").touch()
    result = CliRunner().invoke(validate, ["--file", "a.yaml", "--file", "b.yaml"])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "a.yaml:7:14: spec.suspended: The text 'no' is not valid here; expected true or false.",
        "    Write true or false, without quotes.",
        "b.yaml:1:1: The file is empty.",
        "    Write a manifest, or remove the file.",
        "",
        "Invalid: 2 problems.",
    ]


def test_validate_prints_json() -> None:
    result = CliRunner().invoke(validate, ["-f", str(EXAMPLES), "--json"])
    assert json.loads(result.output) == {
        "valid": True,
        "organizations": 3,
        "clients": 4,
        "realms": 1,
        "files": 4,
        "skipped": [],
        "passedOver": [],
        "problems": [],
    }


def test_validate_prints_problems_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.yaml").touch()
    result = CliRunner().invoke(validate, ["-f", "empty.yaml", "--json"])
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert answer["valid"] is False
    assert [problem["file"] for problem in answer["problems"]] == ["empty.yaml"]


def test_schema_prints_the_schema() -> None:
    assert CliRunner().invoke(schema).output == manifest_schema_text()


def test_schema_writes_a_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(schema, ["--out", str(tmp_path / "s.json")])
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / "s.json").read_text(encoding="utf-8") == manifest_schema_text()


def test_schema_says_why_a_file_cannot_be_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(schema, ["--out", str(tmp_path / "gone" / "s.json")])
    assert isinstance(result.exception, WrongUsage)
    assert "no such file or directory" in result.exception.message


@pytest.mark.parametrize("command", ["validate", "schema"])
def test_a_command_imports_nothing_heavy_before_it_runs(command: str) -> None:
    code = (
        f"import sys, reconciler.cli.{command}; print([m for m in ('pydantic', 'yaml', 'httpx') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_validate_shows_so_many_problems_and_says_how_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = "".join(f"  key{number}: 1\n" for number in range(1500))
    Path("a.yaml").write_text(an_organization_text(spec=keys), encoding="utf-8")
    lines = CliRunner().invoke(validate).output.splitlines()
    document = json.loads(CliRunner().invoke(validate, ["--json"]).output)
    assert (len(lines), lines[-1]) == (2002, "Invalid: 1500 problems. Only the first 1000 are shown.")
    assert (len(document["problems"]), document["problemsInAll"]) == (1000, 1500)
