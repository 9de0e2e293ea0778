"""The git commit that manifests are read at, for reviewers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from reconciler.adapters.git_process import run_git
from reconciler.model.errors import WrongUsage

_DIRTY: Final = " with uncommitted changes"


def revision_of(paths: Sequence[Path]) -> str:
    """Return the commit that ``paths`` are checked out at, and whether they differ from it.

    Empty where there is no git, no repository or no commit, or git cannot tell: a plan needs none.
    """
    if not paths:
        return ""
    try:
        paths = [path.absolute() for path in paths]
    except OSError:
        # The current folder has been deleted.
        return ""
    folder = paths[0] if paths[0].is_dir() else paths[0].parent
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    # Nothing of a submodule's is run, either.
    wanted = ("--ignore-submodules=dirty", "--", *map(str, paths))
    changed = _git(folder, "status", "--porcelain", *wanted)
    return "" if not commit or changed is None else f"{commit}{_DIRTY if changed else ''}"


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what git says; None where it fails."""
    try:
        done = run_git(folder, *arguments)
    except WrongUsage:
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
