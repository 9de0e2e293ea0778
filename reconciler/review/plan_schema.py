"""Describe a plan as JSON Schema, for policies and other programs."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic_core import core_schema

from reconciler.model.strict import WithoutTitles, schema_text
from reconciler.review.plan_document import PlanDocument


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what ``plan --json`` prints and ``plan --out`` saves."""
    return schema_of(PlanDocument, "Plan")


def plan_schema_text() -> str:
    """Return the schema as the text of ``schema/plan.schema.json``."""
    return schema_text("plan", plan_schema())


class _OfDocuments(WithoutTitles):
    """A key that is not left out is always there, whether or not the value of the model has a default."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> dict[str, Any]:
        """Describe the fields in the order in which they are printed."""
        schema["schema"]["fields"].sort(key=lambda each: schema["fields"].index(each["name"]))
        return super().dataclass_schema(schema)

    def field_is_required(self, field: Any, total: bool) -> bool:
        """Tell whether the key is always there."""
        if field["type"] == "dataclass-field":
            return "serialization_exclude_if" not in field
        return super().field_is_required(field, total)

    def dataclass_field_schema(self, schema: core_schema.DataclassField) -> dict[str, Any]:
        """Describe the field, with no default where the key is always there."""
        inner = schema["schema"]
        if inner["type"] == "default" and self.field_is_required(schema, total=True):
            inner = inner["schema"]
        return self.generate_inner(inner)


def schema_of(document: type[BaseModel], title: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document that we print; its parts are called by their titles."""
    schema: dict[str, Any] = document.model_json_schema(mode="serialization", schema_generator=_OfDocuments)
    text = json.dumps(schema)
    for name, part in schema["$defs"].items():
        text = text.replace(f'"#/$defs/{name}"', f'"#/$defs/{part.get("title", name)}"')
    schema = json.loads(text)
    parts = {part.get("title", name): part for name, part in schema["$defs"].items()}
    return schema | {"$defs": dict(sorted(parts.items())), "title": title}
