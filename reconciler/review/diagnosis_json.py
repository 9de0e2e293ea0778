"""A diagnosis for programs, and its JSON Schema."""

import json
from typing import Any

from reconciler.model.diagnosis import Diagnosis
from reconciler.review.diagnosis_document import DiagnosisDocument
from reconciler.review.plan_schema import schema_of


def diagnosis_json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis as JSON."""
    document = DiagnosisDocument.of(diagnosis)
    return json.dumps(document.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def diagnosis_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what ``doctor --json`` prints."""
    return schema_of(DiagnosisDocument, "Diagnosis")


def diagnosis_schema_text() -> str:
    """Return the schema as the text of ``schema/diagnosis.schema.json``."""
    return json.dumps(diagnosis_schema(), indent=2, ensure_ascii=False) + "\n"
