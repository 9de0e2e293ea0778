"""Standard output and error that never stop a run: what cannot be written there is dropped, and said at the end.

A full disk, a closed descriptor or a reader that has left must not leave files half written, nor an apply without its
record. What is lost is lost: the run ends as it does, and then with an error.
"""

import codecs
import os
import select
import sys
from contextlib import suppress
from errno import EPIPE
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Final, TextIO

from typing_extensions import Buffer

from reconciler.model.errors import ExitCode

_ESCAPING: Final = "reconciler-escaping"
"""The handler of characters that an encoding has not."""


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Return them as JSON escapes them, in UTF-16, so that JSON stays JSON; people read it, too."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2)), error.end


codecs.register_error(_ESCAPING, _escaped)


class _Outlet(FileIO):
    """Write to a descriptor until that fails for the first time."""

    lost: OSError | None = None

    def write(self, data: Buffer, /) -> int:
        """Take all of the data, whatever becomes of it."""
        view = memoryview(data)
        try:
            while self.lost is None:
                written: int | None = super().write(view)
                if written is not None:
                    return written
                # Whoever shares the terminal made it non-blocking, and it is busy.
                select.select([], [self], [])
        except OSError as error:
            # What came after a gap would be taken for the whole.
            self.lost = error
        return view.nbytes


def set_up() -> None:
    """Put streams that never fail in the place of the interpreter's."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # It takes the lowest number that is free. Otherwise a file of ours would, and get what is printed.
            os.open(os.devnull, os.O_RDONLY)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  (as long as the run)
    sys.stdout, sys.stderr = _unfailing(sys.stdout, 1), _unfailing(sys.stderr, 2)


def settled(code: int) -> tuple[int, str]:
    """Return the exit code of a run that ends with ``code``, and what is to be said of its output, if anything.

    A reader that has left wants to hear nothing. Codes that say more than that something was found stay.
    """
    lost = loss_of(sys.stdout)
    if lost is None:
        return code, ""
    ended = ExitCode.ERROR if code in {ExitCode.DONE, ExitCode.CHANGES} else code
    return ended, "" if lost.errno == EPIPE else (lost.strerror or str(lost)).lower()


def loss_of(stream: TextIO) -> OSError | None:
    """Return why not all that was printed has arrived; None where it has."""
    with suppress(ValueError):  # it is closed
        stream.flush()
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw.lost if isinstance(raw, _Outlet) else None


def _unfailing(stream: TextIO | None, descriptor: int) -> TextIO:
    """Return a stream to the descriptor in the place of another; of no encoding is it a reason to fail."""
    # Whoever has put something else there, as tests do, wants to have it.
    if stream is not None and type(stream) is not TextIOWrapper:
        return stream
    encoding = "utf-8" if stream is None else stream.encoding
    buffer = BufferedWriter(_Outlet(descriptor, "wb", closefd=False))
    return TextIOWrapper(buffer, encoding, _ESCAPING, line_buffering=descriptor == 2 or buffer.isatty())
