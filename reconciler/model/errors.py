"""Every error that the program raises on purpose.

::

    ReconcilerError                 exit 1   something a person must look at
      ManifestError                 exit 1   manifests are wrong; carries every Problem
        SettingsError               exit 64  ... and so is reconciler.yaml
      WrongUsage                    exit 64  the command line or the settings make no sense
      LiveSystemError               exit 3   a live system cannot be used
        Unreachable                          no answer, or one that says: not now
          WrongServer                        ... an answer that is not the system's own
        AccessRefused                        our credentials or roles are not enough
      RequestFailed                 exit 1   a live system answered one request with an error
        NotFound                             ... 404
        Conflict                             ... 409, or an optimistic lock that failed
        OutcomeUnknown                       the connection broke after a write was sent
      GuardRefused                  exit 6   the plan is too dangerous without a flag
      PolicyRefused                 exit 6   a policy stops the plan; carries every hit
      StalePlan                     exit 5   an object moved since it was planned
      LockHeld                      exit 1   another run is writing
      SinkFailed                    exit 1   a secret could not be delivered; it is not lost
      JournalBroken                 exit 1   what an apply does cannot be written down
      HistoryBroken                 exit 1   the history cannot be read or written; never stops a run
      Halted                        exit 4   no further write may start: interrupted, or the lock is lost

Adapters translate a vendor's errors into these once; nothing above them knows a vendor's classes. A message says
what happened and where, ``remedy`` says what to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, Final

from reconciler.model.text import counted

if TYPE_CHECKING:
    from reconciler.model.policy import PolicyHit


class ExitCode(IntEnum):
    """The exit codes that people script against."""

    DONE = 0
    ERROR = 1
    CHANGES = 2
    UNREACHABLE = 3
    PARTIAL = 4
    STALE = 5
    REFUSED = 6
    USAGE = 64
    INTERRUPTED = 130


MAX_SHOWN: Final = 1000
"""How many problems are shown; whoever has more has one cause."""


class ReconcilerError(Exception):
    """Say what happened (``message``) and what to do about it (``remedy``)."""

    exit_code: ClassVar[ExitCode] = ExitCode.ERROR

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Point at one mistake in a manifest.

    ``line`` and ``column`` count from 1; 0 means that the whole file is meant. ``path`` is the place inside the
    document (``spec.clients[0].clientId``), empty for the document itself.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    remedy: str

    @property
    def spot(self) -> str:
        """Return ``file:line:column``."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def place(self) -> str:
        """Return ``file:line:column: path:``."""
        return f"{self.spot}:" + (f" {self.path}:" if self.path else "")

    def __str__(self) -> str:
        return f"{self.place} {self.message}" + (f" {self.remedy}" if self.remedy else "")


class ManifestError(ReconcilerError):
    """Carry every problem that was found in the manifests, never just the first."""

    def __init__(self, problems: Sequence[Problem], where: str = "the manifests") -> None:
        self.problems = tuple(sorted(problems))
        super().__init__(f"{counted(len(self.problems), 'problem')} in {where}.")


class SettingsError(ManifestError):
    """Carry every problem that was found in the settings."""

    exit_code = ExitCode.USAGE


class WrongUsage(ReconcilerError):
    """Say that the command line or the settings make no sense."""

    exit_code = ExitCode.USAGE


class LiveSystemError(ReconcilerError):
    """Say that Keycloak or the platform API cannot be used at all."""

    exit_code = ExitCode.UNREACHABLE


class Unreachable(LiveSystemError):
    """Say that no answer came, or none that could be used."""


class WrongServer(Unreachable):
    """Say that something else answers at a live system's address: a proxy, a web page, another program."""


class AccessRefused(LiveSystemError):
    """Say that credentials or roles are not enough."""


class RequestFailed(ReconcilerError):
    """Carry one request that a live system answered with an error.

    ``status`` is the HTTP status; ``code`` the system's own word for it (an OAuth error, the last part of an RFC
    7807 type), empty where it gave none.
    """

    def __init__(self, message: str, *, status: int | None = None, code: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.code = code


class NotFound(RequestFailed):
    """Say that the object is not there."""


class Conflict(RequestFailed):
    """Say that the object exists already, or that another writer was faster."""


class OutcomeUnknown(RequestFailed):
    """Say that the connection broke after a write was sent: it may or may not have taken effect."""


class GuardRefused(ReconcilerError):
    """Refuse a plan that needs a person's explicit word; the message names the flag."""

    exit_code = ExitCode.REFUSED


class PolicyRefused(ReconcilerError):
    """Carry everything by which policies stop a plan; ``foreign`` counts the approvals that are of other plans.

    ``saved_as`` is the file that holds the plan, which can be approved as it is; empty where none does.
    """

    exit_code = ExitCode.REFUSED

    def __init__(self, hits: "Sequence[PolicyHit]", foreign: int = 0, *, saved_as: str = "") -> None:
        names = ", ".join(sorted({hit.policy for hit in hits}))
        super().__init__(f"Stopped by policy: {names}. Nothing was written.")
        self.hits = tuple(hits)
        self.foreign = foreign
        self.saved_as = saved_as


class StalePlan(ReconcilerError):
    """Refuse to write an object that moved since it was planned."""

    exit_code = ExitCode.STALE


class LockHeld(ReconcilerError):
    """Say that another run holds the lock; trying again later helps."""


class SinkFailed(ReconcilerError):
    """Say that a secret could not be delivered; Keycloak still has it."""


class JournalBroken(ReconcilerError):
    """Say that the journal cannot be written: then nothing else may be."""


class HistoryBroken(ReconcilerError):
    """Say that the history of runs cannot be read or written; a run that only wants to be recorded goes on."""


class Halted(ReconcilerError):
    """Say that an apply may start no further write; what it has begun is finished."""

    exit_code = ExitCode.PARTIAL
