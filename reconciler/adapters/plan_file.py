"""Saved plans as files: of mode 0600, written whole or not at all, and never over something else."""

import os
import stat
from pathlib import Path
from typing import Final

from reconciler.adapters.named_file import read_named
from reconciler.adapters.private_file import explained, write_private
from reconciler.model.errors import WrongUsage
from reconciler.review.plan_file import looks_like_plan

_HEAD: Final = 256
"""Bytes that are enough to tell a plan from something else."""
_ANOTHER: Final = "Name another file: --out FILE."


def read_plan_file(path: Path) -> str:
    """Return the text of a saved plan.

    Raises:
        WrongUsage: There is no such file, or it cannot be read as text.
    """
    try:
        with explained(f"The plan {path} cannot be read", "Make one by plan --out FILE."):
            if path.is_dir():
                raise WrongUsage(
                    f"{path} is a folder, not a saved plan.",
                    remedy="Name manifests by -f; make a plan by plan --out FILE.",
                )
            return read_named(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise WrongUsage(f"{path} is not a saved plan.", remedy="Make one by plan --out FILE.") from error


def begins_as_plan(path: Path) -> bool:
    """Tell whether the file is a saved plan, by how it begins; False for what is no plain file, or cannot be read."""
    try:
        return path.is_file() and looks_like_plan(_head(path))
    except OSError:
        return False


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_HEAD).decode("utf-8", errors="replace")


def check_replaceable(path: Path) -> None:
    """Refuse a place where a plan cannot be saved, before the work of planning is done.

    An older plan and an empty file may be replaced; nothing else may.

    Raises:
        WrongUsage: The folder is missing or read-only, or something else is at that place.
    """
    place = path.resolve()
    if not (place.parent.is_dir() and os.access(place.parent, os.W_OK | os.X_OK)):
        raise WrongUsage(
            f"The plan cannot be saved as {path}: {place.parent} is not a writable folder.",
            remedy="Name a file in a folder that exists: --out FILE.",
        )
    taken = WrongUsage(f"{path} exists and is not a saved plan: it is not overwritten.", remedy=_ANOTHER)
    with explained(f"{path} exists and cannot be read", _ANOTHER):
        try:
            found = place.stat()
            if not stat.S_ISREG(found.st_mode):
                raise taken
            head = _head(place)
        except FileNotFoundError:
            return
    if found.st_size and not looks_like_plan(head):
        raise taken


def write_plan_file(path: Path, text: str) -> None:
    """Save a plan for its owner's eyes only; a reader sees the old file or the new one, never a part.

    Raises:
        WrongUsage: It cannot be written, or something else is at that place.
    """
    check_replaceable(path)
    with explained(f"The plan cannot be saved as {path}", _ANOTHER):
        write_private(path, text)
