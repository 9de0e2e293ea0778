"""Say where the manifests declare what a plan changes, so that a review can point at the line."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from reconciler.kinds.registry import kind_of
from reconciler.manifest.positions import Sources
from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.origin import Base, SettingChange
from reconciler.model.place import Place
from reconciler.model.plan import Plan


def placed(plan: Plan, sources: Sources, root: Path) -> Plan:
    """Return the plan with the places of its changes and findings; what no manifest declares has none.

    Files below ``root`` are named from there, as code hosts name them when it is the repository's root.
    """
    fields: dict[Address, list[str]] = {finding.address: [] for finding in plan.findings}
    for finding in plan.findings:
        if finding.path:
            fields.setdefault(Address.organization(finding.address.names[0]), []).append(finding.path)
    for change in plan.changes:
        fields.setdefault(change.address, []).extend(field.path for field in change.field_changes)
    found = {address: _places(address, paths, sources) for address, paths in fields.items()}
    for change in plan.changes:
        if found[change.address]:
            found[change.address].update(_of_items(change, sources))
    places = {
        address: {path: replace(place, file=below(place.file, root)) for path, place in places.items()}
        for address, places in found.items()
        if places
    }
    base = plan.base and replace(plan.base, settings=_settings(plan.base, sources, root))
    return replace(plan, places=places, base=base)


def _settings(base: Base, sources: Sources, root: Path) -> tuple[SettingChange, ...]:
    """Return what changes of settings, with the places of those that manifests say."""
    manifests = {f"{address}.": address for address in sources.by_address}

    def at(change: SettingChange) -> SettingChange:
        said = next((start for start in manifests if change.path.startswith(start)), None)
        found = sources.at(manifests[said], "lifecycle.ignoreChanges") if said and change.place is None else None
        return replace(change, place=replace(found, file=below(found.file, root))) if found else change

    return tuple(map(at, base.settings))


def below(file: str, root: Path) -> str:
    """Return the name of a file from ``root`` on, if it is below it; otherwise its name as it is."""
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_absolute() and path.is_relative_to(root) else file


def _of_items(change: Change, sources: Sources) -> Iterator[tuple[str, Place]]:
    """Yield where another file than the manifest itself says what a set gains: a group of partners, or a CSV file."""
    for field in change.field_changes:
        if isinstance(field.after, tuple):
            before = field.before if isinstance(field.before, tuple) else ()
            elsewhere = sources.items_elsewhere(change.address, f"spec.{field.path}")
            new = {str(item) for item in field.after if item not in before} if elsewhere else set[str]()
            yield from ((f"{field.path}[{name}]", elsewhere[name]) for name in sorted(new & elsewhere.keys()))


def _says(address: Address, path: str, sources: Sources) -> bool:
    """Tell whether the field itself is said there: what another file leaves out, no line of it says."""
    parts = path.split(".")
    inside = [sources.at(address, f"spec.{'.'.join(parts[:length])}") for length in range(1, len(parts) + 1)]
    return len(parts) == 1 or inside[-1] != inside[-2]


def _places(address: Address, paths: Iterable[str], sources: Sources) -> dict[str, Place]:
    is_item = bool(kind_of(address).items)
    whole = sources.at(address, "" if is_item else "metadata.name")
    if whole is None:
        return {}
    # What the manifest does not name, such as a hardening rule, would be found at the nearest thing around it.
    around = {sources.at(address), sources.at(address, "spec")}
    places = {"": whole}
    for path in paths:
        place = sources.at(address, path if is_item else f"spec.{path}")
        if place is not None and place not in around and (place.file == whole.file or _says(address, path, sources)):
            places[path] = place
    return places
