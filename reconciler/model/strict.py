"""The base of every model of a file that people write: nothing unknown, nothing changed later, keys in camel case."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


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
