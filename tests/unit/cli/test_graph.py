"""``reconciler graph``, as far as it needs no server."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciler.cli.graph import graph
from reconciler.model.change import Action
from reconciler.model.errors import ExitCode, WrongUsage
from reconciler.review.plan_json import plan_json
from tests.builders import ACME, a_change, a_plan

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_manifests_are_drawn_offline() -> None:
    result = CliRunner().invoke(graph, ["-f", str(EXAMPLES)])

    assert result.exit_code == ExitCode.DONE
    assert result.output.startswith("flowchart LR\n")
    assert '["webhook/nordwind-handel/compliance"]' in result.output


def test_a_saved_plan_marks_what_changes(tmp_path: Path) -> None:
    (tmp_path / "acme.plan").write_text(plan_json(a_plan(a_change(ACME, Action.CREATE))), encoding="utf-8")
    result = CliRunner().invoke(graph, [str(tmp_path / "acme.plan"), "--format", "dot", "--changes"])

    assert result.exit_code == ExitCode.DONE
    assert '[label="organization/acme: create", ' in result.output


@pytest.mark.parametrize(
    "arguments", [("--changes",), ("a.plan", "--live"), ("gone.plan",), ("--target", "organization/none")]
)
def test_what_makes_no_sense_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(graph, [*arguments, "-f", str(EXAMPLES)])

    assert isinstance(result.exception, WrongUsage), result.output


def test_what_is_excluded_is_not_drawn_nor_what_needs_it() -> None:
    result = CliRunner().invoke(graph, ["-f", str(EXAMPLES), "--exclude", "organization/nordwind-handel"])

    assert "acme-motors" in result.output
    assert "nordwind" not in result.output
