"""What is wrong between an integrator's program and the platform: checks, causes and remedies, as values.

No value here holds a secret or a token.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reconciler.model.errors import ExitCode


class CheckName(StrEnum):
    """Name every check, in the order in which they are made; closed."""

    CREDENTIALS = "credentials"
    KEYCLOAK = "keycloak"
    KEYCLOAK_TLS = "keycloak-tls"
    REALM = "realm"
    ADMIN = "admin-api"
    TOKEN = "token"  # noqa: S105  (a name)
    CLOCK = "clock"
    CLAIMS = "claims"
    API = "api"
    API_TLS = "api-tls"
    ME = "me"
    RATE_LIMIT = "rate-limit"
    DPA = "dpa"
    PARTNERS = "partners"
    CAPABILITIES = "capabilities"
    PROGRAM_TOKEN = "program-token"  # noqa: S105
    PROGRAM_LOGINS = "program-logins"
    ANSWER = "answer"
    """An error answer that somebody brought along; the only check of its kind of run."""


class CheckStatus(StrEnum):
    """Say how a check went."""

    OK = "ok"
    WARNING = "warning"
    """It works, but something is not as it should be, or will not last."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """It was not made; the summary says why."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for what was seen, and what to do about it.

    ``code`` is for programs and never changes. ``tell`` says how to find out whether it is this cause; it is empty
    where that is shown already (``certain``).
    """

    code: str
    what: str
    remedy: str
    tell: str = ""
    certain: bool = False


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check went.

    ``causes`` are all that apply where they are certain, or else the possible ones, most likely first. ``evidence``
    is what was seen, in pairs of name and text: the answer, our ``X-Request-Id``, the platform's ``traceId``.
    ``shut_out`` says that a live system cannot be used at all.
    """

    name: CheckName
    status: CheckStatus
    summary: str
    causes: tuple[Cause, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    shut_out: bool = False


@dataclass(frozen=True, slots=True)
class DiagnosisSubject:
    """Whom and what a diagnosis is about; None and empty for what was not named."""

    client_id: str
    keycloak_url: str
    realm: str
    api_url: str | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks of one run, in order; no subject where only an answer was explained."""

    taken_at: datetime
    subject: DiagnosisSubject | None
    checks: tuple[CheckResult, ...]

    @property
    def exit_code(self) -> ExitCode:
        """Return 0 where nothing failed, 3 where a live system shuts us out, and 1 for any other failure."""
        failed = [check for check in self.checks if check.status is CheckStatus.FAILED]
        if any(check.shut_out for check in failed):
            return ExitCode.UNREACHABLE
        return ExitCode.ERROR if failed else ExitCode.DONE
