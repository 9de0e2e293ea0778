"""Which fields hold partners, and what readers know those by that stand in one."""

from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.kinds.registry import KINDS
from reconciler.model.value import Value

PARTNER_FIELDS: Final = frozenset().union(*(kind.fields.of_partners for kind in KINDS.values()))


def names_in(path: str, values: Iterable[Value], names: Mapping[str, str]) -> Mapping[str, str]:
    """Return the names of the partners that a field's values hold, by UUID; none where it holds no partners."""
    if path not in PARTNER_FIELDS:
        return {}
    held = {str(item) for value in values if isinstance(value, tuple) for item in value}
    return {uuid: names[uuid] for uuid in sorted(held & names.keys())}
