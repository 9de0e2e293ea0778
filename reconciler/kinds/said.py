"""What a part of a manifest says of the fields of a kind: a path leads through the models by the keys of files."""

from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from reconciler.kinds.field import FieldTable
from reconciler.model.manifest import TimedFlag, utc_text
from reconciler.model.strict import Strict
from reconciler.model.value import Value, unordered


def said(part: Strict, table: FieldTable) -> dict[str, Value]:
    """Return what the part says of the fields; what it leaves out is not there, nor is what is empty by default."""
    found = ((row.path, _value_at(part, row.path)) for row in table.rows if row.is_said)
    return {path: value for path, value in found if value is not None}


def unsaid(part: Strict, table: FieldTable) -> frozenset[str]:
    """Return the fields that the part could say, but leaves to their defaults."""
    return frozenset(
        path for path in table.said if any(name not in owner.model_fields_set for owner, name in _way(part, path))
    )


def _value_at(part: Strict, path: str) -> Value:
    owner, name = _way(part, path)[-1]
    value = getattr(owner, name)
    if value in ("", ()) and value == type(owner).model_fields[name].default:
        return None
    return unordered(map(_plain, value)) if isinstance(value, tuple) else _plain(value)


def _way(part: Strict, path: str) -> list[tuple[Strict, str]]:
    """Return the models that lead to a field, each with its attribute, as far as there is a value."""
    way: list[tuple[Strict, str]] = []
    here: Strict | None = part
    for key in path.split("."):
        if here is None:
            break
        name = _attributes(type(here))[key]
        way.append((here, name))
        here = getattr(here, name)
    return way


@cache
def _attributes(model: type[Strict]) -> dict[str, str]:
    return {str(info.alias): name for name, info in model.model_fields.items()}


def _plain(value: Any) -> Any:
    match value:
        case TimedFlag():
            return value.value
        case Strict():
            return str(getattr(value, value.IDENTITY))
        case Enum():
            return value.value
        case datetime():
            return utc_text(value)
        case UUID():
            return str(value)
        case _:
            return value
