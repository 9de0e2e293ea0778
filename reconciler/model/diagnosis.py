"""What is wrong between an integrator's program and the platform: checks, causes and remedies, as values.

No value here holds a secret or a token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, PlainSerializer

from reconciler.model.errors import ExitCode
from reconciler.model.strict import printed_as


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
    """One reason for what was seen."""

    __pydantic_config__: ClassVar = printed_as("CauseDocument")
    code: str
    """For programs; never changes."""
    what: Annotated[str, Field(alias="cause")]
    remedy: str
    certain: bool = field(default=False, kw_only=True)
    """It is shown; otherwise it is one of several, most likely first."""
    tell: str = ""
    """How to find out whether it is this one; empty where that is shown."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check went."""

    __pydantic_config__: ClassVar = printed_as("CheckDocument")
    name: CheckName
    status: CheckStatus
    summary: str
    # All that apply where they are certain, or else the possible ones, most likely first.
    causes: tuple[Cause, ...] = ()
    evidence: Annotated[tuple[tuple[str, str], ...], PlainSerializer(dict, return_type=Mapping[str, str])] = ()
    """What was seen: answer, X-Request-Id, traceId and others."""
    shut_out: Annotated[bool, Field(exclude=True)] = False
    """Whether a live system cannot be used at all."""


@dataclass(frozen=True, slots=True)
class DiagnosisSubject:
    """Whom and what the diagnosis is about."""

    __pydantic_config__: ClassVar = printed_as("SubjectDocument")
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
