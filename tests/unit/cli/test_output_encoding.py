"""A terminal of any encoding gets the whole message; what it cannot show is escaped."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_what_a_terminal_cannot_show_is_escaped(encoding: str) -> None:
    command = [sys.executable, "-c", "from reconciler.cli.main import main; main()", "validate", "-f", "→.yaml"]
    done = subprocess.run(
        command, capture_output=True, env={**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": encoding}, check=False
    )

    assert "\\u2192.yaml" in (done.stdout + done.stderr).decode(encoding)
    assert b"nternal error" not in done.stderr + done.stdout
    assert b"UnicodeEncodeError" not in done.stderr
