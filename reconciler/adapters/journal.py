"""The journal of an apply: a file of JSON lines, each on the disk before the next request is sent."""

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from reconciler.adapters.private_file import open_private
from reconciler.model.address import Address
from reconciler.model.change import Verb
from reconciler.model.errors import JournalBroken, WrongUsage
from reconciler.model.rotation import RotationStep
from reconciler.model.user_folders import state_folder
from reconciler.ports import Clock, Journal


def default_folder() -> Path:
    """Return the user's folder for journals."""
    return state_folder() / "journal"


class FileJournal(Journal):
    """Append entries to one file of mode 0600; it holds addresses and verbs, never a value."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the file.

        Raises:
            WrongUsage: It cannot be written.
        """
        self.path = path
        self._clock = clock
        try:
            self._file = open_private(path, os.O_WRONLY | os.O_APPEND)
        except OSError as error:
            raise WrongUsage(
                f"The journal {path} cannot be written: {error.strerror}.", remedy="Name another file by --journal."
            ) from error

    def record(self, address: Address, verb: Verb | RotationStep, event: str, detail: str = "") -> None:
        """Write one entry through to the disk."""
        entry = {"at": self._clock.now().isoformat(), "address": str(address), "verb": verb, "event": event}
        line = json.dumps(entry | ({"detail": detail} if detail else {}), ensure_ascii=False) + "\n"
        try:
            self._write(line.encode())
        except OSError as error:
            raise JournalBroken(
                f"The journal {self.path} cannot be written: {error.strerror}.",
                remedy="Name another file by --journal.",
            ) from error

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._file, data) :]
        os.fsync(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
