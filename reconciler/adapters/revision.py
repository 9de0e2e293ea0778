"""The git commit that manifests are read at, for reviewers."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_DIRTY: Final = " with uncommitted changes"
_SECONDS: Final = 10


def revision_of(paths: Sequence[Path]) -> str:
    """Return the commit that ``paths`` are checked out at, and whether they differ from it.

    Empty where there is no git, no repository or no commit: a plan needs none.
    """
    if not paths:
        return ""
    first = paths[0].absolute()
    folder = first if first.is_dir() else first.parent
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    if not commit:
        return ""
    changed = _git(folder, "status", "--porcelain", "--", *(str(path.absolute()) for path in paths))
    return f"{commit}{_DIRTY if changed else ''}"


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  (no shell, and nothing of a manifest's content)
            ["git", "-C", str(folder), "--no-optional-locks", *arguments],  # noqa: S607
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
