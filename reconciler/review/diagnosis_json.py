"""A diagnosis for programs, and its JSON Schema."""

import json
from dataclasses import asdict
from typing import Any

from reconciler.model.diagnosis import Cause, CheckResult, Diagnosis
from reconciler.model.manifest import utc_text
from reconciler.review.diagnosis_document import (
    FORMAT_VERSION,
    CauseDocument,
    CheckDocument,
    DiagnosisDocument,
    SubjectDocument,
)
from reconciler.review.plan_schema import schema_of


def diagnosis_json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis as JSON."""
    document = DiagnosisDocument(
        format_version=FORMAT_VERSION,
        timestamp=utc_text(diagnosis.taken_at),
        subject=SubjectDocument(**asdict(diagnosis.subject)) if diagnosis.subject else None,
        checks=tuple(_check(check) for check in diagnosis.checks),
        exit_code=diagnosis.exit_code,
    )
    return json.dumps(document.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def diagnosis_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what ``doctor --json`` prints."""
    return schema_of(DiagnosisDocument, "Diagnosis")


def diagnosis_schema_text() -> str:
    """Return the schema as the text of ``schema/diagnosis.schema.json``."""
    return json.dumps(diagnosis_schema(), indent=2, ensure_ascii=False) + "\n"


def _check(check: CheckResult) -> CheckDocument:
    return CheckDocument(
        name=check.name,
        status=check.status,
        summary=check.summary,
        causes=tuple(map(_cause, check.causes)),
        evidence=dict(check.evidence),
    )


def _cause(cause: Cause) -> CauseDocument:
    return CauseDocument(code=cause.code, cause=cause.what, remedy=cause.remedy, certain=cause.certain, tell=cause.tell)
