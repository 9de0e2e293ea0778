"""A diagnosis for programs, and its JSON Schema."""

import json
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from reconciler.model.diagnosis import CheckResult, Diagnosis, DiagnosisSubject
from reconciler.model.manifest import utc_text
from reconciler.model.strict import PRINTED, schema_text
from reconciler.review.plan_schema import schema_of

FORMAT_VERSION: Final = "1.0"


class DiagnosisDocument(BaseModel):
    """What ``reconciler doctor --json`` prints. Fields may be added in later versions of the same format_version."""

    model_config = ConfigDict(**PRINTED, frozen=True)

    format_version: Literal["1.0"]
    timestamp: str
    subject: Annotated[DiagnosisSubject | None, Field(description="None where an answer was explained (--explain).")]
    checks: tuple[CheckResult, ...]
    exit_code: int


def diagnosis_json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis as JSON, with when it was made to the second."""
    document = DiagnosisDocument(
        format_version=FORMAT_VERSION,
        timestamp=utc_text(diagnosis.taken_at),
        subject=diagnosis.subject,
        checks=diagnosis.checks,
        exit_code=diagnosis.exit_code,
    )
    return json.dumps(document.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def diagnosis_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what ``doctor --json`` prints."""
    return schema_of(DiagnosisDocument, "Diagnosis")


def diagnosis_schema_text() -> str:
    """Return the schema as the text of ``schema/diagnosis.schema.json``."""
    return schema_text("diagnosis", diagnosis_schema())
