"""Describe a manifest document, and an overlay, as JSON Schema, for editors and other programs.

An overlay is a manifest of which nothing is required, and every key may be null.
"""

from typing import Any, Final

from pydantic import TypeAdapter

from reconciler.manifest.overlay import DIRECTIVE
from reconciler.manifest.read import OVERLAY
from reconciler.model.manifest import API_VERSION, LISTS, GroupReference, IntegrationOrganization, Manifest
from reconciler.model.strict import Strict, WithoutTitles, schema_text

_MERGED: Final[tuple[type[Strict], ...]] = (*LISTS.values(), GroupReference)
_ITEMS: Final = {item.__name__: str(item.model_fields[item.IDENTITY].alias) for item in _MERGED}
"""Items of lists that merge, by the names of their definitions, with the key that names one."""

_DIRECTIVES: Final = {
    "enum": ["add", "delete", "replace"],
    "description": "add: the item is new. delete: it goes. replace, alone in an item: the list is emptied first.",
}


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


def overlay_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one overlay document."""
    schema = manifest_schema()
    whole = IntegrationOrganization.model_json_schema(by_alias=True, schema_generator=WithoutTitles)
    definitions = {name: _patch(name, definition) for name, definition in whole.pop("$defs").items()}
    organization = _patch(IntegrationOrganization.__name__, whole)
    definitions["OrganizationMetadata"]["required"] = ["name"]
    definitions["OrganizationMetadata"]["properties"]["name"] = {"type": "string", "description": "Whom it changes."}
    organization["properties"]["metadata"] = {"$ref": "#/$defs/OrganizationMetadata"}
    organization["properties"]["kind"] = {"const": OVERLAY, "description": "What the document is."}
    organization["properties"]["apiVersion"] = schema["properties"]["apiVersion"]
    return {
        **organization,
        "title": "Overlay",
        "description": "What one environment changes in the manifest of an organization, as a JSON merge patch.",
        "required": ["apiVersion", "kind", "metadata"],
        "$defs": definitions,
    }


def overlay_schema_text() -> str:
    """Return the schema as the text of ``schema/overlay.schema.json``."""
    return schema_text("overlay", overlay_schema())


def _patch(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    """Return the definition as a patch: null removes a key, and what is left out stays as it is."""
    if "properties" not in definition:
        return definition
    properties = {
        key: {"anyOf": [{k: v for k, v in each.items() if k != "default"}, {"type": "null"}]}
        for key, each in definition["properties"].items()
    }
    patch = {key: value for key, value in definition.items() if key != "required"} | {"properties": properties}
    if name in _ITEMS:
        patch["properties"] |= {DIRECTIVE: _DIRECTIVES, _ITEMS[name]: definition["properties"][_ITEMS[name]]}
    return patch
