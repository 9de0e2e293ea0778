"""Parts of the documents that we print, and the one way between them and the model.

A part mirrors a class of the model: it has the same fields, and a key that is called otherwise in JSON is an alias.
Only what a document says twice, or leaves out, is written down beside it (``said`` and ``meant``).
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, WithJsonSchema

from reconciler.model.address import Address


def _address(value: Any) -> Address:
    return value if isinstance(value, Address) else Address.parse(str(value))


_AsText: Final = (PlainValidator(_address), PlainSerializer(str, return_type=str))
AddressText = Annotated[Address, *_AsText, WithJsonSchema({"type": "string", "examples": ["organization/acme-motors"]})]
"""An address; in JSON, as it prints."""
AddressKey = Annotated[Address, *_AsText, WithJsonSchema({"type": "string"})]
"""An address as a key of an object."""

_PARTS: Final[dict[type, "type[Part]"]] = {}
_M = TypeVar("_M")


class Part(BaseModel):
    """Any part of a document: immutable, and with no key that is not described."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True, serialize_by_alias=True
    )
    mirrors: ClassVar[type[Any] | None] = None
    """The class of the model that it is the document of; None where it is a part of such a one."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Take note of what the part mirrors."""
        super().__pydantic_init_subclass__(**kwargs)
        if mirrored := cls.__dict__.get("mirrors"):
            _PARTS[mirrored] = cls

    @classmethod
    def of(cls, value: Any, **more: Any) -> Self:
        """Return the part of a value of the model; ``more`` is what only the caller knows."""
        same = {name: part_of(getattr(value, name)) for name in cls.model_fields if hasattr(value, name)}
        return cls.model_validate({**same, **cls.said(value), **more}, by_alias=False, by_name=True)

    @classmethod
    def said(cls, value: Any) -> Mapping[str, Any]:
        """Return the fields of the document that the value has not, or has otherwise."""
        del value
        return {}

    def model(self, cls: type[_M]) -> _M:
        """Return the value of the model."""
        shared = [field.name for field in fields(cast("Any", cls)) if field.name in type(self).model_fields]
        return cls(**{name: model_of(getattr(self, name)) for name in shared} | dict(self.meant()))

    def meant(self) -> Mapping[str, Any]:
        """Return the fields of the value that the document has not, or has otherwise."""
        return {}


def part_of(value: Any) -> Any:
    """Return a value of the model as what a document holds; what no part mirrors is the same in both."""
    if isinstance(value, tuple):
        return tuple(map(part_of, value))
    if isinstance(value, Mapping):
        return {key: part_of(inner) for key, inner in value.items()}
    part = _PARTS.get(type(value))
    return value if part is None else part.of(value)


def model_of(value: Any) -> Any:
    """Return what a document holds as a value of the model."""
    if isinstance(value, Part):
        return value.model(value.mirrors) if value.mirrors else value
    if isinstance(value, tuple):
        return tuple(map(model_of, value))
    if isinstance(value, Mapping):
        return {key: model_of(inner) for key, inner in value.items()}
    return value


def is_none(value: object) -> bool:
    """Tell whether a key can be left out: where it is, the value is None."""
    return value is None


def is_empty(value: object) -> bool:
    """Tell whether a key can be left out: where it is, the value is empty, or false."""
    return not value
