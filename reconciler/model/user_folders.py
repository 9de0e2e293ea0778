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


def _folder(variable: str, below_home: str) -> Path:
    if named := os.environ.get(variable):
        return Path(named) / _NAME
    if (home := home_folder()) is None:
        raise WrongUsage("This user has no home folder.", remedy=f"Set {variable} to a folder for its files.")
    return home / below_home / _NAME
