"""The base of every model of a file that people write: nothing unknown, nothing changed later, keys in camel case."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Strict(BaseModel):
    """Refuse unknown keys; a field's docstring becomes its description in the JSON Schema."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )
