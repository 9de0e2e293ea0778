"""The form of a diagnosis as JSON: what ``doctor --json`` prints, as models that give the schema, too."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from reconciler.model.diagnosis import CheckName, CheckStatus

FORMAT_VERSION: Final = "1.0"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CauseDocument(_Part):
    """One reason for what was seen."""

    code: Annotated[str, Field(description="For programs; never changes.")]
    cause: str
    remedy: str
    certain: Annotated[bool, Field(description="It is shown; otherwise it is one of several, most likely first.")]
    tell: Annotated[str, Field(description="How to find out whether it is this one; empty where that is shown.")]


class CheckDocument(_Part):
    """How one check went."""

    name: CheckName
    status: CheckStatus
    summary: str
    causes: tuple[CauseDocument, ...]
    evidence: Annotated[
        Mapping[str, str], Field(description="What was seen: answer, X-Request-Id, traceId and others.")
    ]


class SubjectDocument(_Part):
    """Whom and what the diagnosis is about."""

    client_id: str
    keycloak_url: str
    realm: str
    api_url: str | None


class DiagnosisDocument(_Part):
    """What ``reconciler doctor --json`` prints. Fields may be added in later versions of the same format_version."""

    format_version: Literal["1.0"]
    timestamp: str
    subject: Annotated[SubjectDocument | None, Field(description="None where an answer was explained (--explain).")]
    checks: tuple[CheckDocument, ...]
    exit_code: int
