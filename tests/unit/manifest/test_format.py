"""Each pair in ``layouts/`` is a test; ``--update`` rewrites what comes out."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from reconciler.cli.main import cli
from reconciler.manifest.document import read
from reconciler.manifest.format import formatted
from reconciler.manifest.write import resolved_text
from reconciler.model.errors import ManifestError
from reconciler.model.manifest import DesiredState
from tests.properties.strategies import desired_states

LAYOUTS = Path(__file__).parent / "layouts"
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.yaml"))
UGLY = 'apiVersion:   "reconciler/v1"   # why\nkind: Realm\n'
NEAT = 'apiVersion: "reconciler/v1"     # why\nkind: Realm\n'


@pytest.mark.parametrize("name", sorted(path.name.partition(".")[0] for path in LAYOUTS.glob("*.before.yaml")))
def test_a_layout_comes_out_as_expected_and_stays(name: str, update: bool) -> None:
    after = LAYOUTS / f"{name}.after.yaml"
    text = formatted(name, (LAYOUTS / f"{name}.before.yaml").read_bytes().decode())
    if update:
        after.write_text(text, encoding="utf-8")

    assert text == after.read_text(encoding="utf-8")
    assert formatted(name, text) == text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_formatted(example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    assert formatted(example.name, text) == text


@settings(deadline=None)
@given(desired_states())
def test_what_import_writes_is_formatted(desired: DesiredState) -> None:
    text = resolved_text(desired)
    assert formatted("import", text) == text


def test_every_value_and_every_comment_stays() -> None:
    before = (LAYOUTS / "everything.before.yaml").read_text(encoding="utf-8")
    after = formatted("x", before)
    assert [d.value for d in read("x", after)] == [d.value for d in read("x", before)]
    assert after.count("#") == before.count("#")


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2\n", "a: !!binary x\n"])
def test_a_text_with_mistakes_is_left_alone(text: str) -> None:
    with pytest.raises(ManifestError):
        formatted("x", text)


def test_a_comment_that_would_be_lost_is_named() -> None:
    with pytest.raises(ManifestError) as caught:
        formatted("x", "spec: {\n  # why\n  a: b }\n")
    assert "x:2:1: Formatting would lose the comment '# why'." in str(caught.value.problems[0])


def test_check_names_the_files_that_would_change_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ugly.yaml").write_text(UGLY, encoding="utf-8")
    Path("neat.yaml").write_text(NEAT, encoding="utf-8")
    Path("other.yaml").write_text("a:   1\n", encoding="utf-8")

    checked = CliRunner().invoke(cli, ["fmt", "--check"])

    assert (checked.exit_code, checked.stdout) == (2, "ugly.yaml\n")
    assert Path("ugly.yaml").read_text(encoding="utf-8") == UGLY


def test_files_are_formatted_through_links_and_others_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("real").mkdir()
    Path("real/ugly.yaml").write_text(UGLY, encoding="utf-8")
    Path("link.yaml").symlink_to("real/ugly.yaml")
    Path("other.yaml").write_text("a:   1\n", encoding="utf-8")

    done = CliRunner().invoke(cli, ["fmt", "-f", "link.yaml", "-f", "other.yaml"])

    assert done.exit_code == 0
    assert Path("link.yaml").is_symlink()
    assert Path("real/ugly.yaml").read_text(encoding="utf-8") == NEAT


def test_a_diff_shows_what_would_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ugly.yaml").write_text(UGLY, encoding="utf-8")

    shown = CliRunner().invoke(cli, ["fmt", "--diff"])

    assert shown.exit_code == 2
    assert '-apiVersion:   "reconciler/v1"   # why\n' in shown.stdout
    assert Path("ugly.yaml").read_text(encoding="utf-8") == UGLY


def test_a_broken_file_is_reported_and_the_others_are_formatted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.yaml").write_text("apiVersion: reconciler/v1\nkind: [\n", encoding="utf-8")
    Path("ugly.yaml").write_text(UGLY, encoding="utf-8")

    done = CliRunner().invoke(cli, ["fmt"])

    assert done.exit_code == 1
    assert "broken.yaml:3:1:" in done.stderr
    assert Path("ugly.yaml").read_text(encoding="utf-8") == NEAT


def test_standard_input_goes_to_standard_output() -> None:
    assert CliRunner().invoke(cli, ["fmt", "--file", "-"], input=UGLY).stdout == NEAT
