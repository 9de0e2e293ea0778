"""Snapshots as JSON files, which people can read and edit."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any

from reconciler.model.observed import (
    ClientObservation,
    Effective,
    OrganizationObservation,
    ProviderObservation,
    ReadFailure,
    RealmObservation,
    Snapshot,
)

_WIDTH = 110
_HOLE = "hole"


def snapshot_text(snapshot: Snapshot) -> str:
    """Return the snapshot as JSON; what is as it would be without a word is left out."""
    return _pretty(_plain(snapshot)) + "\n"


def read_snapshot(text: str) -> Snapshot:
    """Return the snapshot that the JSON describes."""
    whole = json.loads(text)
    realm = whole.get("realm")
    return Snapshot(
        taken_at=datetime.fromisoformat(whole["taken_at"]),
        realm=RealmObservation(**_realm(realm)) if realm else None,
        organizations={
            alias: OrganizationObservation(**_parts(each)) for alias, each in whole.get("organizations", {}).items()
        },
        clients={name: ClientObservation(**_parts(each)) for name, each in whole.get("clients", {}).items()},
        members={alias: _part(names) for alias, names in whole.get("members", {}).items()},
        managed={alias: tuple(names) for alias, names in whole.get("managed", {}).items()},
        effective={
            name: _part(each) if _HOLE in each else Effective.model_validate_json(json.dumps(each))
            for name, each in whole.get("effective", {}).items()
        },
        identity_providers={
            alias: ProviderObservation(**each) for alias, each in whole.get("identity_providers", {}).items()
        },
        written={alias: datetime.fromisoformat(moment) for alias, moment in whole.get("written", {}).items()},
    )


def _realm(whole: dict[str, Any]) -> dict[str, Any]:
    mappings = {name: tuple(roles) for name, roles in whole.get("scope_mappings", {}).items()}
    return _parts(whole) | {"scope_mappings": mappings}


def _parts(whole: dict[str, Any]) -> dict[str, Any]:
    return {key: _part(value) for key, value in whole.items()}


def _part(value: Any) -> Any:
    # Inside a representation lists stay lists, as Keycloak's JSON has them.
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict) and value.keys() == {_HOLE}:
        return ReadFailure(**value[_HOLE])
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, ReadFailure):
        return {_HOLE: _fields(value)}
    if isinstance(value, Effective):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _fields(value: Any) -> dict[str, Any]:
    found = {}
    for field in fields(value):
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        inner = getattr(value, field.name)
        if (field.default is MISSING and field.default_factory is MISSING) or inner != default:
            found[field.name] = _plain(inner)
    return found


def _pretty(value: Any, indent: str = "") -> str:
    """Return JSON that keeps on one line what fits on one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= _WIDTH or not value or not isinstance(value, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{deeper}{json.dumps(key)}: {_pretty(inner, deeper)}" for key, inner in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + _pretty(inner, deeper) for inner in value) + f"\n{indent}]"
