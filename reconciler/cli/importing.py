"""The parts of ``reconciler import`` that make no request: names of files, what is declared already, the report."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from reconciler.manifest.from_live import Imported, LeftOut
from reconciler.manifest.load import load
from reconciler.model.address import Address
from reconciler.model.errors import ManifestError
from reconciler.model.manifest import DesiredState
from reconciler.review.labels import counted, visible

REALM_FILE: Final = "realm.yaml"
SCHEMA_FILE: Final = "manifest.schema.json"
_OTHERS: Final = ("", "schema")
"""Folders, beside and above the manifests, in which the JSON Schema may lie already."""


def file_names(desired: DesiredState) -> tuple[str, ...]:
    """Return a file's name for each manifest: the realm's, if it is declared, then each organization's."""
    if desired.realm is None:
        return tuple(f"{each.name}.yaml" for each in desired.organizations)
    # An alias never contains an underscore.
    names = (f"{each.name}.yaml" for each in desired.organizations)
    return (REALM_FILE, *("realm_.yaml" if name == REALM_FILE else name for name in names))


def schema_file(out: Path) -> tuple[str, bool]:
    """Return the reference to the JSON Schema, relative to ``out``, and whether it must be written there first."""
    here = out.resolve()
    for folder in (here, *here.parents):
        for other in _OTHERS:
            if (folder / other / SCHEMA_FILE).is_file():
                return Path(os.path.relpath(folder / other / SCHEMA_FILE, here)).as_posix(), False
        if (folder / ".git").exists():
            break
    return SCHEMA_FILE, True


def without_declared(found: Imported, out: Path) -> Imported:
    """Leave out what another file of ``out`` declares already: two would contradict each other."""
    try:
        sources = load([out]).sources
    except ManifestError:
        # The folder is missing, or holds nothing or nothing valid: nothing to contradict.
        return found
    names = dict(zip(found.addresses, file_names(found.desired), strict=True))
    places = {address: sources.at(address) for address in names}
    twice = {a: place for a, place in places.items() if place and Path(place.file) != out / names[a]}
    organizations = [o for o in found.desired.organizations if Address.organization(o.name) not in twice]
    realm = found.desired.realm
    return replace(
        found,
        desired=DesiredState(
            realm=None if realm is None or Address.realm(realm.name) in twice else realm,
            organizations=tuple(organizations),
        ),
        left_out=(
            *found.left_out,
            *(LeftOut(address, (f"It is declared already, in {place}.",)) for address, place in twice.items()),
        ),
    )


def left_out_text(left_out: Iterable[LeftOut]) -> str:
    """Return what was left out, with every reason; empty if nothing was."""
    items = list(left_out)
    if not items:
        return ""
    lines = [f"Left out: {counted(len(items), 'object')}."]
    for item in items:
        lines += [f"  {item.address}", *(f"    {visible(reason)}" for reason in item.reasons)]
    return "\n".join([*lines, "Correct them in Keycloak, then import again.", ""])
