"""Files that are written whole or not at all, and what is said where that fails."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

from reconciler.model.errors import ReconcilerError, WrongUsage
from reconciler.model.user_folders import private_folder


def open_private(path: Path, flags: int) -> int:
    """Open a file of a private folder, and return its descriptor; a new one is for its owner alone.

    Raises:
        OSError: It cannot be opened.
    """
    private_folder(path.parent)
    descriptor = os.open(path, flags | os.O_CREAT, 0o600)
    if os.fstat(descriptor).st_size == 0 and path.is_file():
        os.fchmod(descriptor, 0o600)
    return descriptor


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner's eyes only, and through to the disk. A link stays a link.

    Raises:
        OSError: It cannot be written; then the old one is untouched.
    """
    write_whole(path.resolve(), text, mode=0o600, through=True)


def write_whole(path: Path, text: str, *, mode: int, through: bool = False) -> None:
    """Write a file; a reader sees the old one or the new one, never a part.

    Raises:
        OSError: It cannot be written; then the old one is untouched.
    """
    # Of the same folder, so that renaming is atomic; a reader must not take it for a finished file.
    descriptor, name = mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            if through:
                file.flush()
                os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


@contextmanager
def explained(what: str, remedy: str, kind: type[ReconcilerError] = WrongUsage) -> Iterator[None]:
    """Raise the system's errors as one of ours, which says ``what`` failed, and why."""
    try:
        yield
    except OSError as error:
        raise kind(f"{what}: {reason_of(error)}.", remedy=remedy) from error


def reason_of(error: OSError) -> str:
    """Return the system's words for what went wrong."""
    return (error.strerror or str(error)).lower()
