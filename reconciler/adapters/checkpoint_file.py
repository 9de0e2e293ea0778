"""The file of ``drift --state``: what a run remembers for the next one, readable by its owner only."""

import hashlib
import json
import os
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from reconciler.adapters.named_file import read_named
from reconciler.adapters.private_file import write_whole
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.errors import WrongUsage

_FORMAT: Final = "reconciler-state/1"
_MEMORY: Final = TypeAdapter(Checkpoint)


def read_checkpoint(path: Path) -> tuple[Checkpoint | None, str]:
    """Return the checkpoint, or None and the reason why everything must be read; a damaged file is no error."""
    try:
        if path.stat().st_mode & 0o022:
            return None, f"others can write the checkpoint {path}, so it cannot be trusted (chmod 600)"
        text = read_named(path).decode("utf-8")
    except FileNotFoundError:
        return None, f"there is no checkpoint {path} yet"
    except (OSError, ValueError) as error:
        return None, f"the checkpoint {path} cannot be read: {error}"
    head, _, body = text.partition("\n")
    if head != _head(body):
        return None, f"the checkpoint {path} is damaged, or of another version"
    try:
        return _MEMORY.validate_json(body), ""
    except ValidationError:
        return None, f"the checkpoint {path} is of another version"


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Replace the file whole, or not at all.

    Raises:
        WrongUsage: It cannot be written.
    """
    body = json.dumps(_MEMORY.dump_python(checkpoint, mode="json"), separators=(",", ":"), sort_keys=True)
    write_atomically(path, f"{_head(body)}\n{body}", "--state", mode=0o600)


def check_writable(path: Path, option: str) -> None:
    """Refuse a place where nothing can be written, before the work is done.

    Raises:
        WrongUsage: The folder is missing or read-only, or there is something that is no file.
    """
    folder = path.resolve().parent
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)) or (path.exists() and not path.is_file()):
        raise WrongUsage(
            f"{path} cannot be written: name a file in an existing, writable folder.",
            remedy=f"Check {option}.",
        )


def write_atomically(path: Path, text: str, option: str, *, mode: int) -> None:
    """Replace the file whole, or not at all; ``option`` is what named it, for the message.

    Raises:
        WrongUsage: It cannot be written.
    """
    try:
        write_whole(path, text, mode=mode)
    except OSError as error:
        raise WrongUsage(f"{path} cannot be written: {error.strerror or error}.", remedy=f"Check {option}.") from error


def _head(body: str) -> str:
    return f"{_FORMAT} {hashlib.sha256(body.encode()).hexdigest()}"
