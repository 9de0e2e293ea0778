"""Where a user's own files lie (XDG Base Directory Specification)."""

import os
from pathlib import Path

from reconciler.model.errors import WrongUsage

_NAME = "nt24-reconciler"


def state_folder() -> Path:
    """Return the folder of what runs leave for later ones.

    Raises:
        WrongUsage: Nothing says where it is.
    """
    return _folder("XDG_STATE_HOME", ".local/state")


def cache_folder() -> Path:
    """Return the folder of what can be fetched or made again.

    Raises:
        WrongUsage: Nothing says where it is.
    """
    return _folder("XDG_CACHE_HOME", ".cache")


def home_folder() -> Path | None:
    """Return the user's home folder; None where nothing says where it is."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def current_folder() -> Path | None:
    """Return the folder in which the program runs; None where it was deleted meanwhile."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _folder(variable: str, below_home: str) -> Path:
    if named := os.environ.get(variable):
        return Path(named) / _NAME
    if (home := home_folder()) is None:
        raise WrongUsage("This user has no home folder.", remedy=f"Set {variable} to a folder for its files.")
    return home / below_home / _NAME


def private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner alone, whatever the umask says.

    Raises:
        OSError: It cannot be made.
    """
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        # The umask may have taken the owner's own rights.
        folder.chmod(0o700)
