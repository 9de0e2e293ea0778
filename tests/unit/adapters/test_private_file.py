"""What runs leave is for its owner alone, whatever the umask says."""

import os
from pathlib import Path

import pytest

from reconciler.adapters.private_file import open_private


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277, 0o777])
def test_folders_are_0700_and_files_0600_under_any_umask(tmp_path: Path, umask: int) -> None:
    file = tmp_path / "state" / "nt24" / "journal" / "run.jsonl"
    before = os.umask(umask)
    try:
        os.close(open_private(file, os.O_WRONLY | os.O_APPEND))
    finally:
        os.umask(before)

    made = [file, *file.parents]
    assert [oct(each.stat().st_mode & 0o777) for each in made[:4]] == ["0o600", "0o700", "0o700", "0o700"]
