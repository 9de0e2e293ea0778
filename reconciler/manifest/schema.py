"""Describe a manifest document as JSON Schema, for editors and other programs."""

from typing import Any

from pydantic import TypeAdapter

from reconciler.model.manifest import API_VERSION, Manifest
from reconciler.model.strict import WithoutTitles, schema_text


def manifest_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one document of a manifest file."""
    schema: dict[str, Any] = TypeAdapter(Manifest).json_schema(by_alias=True, schema_generator=WithoutTitles)
    kinds = schema.pop("discriminator")["mapping"]
    definitions = schema.pop("$defs")
    return {
        "title": "Manifest",
        "description": "One document of a manifest file: an integration organization, or the realm they live in.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {
            "apiVersion": {"const": API_VERSION, "description": "The version of this format."},
            "kind": {"enum": sorted(kinds), "description": "What the document declares."},
        },
        "oneOf": [{"$ref": kinds[kind]} for kind in sorted(kinds)],
        "$defs": definitions,
    }


def manifest_schema_text() -> str:
    """Return the schema as the text of ``schema/manifest.schema.json``."""
    return schema_text("manifest", manifest_schema())
