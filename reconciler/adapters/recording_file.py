"""Recordings as files: JSON lines, the first of which says what the run went by; readable by their owner only."""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from reconciler._version import __version__
from reconciler.adapters.named_file import read_named
from reconciler.adapters.private_file import explained, write_private
from reconciler.adapters.tape import Player, Recorder, Tape
from reconciler.manifest.content import Unreadable
from reconciler.manifest.files import Candidate, text_of
from reconciler.manifest.load import Loaded, load_texts, partner_files, texts_at
from reconciler.manifest.places import below
from reconciler.model.errors import ReconcilerError, WrongUsage
from reconciler.model.recording import Circumstances, Read, Recording, TextFile
from reconciler.model.text import file_name
from reconciler.model.user_folders import current_folder

_LOG: Final = logging.getLogger(__name__)
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
    with explained(f"The recording cannot be saved as {path}", "Name another file: --record FILE."):
        write_private(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def read_recording(path: Path) -> Recording:
    """Return a recording.

    Raises:
        WrongUsage: There is none at that place, or it is of another format.
    """
    try:
        with explained(f"The recording {path} cannot be read", _REMEDY):
            head, *reads = read_named(path).decode("utf-8").removesuffix("\n").split("\n")
        first: dict[str, Any] = json.loads(head)
        if first.pop("format") != FORMAT:
            raise WrongUsage(f"The recording {path} is of another format than {FORMAT}.", remedy=_REMEDY)
        # Text is validated as the JSON that it is: a list in it is a tuple of ours.
        whole = json.dumps({**first, "reads": [json.loads(line) for line in reads]})
        return _RECORDING.validate_json(whole)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        # A ValidationError is a ValueError; what it quotes may be long.
        what = f" (see {_place(error)})" if isinstance(error, ValidationError) else ""
        raise WrongUsage(f"{path} is not a recording{what}.", remedy=_REMEDY) from error


def _place(error: ValidationError) -> str:
    return ".".join(map(str, error.errors()[0]["loc"]))


@contextmanager
def recorded_to(path: Path, circumstances: Circumstances) -> Iterator[Recorder]:
    """Record a run's reads, and save them however it ends.

    Raises:
        WrongUsage: The file cannot be written.
    """
    recorder, ending = Recorder(), "interrupted"
    try:
        yield recorder
        ending = ""
    except ReconcilerError as error:
        ending = error.message
        raise
    except Exception as error:
        ending = type(error).__name__
        raise
    finally:
        reads, moments = tuple(recorder.reads), tuple(recorder.moments)
        write_recording(
            path,
            Recording(version=__version__, circumstances=circumstances, moments=moments, reads=reads, ending=ending),
        )
        extra = {"event": "recorded", "fields": {"file": str(path)}}
        _LOG.info(
            "Recorded %d reads in %s. It holds no secret, but names and addresses.", len(reads), path, extra=extra
        )


def text_files(paths: Iterable[Path]) -> tuple[TextFile, ...]:
    """Return the manifests and overlays at the paths, be they valid or not, with the files of partners that they name.

    Other programs' files are left out.
    """
    texts, _ = texts_at(tuple(paths))
    for path in partner_files(tuple(paths)):
        with suppress(Unreadable):
            texts[path] = text_of(Candidate(path, named=True))
    root = current_folder() or Path()
    return tuple(TextFile(below(file_name(path), root), text) for path, text in sorted(texts.items()))


def recorded_manifests(tape: Tape | None, *, allow_empty: bool) -> Loaded | None:
    """Return what the manifests of a recording say; None where this is no replay, or they were left out.

    Raises:
        ManifestError: They were wrong then, too.
    """
    then = tape.recording.circumstances if isinstance(tape, Player) else None
    if then is None or then.manifests is None:
        return None
    overlays = None if then.overlays is None else _texts(then.overlays)
    return load_texts(_texts(then.manifests), overlays, allow_empty=allow_empty)


def _texts(files: tuple[TextFile, ...]) -> dict[str, str]:
    return {file.name: file.text for file in files}
