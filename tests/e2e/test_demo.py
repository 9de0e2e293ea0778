"""The demo runs to its end, and leaves nothing behind, also when somebody stops it."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running

pytestmark = pytest.mark.e2e

ROOT: Final = Path(__file__).parents[2]
DEMO: Final = ROOT / "scripts" / "demo.py"
README: Final = ROOT / "README.md"
DRIFT: Final = re.compile(
    r"(?<=^\$ reconciler drift -f examples\n).*?^/v1/me was called [^\n]*\n", re.DOTALL | re.MULTILINE
)
"""What the demo's drift prints, in the README and in the demo's own output."""
OF_ONE_RUN: Final = re.compile(
    r"(?<=127\.0\.0\.1):\d+|[0-9a-f]{40}( with uncommitted changes)?|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC|\d+ requests"
)
_KEYCLOAK: Final = re.compile(r"A real Keycloak is at (\S+),")


def start(folder: Path) -> subprocess.Popen[str]:
    """Start the demo in a session of its own; all that it keeps for a while goes into ``folder``."""
    return subprocess.Popen(
        [sys.executable, str(DEMO)],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def keycloak_in(output: str) -> str:
    found = _KEYCLOAK.search(output)
    assert found, output
    return found.group(1)


def is_gone(url: str) -> bool:
    try:
        httpx.get(url, timeout=5, trust_env=False)
    except httpx.ConnectError:
        return True
    return False


@pytest.mark.usefixtures("sandbox")
def test_the_demo_ends_well_and_leaves_nothing_behind(tmp_path: Path, update: bool) -> None:
    with start(tmp_path) as demo:
        output, _ = demo.communicate()

    assert demo.returncode == 0, output
    assert "Plan: 10 to add, 0 to change, 0 to destroy." in output
    assert "Apply complete! Resources: 10 added, 0 changed, 0 destroyed." in output
    assert "Warning" not in output
    assert "403 Forbidden" in output
    assert "capabilities.allowKycDocumentDownload: true -> false" in output
    assert "Drift: 3 fields of 2 resources." in output
    assert "Apply complete! Resources: 0 added, 2 changed, 0 destroyed." in output
    assert output.count("No changes.") == 2
    assert is_gone(keycloak_in(output))
    assert list(tmp_path.iterdir()) == []

    readme, printed = README.read_text(encoding="utf-8"), DRIFT.findall(output)
    if update:
        README.write_text(DRIFT.sub(lambda _: printed[0], readme), encoding="utf-8")
    else:
        assert [OF_ONE_RUN.sub("…", text) for text in DRIFT.findall(readme)] == [OF_ONE_RUN.sub("…", printed[0])], (
            "run pytest tests/e2e/test_demo.py --update"
        )


def test_a_demo_that_is_stopped_stops_what_it_started(sandbox: Running, tmp_path: Path) -> None:
    assert sandbox.folder.exists()
    with start(tmp_path) as demo:
        assert demo.stdout is not None
        output = ""
        while "$ reconciler plan" not in output:
            line = demo.stdout.readline()
            assert line, output
            output += line
        demo.send_signal(signal.SIGTERM)
        stopped = time.monotonic()
        rest, _ = demo.communicate(timeout=60)

    assert demo.returncode == 130, output + rest
    assert time.monotonic() - stopped < 30
    assert is_gone(keycloak_in(output))
    assert list(tmp_path.iterdir()) == []
