"""The form of a diagnosis as JSON: what ``doctor --json`` prints, as models that give the schema, too."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from reconciler.model.diagnosis import Cause, CheckName, CheckResult, CheckStatus, Diagnosis, DiagnosisSubject
from reconciler.model.manifest import utc_text
from reconciler.review.part import Part

FORMAT_VERSION: Final = "1.0"


class CauseDocument(Part):
    """One reason for what was seen."""

    mirrors: ClassVar = Cause
    code: Annotated[str, Field(description="For programs; never changes.")]
    what: Annotated[str, Field(alias="cause")]
    remedy: str
    certain: Annotated[bool, Field(description="It is shown; otherwise it is one of several, most likely first.")]
    tell: Annotated[str, Field(description="How to find out whether it is this one; empty where that is shown.")]


class CheckDocument(Part):
    """How one check went."""

    mirrors: ClassVar = CheckResult
    name: CheckName
    status: CheckStatus
    summary: str
    causes: tuple[CauseDocument, ...]
    evidence: Annotated[
        Mapping[str, str], Field(description="What was seen: answer, X-Request-Id, traceId and others.")
    ]

    @classmethod
    def said(cls, value: CheckResult) -> Mapping[str, Any]:
        """Return what was seen, by name."""
        return {"evidence": dict(value.evidence)}


class SubjectDocument(Part):
    """Whom and what the diagnosis is about."""

    mirrors: ClassVar = DiagnosisSubject
    client_id: str
    keycloak_url: str
    realm: str
    api_url: str | None


class DiagnosisDocument(Part):
    """What ``reconciler doctor --json`` prints. Fields may be added in later versions of the same format_version."""

    mirrors: ClassVar = Diagnosis
    format_version: Literal["1.0"]
    timestamp: str
    subject: Annotated[SubjectDocument | None, Field(description="None where an answer was explained (--explain).")]
    checks: tuple[CheckDocument, ...]
    exit_code: int

    @classmethod
    def said(cls, value: Diagnosis) -> Mapping[str, Any]:
        """Return the version of the format, and when it was made, to the second."""
        return {"format_version": FORMAT_VERSION, "timestamp": utc_text(value.taken_at)}
