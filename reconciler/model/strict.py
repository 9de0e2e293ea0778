"""The base of every model of a file that people write: nothing unknown, nothing changed later, keys in camel case."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema


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


class WithoutTitles(GenerateJsonSchema):
    """Leave out the titles that pydantic makes up from field names; editors show the key itself."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Say no."""
        del schema
        return False


def several(value: Any) -> Any:
    """Return a text alone as a list of one, for fields that take one or several."""
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value
