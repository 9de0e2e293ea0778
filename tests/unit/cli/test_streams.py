"""Output that cannot be written stops no run: it is said at the end, with an exit code that is not 0."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

_FILES_OF_INIT = 10
_FULL = "Error: Standard output could not be written: no space left on device."
_CLOSED = "Error: Standard output could not be written: bad file descriptor."

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which ``reconciler`` is the command; the exit code is that of the command in a pipe."""
    program = f'reconciler() {{ {shlex.quote(sys.executable)} -m reconciler "$@"; }}'
    line = f"set -o pipefail; {program}; {command}"
    return subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("reconciler --version >/dev/full", 1, _FULL),
        ("reconciler plan --help >/dev/full", 1, _FULL),
        ("reconciler init x >/dev/full", 1, _FULL),
        ("RECONCILER_LOG_FORMAT=json reconciler init x >/dev/full", 1, '"error": "OutputLost", "exit_code": 1'),
        ("reconciler init x >&-", 1, _CLOSED),
        ("reconciler init x <&- >&-", 1, _CLOSED),
        ("reconciler init x <&-", 0, "Next:"),
        ("reconciler init x | (read line; exec 0<&-; sleep 2)", 1, "Next:"),
        ("reconciler init x 2>/dev/full", 0, ""),
        ("reconciler init x 2>&-", 0, ""),
        ("reconciler init x >&- 2>&-", 1, ""),
        ("reconciler schema plan | true", 1, ""),
        ("reconciler nonsense 2>/dev/full", 64, ""),
        ("reconciler nonsense 2>&-", 64, ""),
        ("touch empty.yaml; reconciler validate empty.yaml >/dev/full", 1, _FULL),
    ],
)
def test_no_output_stops_a_run(command: str, code: int, said: str, tmp_path: Path) -> None:
    done = shell(command, tmp_path)

    assert done.returncode == code
    assert said in done.stderr
    assert "Error: " in said or "Error: " not in done.stderr
    assert "nternal error" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    if " init " in command:
        assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == _FILES_OF_INIT
