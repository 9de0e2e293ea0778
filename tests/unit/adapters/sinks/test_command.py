"""The sink that is a command: the secret is on its standard input, and nowhere else."""

import sys
from pathlib import Path

import pytest

from reconciler.adapters.sinks.command import Command, repeats
from reconciler.adapters.vault import PlainSecret
from reconciler.model.errors import SinkFailed
from reconciler.model.sinks import CommandSink
from tests.builders import ACME_CLIENT
from tests.hostile import HostileFolder, dumping

SECRET = PlainSecret("s3cret-Value")

pytestmark = pytest.mark.anyio


def running(code: str, tmp_path: Path, *more: str, timeout: int = 60) -> Command:
    return Command(CommandSink(run=(sys.executable, "-c", code, *more), timeout=timeout), tmp_path)


async def test_the_secret_comes_on_standard_input_and_the_place_as_an_argument(tmp_path: Path) -> None:
    code = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())"
    said = await running(code, tmp_path, "nt24-{name}").deliver(ACME_CLIENT, SECRET)
    assert (tmp_path / "nt24-api-client-acme").read_text(encoding="utf-8") == "s3cret-Value"
    assert said.endswith("nt24-api-client-acme")
    assert "s3cret" not in said


async def test_the_command_gets_its_environment_but_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = ("KEYCLOAK_PASSWORD", "KEYCLOAK_JWT_SIGNING_KEY", "NT24_CLIENT_SECRET", "RECONCILER_HISTORY", "PGPASSWORD")
    for name in (*ours, "SLACK_URL"):
        monkeypatch.setenv(name, "hunter2")
    monkeypatch.setenv("VAULT_ADDR", "https://vault.example")
    dump = dumping(tmp_path / "bin", "deliver")
    sink = Command(CommandSink(run=(str(tmp_path / "bin" / "deliver"), "{name}")), tmp_path, {"SLACK_URL"})
    await sink.deliver(ACME_CLIENT, SECRET)
    seen = dump.read_text(encoding="utf-8")
    assert "VAULT_ADDR=https://vault.example" in seen
    assert "hunter2" not in seen
    assert "s3cret" not in seen


async def test_a_command_in_python_imports_nothing_of_the_folder_that_it_runs_in(tmp_path: Path) -> None:
    hostile = HostileFolder(tmp_path)
    await running("import json, sys; sys.stdin.read()", tmp_path).deliver(ACME_CLIENT, SECRET)
    module = Command(CommandSink(run=(sys.executable, "-m", "json.tool", "--help")), tmp_path)
    await module.deliver(ACME_CLIENT, SECRET)
    assert hostile.taken == []


async def test_a_failure_shows_what_the_command_said(tmp_path: Path) -> None:
    with pytest.raises(SinkFailed, match=r"failed with exit code 3: permission denied"):
        await running("import sys; sys.stderr.write('permission denied'); sys.exit(3)", tmp_path).deliver(
            ACME_CLIENT, SECRET
        )


@pytest.mark.parametrize("form", ["s", "s[::-1]", "s[3:]", "base64.b64encode(s.encode()).decode()"])
async def test_a_command_that_repeats_the_secret_is_not_quoted(form: str, tmp_path: Path) -> None:
    code = f"import sys, base64; s = sys.stdin.read(); print({form}, file=sys.stderr); sys.exit(1)"
    with pytest.raises(SinkFailed, match="contains the secret, and is not shown"):
        await running(code, tmp_path).deliver(ACME_CLIENT, SECRET)


async def test_what_a_command_prints_reaches_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = "import sys; s = sys.stdin.read(); print(s); print(s, file=sys.stderr)"
    await running(code, tmp_path).deliver(ACME_CLIENT, SECRET)
    assert capfd.readouterr() == ("", "")


async def test_a_command_that_hangs_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(SinkFailed, match="did not end within 1 s, and was stopped"):
        await running("import time; time.sleep(600)", tmp_path, timeout=1).deliver(ACME_CLIENT, SECRET)


async def test_a_command_that_does_not_read_is_no_error(tmp_path: Path) -> None:
    await running("", tmp_path).deliver(ACME_CLIENT, PlainSecret("x" * 1_000_000))


async def test_a_missing_program_is_found_before_a_secret_is_made(tmp_path: Path) -> None:
    with pytest.raises(SinkFailed, match="'no-such-program' is not found"):
        await Command(CommandSink(run=("no-such-program",)), tmp_path).check()


async def test_the_check_runs_without_a_secret(tmp_path: Path) -> None:
    fails = CommandSink(
        run=(sys.executable,), check=(sys.executable, "-c", "import sys; sys.exit(len(sys.stdin.read()))")
    )
    await Command(fails, tmp_path).check()
    fails = CommandSink(run=(sys.executable,), check=(sys.executable, "-c", "import sys; sys.exit('sealed')"))
    with pytest.raises(SinkFailed, match="sealed"):
        await Command(fails, tmp_path).check()


def test_words_that_share_nothing_with_the_secret_are_shown() -> None:
    assert not repeats("permission denied: token expired", "AbCdEfGhIjKl")
    assert not repeats("anything", "")
