"""``reconciler completion``, as a shell uses it."""

import os
import pty
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciler.cli.main import cli

COMMAND = Path(sys.executable).with_name("reconciler")


def completed(words: str, position: int) -> list[str]:
    """Return what bash would be offered at that word."""
    asked = {"_RECONCILER_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(position)}
    done = subprocess.run([COMMAND], env=os.environ | asked, capture_output=True, text=True, check=True)
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_commands_and_options_are_completed() -> None:
    assert completed("reconciler pl", 1) == ["plan"]
    assert "--detailed-exitcode" in completed("reconciler plan --det", 2)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_valid_for_its_shell(shell: str) -> None:
    printed = CliRunner().invoke(cli, ["completion", shell])

    assert printed.exit_code == 0
    assert "_RECONCILER_COMPLETE" in printed.stdout
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=printed.stdout, text=True, check=True)


def test_another_shell_is_refused() -> None:
    assert CliRunner().invoke(cli, ["completion", "tcsh"]).exit_code == 2


MANIFEST = """
apiVersion: reconciler/v1
kind: IntegrationOrganization
metadata: {name: acme}
spec:
  displayName: Acme
  organizationUuid: 2d9a7c10-4b8e-4f61-a3c5-6e1f0b2d9c84
  clients: [{clientId: api-client-acme}]
"""
SETTINGS = """
environments:
  staging: {default: true, keycloak: {url: "https://idp.example"}, manifests: organizations}
  stable: {keycloak: {url: "https://idp.example"}}
  production: {keycloak: {url: "https://idp.example"}}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A folder with settings and one manifest."""
    (tmp_path / "organizations").mkdir()
    (tmp_path / "organizations" / "acme.yaml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "reconciler.yaml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{COMMAND.parent}:{os.environ['PATH']}"}


def in_bash(words: str, folder: Path) -> list[str]:
    script = (
        'eval "$(reconciler completion bash)"; COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));'
        '_reconciler_completion reconciler; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return run(["bash", "--norc", "-c", script, "bash", words], folder)


def in_fish(words: str, folder: Path) -> list[str]:
    script = f"reconciler completion fish | source; complete -C '{words}'"
    return [line.partition("\t")[0] for line in run(["fish", "--no-config", "-c", script], folder)]


def in_zsh(words: str, folder: Path, wanted: str) -> str:
    """Type the words and a tab into an interactive zsh, and return what it shows until ``wanted`` is there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["zsh", "-f", "-i"], cwd=folder, env=environment() | {"TERM": "dumb", "PS1": "", "HOME": str(folder)},
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        ready = 'autoload -U compinit; compinit -u -D; eval "$(reconciler completion zsh)"; echo READY$((1 + 1))\n'
        os.write(ours, ready.encode())
        shown_until(ours, "READY2")
        os.write(ours, f"{words}\t".encode())
        return shown_until(ours, wanted)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def shown_until(terminal: int, wanted: str) -> str:
    """Read from a terminal until the text is there, or nothing comes any more."""
    seen = ""
    while wanted not in seen and select.select([terminal], [], [], 60.0)[0]:
        seen += os.read(terminal, 4096).decode(errors="replace")
    return seen


def run(command: list[str], folder: Path) -> list[str]:
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


SHELLS = {"bash": in_bash, "fish": in_fish}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("reconciler plan --env sta", ["stable", "staging"]),
        ("reconciler drift --format js", ["json", "jsonl"]),
        ("reconciler graph --format d", ["dot"]),
        ("reconciler plan --log-format j", ["json"]),
        ("reconciler apply --target cl", ["client/acme/api-client-acme"]),
        ("reconciler plan --replay-no-such", []),
        ("reconciler plan --repl", ["--replay"]),
    ],
)
def test_a_real_shell_is_offered_what_fits(shell: str, words: str, expected: list[str], repository: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")

    assert sorted(filter(None, SHELLS[shell](words, repository))) == expected


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_the_name_of_an_environment(repository: Path) -> None:
    assert "production" in in_zsh("reconciler plan --env prod", repository, "production")


def test_what_cannot_be_read_offers_nothing(tmp_path: Path) -> None:
    (tmp_path / "reconciler.yaml").write_text("environments: [", encoding="utf-8")

    assert [line for line in in_bash("reconciler plan --env s", tmp_path) if line] == []
    assert [line for line in in_bash("reconciler plan --target o", tmp_path) if line] == []
