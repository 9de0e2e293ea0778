"""Adoption: an object that others have set up loses nothing that a program relies on, unless its manifest says so."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.kinds.adoption_losses import can_be_dropped, losses, split_drop
from reconciler.kinds.marks import is_rule
from reconciler.kinds.registry import kind_of
from reconciler.kinds.row import Row
from reconciler.model.address import Address
from reconciler.model.risk import Risk
from reconciler.model.value import Fields

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*", re.ASCII)
"""Names that need no quotes in YAML."""
_FEW: Final = 3
"""How many of those that there may be any number of get an entry each; beyond, one entry means them all."""


# docs/decisions.md, 110: why adopting takes nothing away that a program relies on.
def adoption_obstacle(row: Row, before: Fields, after: Fields, may_go: Sequence[str]) -> str:
    """Return why the object cannot be adopted: what is set, what relies on it, and what to write. Empty if it can.

    ``may_go`` are the entries of ``lifecycle.adopt.drop`` for all that the manifest declares.
    """
    found: dict[str, list[str]] = {}
    for path, risk in _blocking(row, before, after):
        found.setdefault(risk.why.rstrip("."), []).append(path)
    if not found:
        return ""
    paths = sorted(path for group in found.values() for path in group)
    what = "; ".join(f"{', '.join(group)} ({why[0].lower()}{why[1:]})" for why, group in found.items())
    return f"adopting it would remove what was set: {what}. {' '.join(_ways_out(row, paths, may_go))}"


def entries_to_drop(row: Row, before: Fields, after: Fields) -> tuple[str, ...]:
    """Return the entries of ``lifecycle.adopt.drop`` that let the object be adopted, and mean no other one."""
    kind = kind_of(row.address)
    paths = sorted(path for path, _ in _blocking(row, before, after) if can_be_dropped(kind, path))
    for prefix in kind.fields.many:
        below = [path for path in paths if path.startswith(prefix)]
        if len(below) > _FEW:
            paths = sorted({*paths} - {*below} | {prefix.removesuffix(".")})
    return tuple(kind.entry_to_drop(row.address, path) for path in paths)


def _blocking(row: Row, before: Fields, after: Fields) -> Iterator[tuple[str, Risk]]:
    for path, loss in losses(kind_of(row.address), before, after, row.additions):
        is_open = is_rule(path) or path in row.unsaid
        if loss.is_relied_on and is_open and not _is_dropped(row.address, path, row.drop):
            yield path, loss.risk


def _ways_out(row: Row, paths: list[str], may_go: Sequence[str]) -> Iterator[str]:
    if unsaid := [path for path in paths if path in row.unsaid]:
        yield f"Declare {', '.join(unsaid)}."
    if any(can_be_dropped(kind_of(row.address), path) for path in paths):
        # What the manifest lets go already stays said.
        every = dict.fromkeys((*row.drop, *may_go))
        entries = ", ".join(path if _PLAIN.fullmatch(path) else json.dumps(path, ensure_ascii=False) for path in every)
        yield f"To allow it: lifecycle: {{adopt: {{drop: [{entries}]}}}}."
    if unknown := [path for path in paths if not can_be_dropped(kind_of(row.address), path)]:
        yield f"Remove {', '.join(unknown)} in Keycloak."


def _is_dropped(address: Address, path: str, drop: tuple[str, ...]) -> bool:
    return any(f"{path}.".startswith(f"{field}.") for field in _meant(address, drop))


def _meant(address: Address, drop: tuple[str, ...]) -> Iterator[str]:
    """Yield the fields of the resource that the entries name; an entry without a client is for all that have it."""
    for entry in drop:
        client_id, field = split_drop(entry)
        if kind_of(address).is_meant(address, client_id):
            yield field
