"""Describe a plan as JSON Schema, for policies and other programs."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from reconciler.model.strict import WithoutTitles
from reconciler.review.plan_document import PlanDocument


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what ``plan --json`` prints and ``plan --out`` saves."""
    return schema_of(PlanDocument, "Plan")


def plan_schema_text() -> str:
    """Return the schema as the text of ``schema/plan.schema.json``."""
    return json.dumps(plan_schema(), indent=2, ensure_ascii=False) + "\n"


def schema_of(document: type[BaseModel], title: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document that we print."""
    schema = document.model_json_schema(mode="serialization", schema_generator=WithoutTitles)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": title}
