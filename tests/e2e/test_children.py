"""An apply on a real Keycloak in a folder of somebody hostile: what the programs that it starts get to see."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import Command
from tests.hostile import HostileFolder, dumping
from tests.repository import Repo

SETTINGS = """\
environments:
  a: {sink: vault, manifests: organizations, notifications: [{kind: webhook, urlFrom: ALARM_URL}]}
sinks:
  vault: {command: {run: [deliver, "{name}"], check: [deliver]}}
"""


def test_no_program_that_an_apply_starts_sees_a_credential_or_is_what_lies_in_the_folder(
    sandbox: Running, no_realm: str, tmp_path: Path
) -> None:
    repository = Repo(tmp_path / "repository")
    repository.declare(a_realm(no_realm), an_organization("acme"))
    repository.write("reconciler.yaml", SETTINGS)
    hostile = HostileFolder(repository.folder)
    repository.commit()
    repository.git("config", "core.fsmonitor", str(dumping(tmp_path / "evil", "fsmonitor").with_suffix("")))
    bin_ = tmp_path / "bin"
    dumps = [dumping(bin_, "git", f'exec "{shutil.which("git")}" "$@"'), dumping(bin_, "deliver", "cat > /dev/null")]
    ours = {"NT24_CLIENT_SECRET": "ours-1", "PGPASSWORD": "ours-2", "ALARM_URL": "https://alarm.example/ours-3"}
    settings = Command(tmp_path, sandbox).settings | ours | {"PATH": f"{bin_}:{os.environ['PATH']}", "VAULT": "theirs"}

    done = subprocess.run(
        [Path(sys.executable).with_name("reconciler"), "apply", "--auto-approve", "--no-effective"],
        cwd=repository.folder, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert hostile.taken == []
    assert not (tmp_path / "evil" / "fsmonitor.env").exists()
    seen = [dump.read_text(encoding="utf-8") for dump in dumps]
    assert "VAULT=theirs" in seen[1]
    secrets = (sandbox.admin_password, *ours.values())
    assert [secret for text in seen for secret in secrets if secret in text] == []
