"""What programs get that we start: nothing of ours, and no code of the folder that we run in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.model.children import own_command, without_credentials
from tests.hostile import HostileFolder


def test_nothing_of_ours_is_handed_on_and_all_else_is() -> None:
    ours = (
        "KEYCLOAK_URL", "KEYCLOAK_CLIENT_SECRET", "KEYCLOAK_JWT_TOKEN", "KEYCLOAK_JWT_SIGNING_KEY",
        "NT24_CLIENT_SECRET", "NT24_ACCESS_TOKEN", "RECONCILER_HISTORY", "PGPASSWORD", "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    )  # fmt: skip
    theirs = {"PATH": "/bin", "VAULT_TOKEN": "theirs", "PGHOST": "db", "SLACK": "hook"}

    assert without_credentials(dict.fromkeys(ours, "x") | theirs, {"SLACK"}) == {
        "PATH": "/bin", "VAULT_TOKEN": "theirs", "PGHOST": "db",
    }  # fmt: skip


@pytest.mark.parametrize("python_path", [None, "", ".", ":", "relative:"])
def test_our_own_programs_import_nothing_of_the_folder_that_they_run_in(
    tmp_path: Path, python_path: str | None
) -> None:
    hostile = HostileFolder(tmp_path)
    environment = os.environ | ({} if python_path is None else {"PYTHONPATH": python_path})

    done = subprocess.run(
        own_command("reconciler", "--version"),
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, hostile.taken) == (0, []), done.stderr
    assert done.stdout.startswith("reconciler, version ")


def test_our_own_programs_are_the_copy_that_runs_here_and_get_their_arguments(tmp_path: Path) -> None:
    command = own_command("reconciler.sandbox.platform", "--help")

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "--keycloak-url" in done.stdout


def test_the_module_leaves_the_current_folder_before_it_imports_anything_else(tmp_path: Path) -> None:
    # What Python itself imports before us is beyond us: that is what -P is for.
    hostile = HostileFolder(tmp_path, leave_out=("reconciler", "runpy", "sitecustomize", "usercustomize"))

    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "--version"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, hostile.taken) == (0, []), done.stderr
