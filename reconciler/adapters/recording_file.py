"""Recordings as files: JSON lines, the first of which says what the run went by; readable by their owner only."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from reconciler.adapters.private_file import reason_of, write_private
from reconciler.model.errors import WrongUsage
from reconciler.model.recording import Read, Recording

FORMAT: Final = "reconciler-recording/1"
_RECORDING: Final = TypeAdapter(Recording)
_READ: Final = TypeAdapter(Read)
_REMEDY: Final = "Make one by plan --record FILE, or drift --record FILE."


def write_recording(path: Path, recording: Recording) -> None:
    """Write it whole or not at all, with mode 0600.

    Raises:
        WrongUsage: It cannot be written.
    """
    head = _RECORDING.dump_python(recording, mode="json", exclude={"reads"})
    lines = [{"format": FORMAT, **head}, *(_READ.dump_python(each, mode="json") for each in recording.reads)]
    try:
        write_private(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    except OSError as error:
        raise WrongUsage(
            f"The recording cannot be saved as {path}: {reason_of(error)}.", remedy="Name another file: --record FILE."
        ) from error


def read_recording(path: Path) -> Recording:
    """Return a recording.

    Raises:
        WrongUsage: There is none at that place, or it is of another format.
    """
    try:
        head, *reads = path.read_text(encoding="utf-8").splitlines()
        first: dict[str, Any] = json.loads(head)
        if first.pop("format") != FORMAT:
            raise WrongUsage(f"The recording {path} is of another format than {FORMAT}.", remedy=_REMEDY)
        # Text is validated as the JSON that it is: a list in it is a tuple of ours.
        whole = json.dumps({**first, "reads": [json.loads(line) for line in reads]})
        return _RECORDING.validate_json(whole)
    except OSError as error:
        raise WrongUsage(f"The recording {path} cannot be read: {reason_of(error)}.", remedy=_REMEDY) from error
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        # A ValidationError is a ValueError; what it quotes may be long.
        what = f" (see {_place(error)})" if isinstance(error, ValidationError) else ""
        raise WrongUsage(f"{path} is no recording{what}.", remedy=_REMEDY) from error


def _place(error: ValidationError) -> str:
    return ".".join(map(str, error.errors()[0]["loc"]))
