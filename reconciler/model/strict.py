"""The base of every model of a file that people write: nothing unknown, nothing changed later, keys in camel case."""

import json
from typing import Annotated, Any, ClassVar, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema

from reconciler.model.address import Address


class Strict(BaseModel):
    """Refuse unknown keys; a field's docstring becomes its description in the JSON Schema."""

    IDENTITY: ClassVar[str] = ""
    """The field that tells an item of a list from the others; empty for what is no item."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


PRINTED: Final = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True, serialize_by_alias=True)
"""How values stand in the documents that we print: by aliases, and described by the docstrings of their fields."""


def printed_as(title: str) -> ConfigDict:
    """Return how a class of values stands in documents; ``title`` is what their schema calls it."""
    return ConfigDict(**PRINTED, title=title)


AddressKey: TypeAlias = Annotated[Address, WithJsonSchema({"type": "string"})]
"""An address as a key of an object in JSON."""


def is_none(value: object) -> bool:
    """Tell whether a key can be left out: where it is, the value is None."""
    return value is None


def is_empty(value: object) -> bool:
    """Tell whether a key can be left out: where it is, the value is empty, or false."""
    return not value


class WithoutTitles(GenerateJsonSchema):
    """Leave out the titles that pydantic makes up from field names; editors show the key itself."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Say no."""
        del schema
        return False


def schema_text(name: str, schema: dict[str, Any]) -> str:
    """Return a JSON Schema (draft 2020-12) as the text of ``schema/NAME.schema.json``, with its dialect and its id."""
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"urn:nt24:reconciler:v1:{name}"}
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"


def several(value: Any) -> Any:
    """Return a text alone as a list of one, for fields that take one or several."""
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value
