"""Files for their owner's eyes only, written whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600; a reader sees the old one or the new one, never a part. A link stays a link.

    Raises:
        OSError: It cannot be written; then the old one is untouched.
    """
    place = path.resolve()
    # mkstemp makes the file with mode 0600.
    descriptor, name = mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def reason_of(error: OSError) -> str:
    """Return the system's words for what went wrong."""
    return (error.strerror or str(error)).lower()
