"""``reconciler completion``, as a shell uses it."""

import os
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
