"""Manifests as files: written one by one, each whole or not at all, and never over something else unasked."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from reconciler.adapters.private_file import reason_of, write_whole
from reconciler.model.errors import GuardRefused, WrongUsage

SCHEMA_FILE: Final = "manifest.schema.json"
_OTHERS: Final = ("", "schema")
"""Folders, beside and above the manifests, in which the JSON Schema may lie already."""
_MODE: Final = 0o666
"""As any program makes files: the umask takes away what the user does not want."""


def check_new(paths: Iterable[Path]) -> None:
    """Refuse to overwrite, before anything is written.

    Raises:
        GuardRefused: Some of the files exist; all of them are named.
    """
    existing = [path.as_posix() for path in paths if os.path.lexists(path)]
    if existing:
        noun = "file exists" if len(existing) == 1 else "files exist"
        raise GuardRefused(
            f"{len(existing)} {noun} already: {', '.join(existing)}. Nothing was written.",
            remedy="Add --overwrite to replace them, or name another folder: --out DIR.",
        )


def write_files(folder: Path, texts: Mapping[str, str], remedy: str = "Name another folder: --out DIR.") -> None:
    """Write the files into the folder, which is made where it is missing.

    Raises:
        WrongUsage: A file cannot be written; those before it are.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            write_whole(folder / name, text, mode=_MODE & ~_umask())
    except OSError as error:
        what = f"{error.filename or folder} cannot be written"
        raise WrongUsage(f"{what}: {reason_of(error)}.", remedy=remedy) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def schema_reference(out: Path) -> tuple[str, bool]:
    """Return the reference to the JSON Schema, relative to ``out``, and whether it must be written there first."""
    here = out.resolve()
    for folder in (here, *here.parents):
        for other in _OTHERS:
            if (folder / other / SCHEMA_FILE).is_file():
                return Path(os.path.relpath(folder / other / SCHEMA_FILE, here)).as_posix(), False
        if (folder / ".git").exists():
            break
    return SCHEMA_FILE, True
