"""Files that somebody names, read whole within bounds: a name may lead to a device, a pipe, or no end."""

from errno import EFBIG, EINVAL
from pathlib import Path
from typing import Final

from reconciler.manifest.files import is_regular

MAX_MEBIBYTES: Final = 256


def read_named(path: Path, most: int = MAX_MEBIBYTES) -> bytes:
    """Return what a file holds, of at most so many MiB: a regular one, or what a shell hands over (``/dev/fd``).

    Raises:
        OSError: It cannot be read, is something else, or larger.
    """
    if not path.is_dir() and not is_regular(path):
        raise OSError(EINVAL, "it is not a regular file", str(path))
    with path.open("rb") as file:
        content = file.read(most * 1024**2 + 1)
    if len(content) > most * 1024**2:
        raise OSError(EFBIG, f"it has more than {most} MiB", str(path))
    return content
