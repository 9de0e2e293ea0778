"""The JSON Schema describes what the loader accepts, and is checked in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.manifest.explain import RULES
from reconciler.manifest.schema import manifest_schema, manifest_schema_text

CHECKED_IN = Path(__file__).parents[3] / "schema" / "manifest.schema.json"


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from parts(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from parts(part)


SCHEMA = manifest_schema()
MODELS = [each for each in SCHEMA["$defs"].values() if each.get("type") == "object"]


def test_the_checked_in_schema_is_the_generated_one() -> None:
    assert CHECKED_IN.read_text(encoding="utf-8") == manifest_schema_text(), "run: make schema"


def test_the_schema_names_its_draft() -> None:
    printed = json.loads(manifest_schema_text())
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert printed["$id"] == "urn:nt24:reconciler:v1:manifest"


def test_every_reference_leads_somewhere() -> None:
    references = {part["$ref"] for part in parts(SCHEMA) if isinstance(part.get("$ref"), str)}
    assert references <= {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["title"])
def test_every_mapping_refuses_unknown_keys_and_explains_its_own(model: dict[str, Any]) -> None:
    assert model["additionalProperties"] is False
    assert model["description"]
    # What only refers to a mapping is explained there.
    undescribed = [name for name, part in model["properties"].items() if not {"description", "$ref"} & set(part)]
    assert undescribed == []


def test_each_kind_is_told_apart_by_its_name() -> None:
    kinds = [SCHEMA["$defs"][each["$ref"].rpartition("/")[2]] for each in SCHEMA["oneOf"]]
    assert [each["properties"]["kind"]["const"] for each in kinds] == [
        "IntegrationOrganization",
        "PartnerGroup",
        "Profile",
        "Realm",
    ]


def test_every_pattern_is_explained_in_words() -> None:
    durations = {part["pattern"] for part in parts(SCHEMA) if "90d" in str(part.get("examples")) and "pattern" in part}
    patterns = {part["pattern"] for part in parts(SCHEMA) if isinstance(part.get("pattern"), str)}
    assert patterns - durations <= set(RULES)


def test_the_text_is_json_with_a_final_newline() -> None:
    assert json.loads(manifest_schema_text()).items() >= SCHEMA.items()
    assert manifest_schema_text().endswith("}\n")
