"""The words that findings share: values, days and partners."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from reconciler.model.text import counted
from reconciler.model.value import Value

_NAMED: Final = 5
"""Partners that a sentence names before it only counts."""
_DAY: Final = timedelta(days=1)


def said(value: Value) -> str:
    """Return a value as a sentence names it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else f"'{value}'"


def day(moment: datetime) -> str:
    """Return a moment as a day, with the time where that says more."""
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return f"{moment:%Y-%m-%d}" if midnight else f"{moment:%Y-%m-%d %H:%M} UTC"


def days(length: timedelta) -> str:
    """Return a length of time as whole days."""
    number = length // _DAY
    return "less than a day" if number == 0 else counted(number, "day")


def partner_list(uuids: Iterable[str], names: Mapping[str, str]) -> str:
    """Return partners as a sentence names them: ``Garage du Lac (CH) 7d1f…``, a few of them whole."""
    found = sorted(uuids)
    shown = ", ".join(f"{names[uuid]} {uuid}" if uuid in names else uuid for uuid in found[:_NAMED])
    return f"{shown} and {len(found) - _NAMED} more" if len(found) > _NAMED else shown


def as_set(value: Value) -> frozenset[str]:
    """Return the members of a field that is a set."""
    return frozenset(map(str, value)) if isinstance(value, tuple) else frozenset()
