"""Adoption: an object that others have set up loses nothing that a program relies on, unless its manifest says so."""

import json
import re
from collections.abc import Iterator
from typing import Final

from reconciler.kinds.adoption import can_be_dropped, losses, split_drop
from reconciler.kinds.marks import is_rule
from reconciler.model.address import Address, Kind
from reconciler.model.value import Fields
from reconciler.plan.rows import Row

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*", re.ASCII)
"""Names that need no quotes in YAML."""


def adoption_obstacle(row: Row, before: Fields, after: Fields) -> str:
    """Return why the object cannot be adopted: what is set, what relies on it, and what to write. Empty if it can."""
    found: dict[str, list[str]] = {}
    for path, loss in losses(row.address.kind, before, after):
        is_open = is_rule(path) or path in row.unsaid
        if loss.is_relied_on and is_open and not _is_dropped(row.address, path, row.drop):
            found.setdefault(loss.risk.why.rstrip("."), []).append(path)
    if not found:
        return ""
    paths = sorted(path for group in found.values() for path in group)
    what = "; ".join(f"{', '.join(group)} ({why[0].lower()}{why[1:]})" for why, group in found.items())
    return f"adopting it would take away what was set: {what}. {' '.join(_ways_out(row, paths))}"


def _ways_out(row: Row, paths: list[str]) -> Iterator[str]:
    if unsaid := [path for path in paths if path in row.unsaid]:
        yield f"Declare {', '.join(unsaid)}."
    if known := [path for path in paths if can_be_dropped(row.address.kind, path)]:
        entries = ", ".join(path if _PLAIN.fullmatch(path) else json.dumps(path, ensure_ascii=False) for path in known)
        yield f"What may go: lifecycle: {{adopt: {{drop: [{entries}]}}}}."
    if unknown := [path for path in paths if not can_be_dropped(row.address.kind, path)]:
        yield f"Remove {', '.join(unknown)} in Keycloak."


def _is_dropped(address: Address, path: str, drop: tuple[str, ...]) -> bool:
    return any(f"{path}.".startswith(f"{field}.") for field in _meant(address, drop))


def _meant(address: Address, drop: tuple[str, ...]) -> Iterator[str]:
    """Yield the fields of the resource that the entries name; an entry without a client is for all that have it."""
    for entry in drop:
        client_id, field = split_drop(entry)
        if client_id is None or (address.kind is Kind.CLIENT and client_id in {"*", address.name}):
            yield field
