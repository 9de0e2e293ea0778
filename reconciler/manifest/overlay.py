"""Overlays: what one environment changes in the manifests, as JSON merge patches (RFC 7396) by organization.

Lists whose items have an identity merge by it instead of being replaced: clients by ``clientId``, partners by ``uuid``
or ``group``, webhooks by ``name``. An item changes the one that is there; with ``$patch: delete`` that goes, and only
with ``$patch: add`` a new one comes. An item that says only ``$patch: replace`` empties the list first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.kinds.registry import kinds_in
from reconciler.manifest.document import Document
from reconciler.manifest.explain import closest
from reconciler.manifest.positions import Spot, Step, path_text
from reconciler.manifest.read import OVERLAY
from reconciler.model.errors import Problem
from reconciler.model.manifest import API_VERSION, ITEM_KEYS
from reconciler.model.text import quoted

DIRECTIVE: Final = "$patch"
_ADD: Final = "add"
_DELETE: Final = "delete"
_REPLACE: Final = "replace"
_CHANGE: Final = object()
"""What an item means that has no directive."""

_IDENTITIES: Final[dict[tuple[Step, ...], str]] = {("spec", name): key for name, key in ITEM_KEYS.items()}
"""Per list that merges: the key that names an item."""
_PARTNERS: Final = ("spec", "authorizedPartners")
_GROUP: Final = "group"
"""What names an item of partners that stands for a group of them."""


def overlaid(
    manifests: Sequence[Document],
    overlays: Sequence[Document],
    completed: Callable[[Document, Document | None], Document] = lambda manifest, _: manifest,
) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
    """Return the manifests with the overlays applied, and what is wrong with the overlays themselves.

    A manifest is ``completed`` with what is below it before its overlay changes it.

    What the merged documents break is found later, by the rules for manifests; their places tell the overlay's lines
    from the manifest's.
    """
    by_name: dict[str, Document] = {}
    problems: list[Problem] = []
    names = {name for name in map(name_of, manifests) if name is not None}
    for overlay in overlays:
        problems += overlay.problems
        refused = _refusal(overlay, names, by_name)
        if refused is not None:
            problems.append(refused)
        else:
            by_name[str(name_of(overlay))] = overlay
    merged: list[Document] = []
    for declared in manifests:
        found = by_name.get(name_of(declared) or "")
        manifest = completed(declared, found)
        if found is None or not isinstance(manifest.value, dict):
            merged.append(manifest)
            continue
        merge = _Merge(found)
        value, root = merge.mapping(manifest.value, manifest.root, *_patch(found), ())
        merged.append(replace(manifest, value=value, root=root))
        problems += merge.problems
    return tuple(merged), tuple(problems)


def _refusal(overlay: Document, names: set[str], seen: dict[str, Document]) -> Problem | None:
    value = overlay.value
    if not isinstance(value, dict) or value.get("kind") != OVERLAY:
        return _problem(overlay, ("kind",), "This is not an overlay.", f"Write kind: {OVERLAY}, or move the file.")
    if value.get("apiVersion") != API_VERSION:
        return _problem(overlay, ("apiVersion",), "The version is unknown.", f"Write apiVersion: {API_VERSION}.")
    name, place = name_of(overlay), ("metadata", "name")
    if name is None:
        remedy = "Add metadata: {name: ...}, the name of an organization."
        return _problem(overlay, place, "The overlay does not name its organization.", remedy)
    if name not in names:
        return _problem(
            overlay,
            place,
            f"No manifest declares the organization {quoted(name)}.",
            f"{closest(name, sorted(names))}Correct the name, or the manifests.",
        )
    if name in seen:
        first = seen[name]
        where = f"{first.file}:{first.root.nearest(place).value.line}"
        return _problem(overlay, place, f"{quoted(name)} has an overlay already, at {where}.", "Keep one of them.")
    return None


def _patch(overlay: Document) -> tuple[dict[str, object], Spot]:
    """Return what the overlay changes, and where it says so, without what says only which overlay it is."""
    value = dict(overlay.value) if isinstance(overlay.value, dict) else {}
    metadata = value.get("metadata")
    patch = {key: item for key, item in value.items() if key not in {"apiVersion", "kind"}}
    patch["metadata"] = {k: v for k, v in metadata.items() if k != "name"} if isinstance(metadata, dict) else {}
    return patch, overlay.root.in_file(overlay.file)


@dataclass(slots=True)
class _Merge:
    """Merge one overlay; a value and the place where it stands go together."""

    overlay: Document
    problems: list[Problem] = field(default_factory=list)

    def mapping(
        self, base: dict[str, object], base_spot: Spot, patch: dict[str, object], spot: Spot, path: tuple[Step, ...]
    ) -> tuple[dict[str, object], Spot]:
        values, children = dict(base), dict(base_spot.children)
        for key, item in patch.items():
            if item is None:
                values.pop(key, None)
                children.pop(key, None)
                continue
            place = spot.children.get(key, spot)
            before = values.get(key), children.get(key, place)
            values[key], children[key] = self._value(*before, item, place, (*path, key))
        return values, base_spot._replace(children=children)

    def _value(
        self, base: object, base_spot: Spot, patch: object, spot: Spot, path: tuple[Step, ...]
    ) -> tuple[object, Spot]:
        if isinstance(patch, dict):
            if isinstance(base, dict):
                return self.mapping(base, base_spot, patch, spot, path)
            return self.mapping({}, spot._replace(children={}), patch, spot, path)
        if isinstance(patch, list) and path in _IDENTITIES:
            items = base if isinstance(base, list) else []
            return self._list(items, base_spot, patch, spot, path)
        return patch, spot

    def _list(
        self, base: list[object], base_spot: Spot, patch: list[object], spot: Spot, path: tuple[Step, ...]
    ) -> tuple[object, Spot]:
        items = [(item, base_spot.children.get(index, base_spot)) for index, item in enumerate(base)]
        is_emptied = False
        for index, item in enumerate(patch):
            place, here = spot.children[index], (*path, index)
            if not isinstance(item, dict):
                items.append((item, place))
                continue
            directive = item.get(DIRECTIVE, _CHANGE)
            key = _GROUP if path == _PARTNERS and _GROUP in item else _IDENTITIES[path]
            if directive == _REPLACE and len(item) == 1:
                items, is_emptied = [], True
            elif directive not in (_CHANGE, _ADD, _DELETE):
                allowed = f"Allowed: {DIRECTIVE}: add or delete beside {key}; {DIRECTIVE}: replace alone."
                self._refuse((*here, DIRECTIVE), "This directive is unknown.", allowed)
            elif not isinstance(item.get(key), str):
                self._refuse(here, f"The item has no {key}.", f"Add {key}.")
            else:
                # What follows on an emptied list can only be meant to be new.
                meant = _ADD if is_emptied and directive == _CHANGE else directive
                content = {name: value for name, value in item.items() if name != DIRECTIVE}
                items = self._merged_item(items, content, place, here, (key, meant))
        values = [item for item, _ in items]
        spots: dict[Step, Spot] = {index: found for index, (_, found) in enumerate(items)}
        outer = base_spot if base else spot
        return values, outer._replace(children=spots)

    def _merged_item(
        self,
        items: list[tuple[object, Spot]],
        patch: dict[str, object],
        spot: Spot,
        path: tuple[Step, ...],
        meant: tuple[str, object],
    ) -> list[tuple[object, Spot]]:
        key, directive = meant
        name = str(patch[key])
        found = next((index for index, (item, _) in enumerate(items) if _same(item, patch, key)), None)
        if directive == _ADD:
            if found is not None:
                remedy = f"Remove {DIRECTIVE}: add to change it."
                self._refuse((*path, key), f"The {key} {quoted(name)} exists already.", remedy)
                return items
            return [*items, self.mapping({}, spot._replace(children={}), patch, spot, path)]
        if found is None:
            known = [str(item[key]) for item, _ in items if isinstance(item, dict) and isinstance(item.get(key), str)]
            message = f"There is no {key} {quoted(name)} to {'delete' if directive == _DELETE else 'change'}."
            new = "remove the item" if directive == _DELETE else f"write {DIRECTIVE}: add beside it to add a new one"
            self._refuse((*path, key), message, f"{closest(name, known)}Correct it, or {new}.")
            return items
        if directive == _DELETE:
            return [each for index, each in enumerate(items) if index != found]
        item, place = items[found]
        merged = self.mapping(dict(item) if isinstance(item, dict) else {}, place, patch, spot, path)
        return [merged if index == found else each for index, each in enumerate(items)]

    def _refuse(self, path: Sequence[Step], message: str, remedy: str) -> None:
        self.problems.append(_problem(self.overlay, path, message, remedy))


def _same(item: object, patch: dict[str, object], key: str) -> bool:
    name = item.get(key) if isinstance(item, dict) else None
    return isinstance(name, str) and name.casefold() == str(patch[key]).casefold()


def name_of(document: Document) -> str | None:
    """Return the organization that a manifest or an overlay is about, as far as it says so."""
    value = document.value if isinstance(document.value, dict) else {}
    metadata, kinds = value.get("metadata"), kinds_in(str(value.get("kind")))
    name = metadata.get("name") if isinstance(metadata, dict) else None
    is_realm = bool(kinds) and bool(kinds[0].default_name)
    return name if isinstance(name, str) and not is_realm else None


def _problem(overlay: Document, path: Sequence[Step], message: str, remedy: str) -> Problem:
    mark = overlay.root.nearest(path).value
    return Problem(overlay.file, *mark, path_text(path), message, remedy)
