"""``--record`` and ``--replay``, as far as they need no server: what goes together, and what a replay refuses."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reconciler._version import __version__
from reconciler.adapters.recording_file import write_recording
from reconciler.cli.apply import apply
from reconciler.cli.drift import drift
from reconciler.cli.plan import plan
from reconciler.model.errors import ManifestError, NotFound, WrongUsage
from reconciler.model.recording import Circumstances, Read, Recording, TextFile

MANIFEST = TextFile("realms/realm.yaml", "apiVersion: reconciler/v1\nkind: Realm\nmetadata: {name: nt24}\n")
NO_REALM = Read(("realm",))
NO_WORD = (Read(("features",)), Read(("limits",), {}))
PLANNED = Circumstances(
    command="plan", keycloak_url="https://idp.example", api_url="", realm="nt24", owner="me", effective=False,
    manifests=(MANIFEST,),
)  # fmt: skip


def kept(folder: Path, circumstances: Circumstances = PLANNED, *reads: Read, version: str = __version__) -> str:
    path = folder / "run.jsonl"
    write_recording(path, Recording(version=version, circumstances=circumstances, moments=(), reads=reads))
    return str(path)


def run(*arguments: str, of: str = "plan") -> Result:
    command = {"plan": plan, "drift": drift, "apply": apply}[of]
    return CliRunner(env={"KEYCLOAK_URL": None, "KEYCLOAK_USER": None}).invoke(command, arguments)


def test_a_replay_needs_no_setting_and_no_manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("--replay", kept(tmp_path, PLANNED, NO_REALM, *NO_WORD))

    assert result.exit_code == 0, result.exception
    assert "# realm/nt24 will be created" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--target", "realm/nt24"),
        ("--allow-delete",),
        ("--no-effective",),
        ("--realm", "other"),
        ("--owner", "other"),
        ("--keycloak-url", "https://other.example"),
        ("--out", "a.plan"),
        ("--record", "b.jsonl"),
        ("--base", "HEAD"),
        ("-f", "."),
    ],
)
def test_what_the_recording_says_cannot_be_said_again(arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = run("--replay", kept(tmp_path, PLANNED, NO_REALM, *NO_WORD), *arguments)

    assert isinstance(result.exception, WrongUsage), result.output
    assert arguments[0] in result.exception.message


def test_a_recording_of_another_command_is_refused(tmp_path: Path) -> None:
    result = run("--replay", kept(tmp_path), of="drift")

    assert isinstance(result.exception, WrongUsage)
    assert result.exception.remedy == "Use plan --replay."


def test_a_recording_is_never_applied(tmp_path: Path) -> None:
    result = run("--replay", kept(tmp_path), of="apply")

    assert isinstance(result.exception, WrongUsage)
    assert "never applied" in result.exception.message


def test_without_the_manifests_a_replay_wants_them(tmp_path: Path) -> None:
    without = kept(tmp_path, replace(PLANNED, manifests=None), NO_REALM, *NO_WORD)
    (tmp_path / "realm.yaml").write_text(MANIFEST.text, encoding="utf-8")

    assert isinstance(run("--replay", without).exception, WrongUsage)
    assert run("--replay", without, "-f", str(tmp_path / "realm.yaml")).exit_code == 0


def test_wrong_manifests_are_as_wrong_as_they_were(tmp_path: Path) -> None:
    wrong = replace(PLANNED, manifests=(TextFile("acme.yaml", "apiVersion: reconciler/v1\nkind: Realm\nnope: 1\n"),))
    error = run("--replay", kept(tmp_path, wrong)).exception

    assert isinstance(error, ManifestError)
    assert [(problem.file, problem.line) for problem in error.problems] == [("acme.yaml", 3)]


def test_overlays_are_replayed_too(tmp_path: Path) -> None:
    wrong = replace(PLANNED, manifests=(MANIFEST,), overlays=(TextFile("overlays/a.yaml", "kind: Overlay\n"),))
    error = run("--replay", kept(tmp_path, wrong, NO_REALM, *NO_WORD)).exception

    assert isinstance(error, ManifestError)
    assert [str(problem.file) for problem in error.problems] == ["overlays/a.yaml"]


def test_another_version_is_told(tmp_path: Path) -> None:
    result = run("--replay", kept(tmp_path, PLANNED, NO_REALM, *NO_WORD, version="0.0.1"))

    assert "made by version 0.0.1" in result.stderr


def test_a_run_that_failed_before_its_first_read_fails_again(tmp_path: Path) -> None:
    nothing = replace(PLANNED, manifests=(TextFile("a.yaml", "apiVersion: reconciler/v1\nkind: Realm\n"),), realm="x")

    assert isinstance(run("--replay", kept(tmp_path, nothing, NO_REALM, *NO_WORD)).exception, WrongUsage)


def test_no_manifests_goes_with_record_alone() -> None:
    assert isinstance(run("--no-manifests").exception, WrongUsage)


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    result = run("--record", str(tmp_path / "gone" / "run.jsonl"))

    assert isinstance(result.exception, WrongUsage)
    assert not isinstance(result.exception, NotFound)
    assert "--record" in result.exception.remedy
