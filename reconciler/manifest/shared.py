"""Facts that are said once: profiles, which hold below manifests, and partners by groups and from CSV files.

What comes from elsewhere keeps its file and line, so that errors, reviews and ``show --resolved`` lead there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from pydantic_core import PydanticCustomError

from reconciler.manifest.claims import claims_of, place_of, repeats_of
from reconciler.manifest.content import Unreadable
from reconciler.manifest.document import Document
from reconciler.manifest.explain import closest
from reconciler.manifest.partners_file import COLUMNS, Item, partners_in
from reconciler.manifest.positions import Spot, Step, path_text
from reconciler.manifest.read import Entry, read_manifest
from reconciler.manifest.shape import SHARED
from reconciler.model.errors import Problem
from reconciler.model.manifest import API_VERSION, GroupReference, PartnerGroup, Profile
from reconciler.model.scalars import SLUG, UUID_TEXT, parse_deadline
from reconciler.model.text import quoted

_SPEC: Final = "spec"
_PROFILE: Final = (_SPEC, "profile")
_FILE: Final = "partnersFrom"
_PARTNERS: Final = "authorizedPartners"
_GROUP: Final = "group"
_CLIENTS: Final = "clients"
_CAPABILITIES: Final = "capabilities"
_DEFAULTS: Final = "clientDefaults"
_UUID: Final = "uuid"
_UNTIL: Final = "until"
_NEVER: Final = datetime.max.replace(tzinfo=UTC)

TextOf = Callable[[str, str], tuple[str, str]]
"""Return the name and the text of a file that a document in another file names; raises Unreadable."""


def is_shared(document: Document) -> bool:
    """Tell whether it declares nothing by itself."""
    return _plain(document.value).get("kind") in SHARED


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """The profiles and groups among some documents, by which the others are resolved."""

    entries: tuple[Entry, ...]
    """All of them, valid or not."""
    text_of: TextOf
    _items: dict[tuple[str, str], "_Partners"] = field(default_factory=dict)
    """The partners of groups, by where these stand; read once."""
    _by_name: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep where each stands by its name; of two of one name, the first."""
        for entry in self.entries:
            if isinstance(name := entry.raw("metadata", "name"), str):
                self._by_name.setdefault((entry.kind, name), entry)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with them, and between them."""
        for entry in self.entries:
            yield from entry.problems
        for kind in SHARED:
            entries = [entry for entry in self.entries if entry.kind == kind]
            for first, second in repeats_of(claims_of(entries, ("metadata", "name"))):
                message = f"Duplicate {kind} {quoted(second.value)}; it is declared first at {place_of(first)}."
                yield second.entry.problem(second.steps, message, "Keep one of them.")
            for entry in entries if kind == PartnerGroup.__name__ else ():
                found = self._members(entry)
                yield from found.problems
                if not found.problems and entry.manifest:
                    yield from _repeated(entry, found.items)

    def completed(self, manifest: Document, overlay: Document | None) -> Document:
        """Return the manifest with what its profile says, and it does not; an overlay may name another profile."""
        said = _plain(overlay.value if overlay else None).get(_SPEC)
        document = overlay if overlay and "profile" in _plain(said) else manifest
        name = _plain(_plain(document.value).get(_SPEC)).get("profile")
        spec = _plain(manifest.value).get(_SPEC)
        if not isinstance(name, str) or not isinstance(spec, dict):
            return manifest
        entry = self._named(Profile.__name__, name)
        if entry is None:
            return _with_problem(manifest, self._unknown(Profile.__name__, name, document, _PROFILE))
        if entry.manifest is None:
            return replace(manifest, is_incomplete=True)
        source = entry.document
        below, spot = _plain(_plain(source.value).get(_SPEC)), source.root.nearest((_SPEC,)).in_file(source.file)
        defaults = _plain(below.get(_DEFAULTS)), spot.nearest((_DEFAULTS,))
        own = {key: value for key, value in below.items() if key != _DEFAULTS}
        merged = _filled(spec, manifest.root.nearest((_SPEC,)), own, spot)
        return _with_spec(manifest, *_with_client_defaults(*merged, *defaults, lambda _: True))

    def expanded(self, document: Document) -> Document:
        """Return the manifest, as its overlay has left it, with every partner itself, and no reference any more."""
        spec, spot = _plain(document.value).get(_SPEC), document.root.nearest((_SPEC,))
        if not isinstance(spec, dict) or not {"profile", _PARTNERS, _FILE} & spec.keys():
            return document
        values, children = dict(spec), dict(spot.children)
        if isinstance(name := spec.get("profile"), str):
            del values["profile"], children["profile"]
            entry = self._named(Profile.__name__, name)
            if entry is not None and entry.manifest is not None:
                # A client that the overlay has added had no profile below it yet.
                below = _plain(_plain(entry.document.value).get(_SPEC)).get(_DEFAULTS)
                place = entry.document.root.nearest((_SPEC, _DEFAULTS)).in_file(entry.document.file)
                whole = _with_client_defaults(
                    values, spot._replace(children=children), _plain(below), place, lambda client: bool(client.file)
                )
                values, children = whole[0], dict(whole[1].children)
        partners, at = spec.get(_PARTNERS, []), spot.children.get(_PARTNERS, spot)
        if isinstance(partners, list):
            found = self._all_partners(document, spec, spot)
            document = replace(
                document,
                problems=(*document.problems, *found.problems),
                is_incomplete=document.is_incomplete or found.is_incomplete,
            )
            if isinstance(spec.get(_FILE), str):
                del values[_FILE], children[_FILE]
            if _PARTNERS in spec or found.items:
                values[_PARTNERS] = [item for item, _ in found.items]
                children[_PARTNERS] = at._replace(children={i: place for i, (_, place) in enumerate(found.items)})
        return _with_spec(document, values, spot._replace(children=children))

    def _all_partners(self, document: Document, spec: dict[str, Any], spot: Spot) -> "_Partners":
        """Return the partners of an organization: its own, and those of groups that are not its own as well."""
        own: list[Item] = []
        of_groups: list[Item] = []
        problems: list[Problem] = []
        is_incomplete = False
        at = spot.children.get(_PARTNERS, spot)
        for index, item in enumerate(spec.get(_PARTNERS, [])):
            place = at.children.get(index, at)
            steps = (_SPEC, _PARTNERS, index)
            if isinstance(item, str):
                spot = document.root.nearest(steps)
                is_group = SLUG.fullmatch(item) and not UUID_TEXT.fullmatch(item)
                remedy = f"Write {{{_GROUP if is_group else _UUID}: {item}}}."
                own.append((item, place))
                path = path_text((_SPEC, _PARTNERS, len(own) - 1))
                where = spot.file or document.file, *spot.value, path
                problems.append(Problem(*where, "This is neither a partner nor a group.", remedy))
                continue
            if not isinstance(item, dict) or not (_GROUP in item or _means_group(item)):
                own.append((item, place))
                continue
            if wrong := [*_of_reference(document, item, steps)]:
                problems += wrong
                continue
            entry = self._named(PartnerGroup.__name__, item[_GROUP])
            if entry is None:
                problems.append(self._unknown(PartnerGroup.__name__, item[_GROUP], document, (*steps, _GROUP)))
                continue
            found = self._members(entry)
            if entry.manifest is None or found.problems:
                # What is wrong with it is said where it stands.
                is_incomplete = True
            else:
                of_groups += [_until(each, item, place) for each in found.items]
        listed = self._from_file(document, spec.get(_FILE), (_SPEC, _FILE))
        own += listed.items
        names = {_identity(item) for item, _ in own}
        by_name: dict[object, Item] = {}
        for each in of_groups:
            by_name[_identity(each[0])] = max(by_name.get(_identity(each[0]), each), each, key=_end)
        own += [each for name, each in by_name.items() if name not in names]
        return _Partners(own, [*problems, *listed.problems], is_incomplete)

    def _members(self, entry: Entry) -> "_Partners":
        key = entry.document.file, str(entry.document.root.value)
        if key not in self._items:
            document, steps = entry.document, (_SPEC, "partners")
            spot = document.root.nearest(steps).in_file(document.file)
            own = [(item, spot.children.get(index, spot)) for index, item in enumerate(entry.raw_list(*steps))]
            listed = self._from_file(document, entry.raw(_SPEC, _FILE), (_SPEC, _FILE))
            wrong = [problem for item in listed.items for problem in _of_line(item)]
            self._items[key] = _Partners([*own, *listed.items], [*listed.problems, *wrong])
        return self._items[key]

    def _from_file(self, document: Document, name: object, steps: Sequence[Step]) -> "_Partners":
        if not isinstance(name, str):
            return _Partners([], [])
        spot = document.root.nearest(steps)
        file = spot.file or document.file
        try:
            return _Partners(*partners_in(*self.text_of(file, name)))
        except Unreadable as error:
            why = f"{quoted(name)}: {str(error)[:1].lower()}{str(error)[1:]}"
            return _Partners([], [Problem(file, *spot.value, path_text(steps), why, error.remedy)])

    def _named(self, kind: str, name: str) -> Entry | None:
        return self._by_name.get((kind, name))

    def _unknown(self, kind: str, name: str, document: Document, steps: Sequence[Step]) -> Problem:
        known = [str(each.raw("metadata", "name")) for each in self.entries if each.kind == kind]
        spot = document.root.nearest(steps)
        remedy = f"{closest(name, known)}Declare it (kind: {kind}) in a file or folder that is named: --file PATH."
        message = f"There is no {kind} {quoted(name)}."
        return Problem(spot.file or document.file, *spot.value, path_text(steps), message, remedy)


@dataclass(frozen=True, slots=True)
class _Partners:
    items: list[Item]
    problems: list[Problem]
    is_incomplete: bool = False


def files_named_in(document: Document) -> Iterator[str]:
    """Yield the CSV files that a document names, as it names them."""
    spec = _plain(_plain(document.value).get(_SPEC))
    if isinstance(spec.get(_FILE), str):
        yield spec[_FILE]


def _plain(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _filled(value: dict[str, Any], spot: Spot, below: dict[str, Any], place: Spot) -> tuple[dict[str, Any], Spot]:
    """Return a mapping with what is ``below`` it where it says nothing.

    Of capabilities, each is filled by itself. All else belongs together: one acceptance, one period of rotation.
    """
    values, children = dict(value), dict(spot.children)
    for key, other in below.items():
        if key not in values:
            values[key], children[key] = other, place.children[key]
        elif key == _CAPABILITIES and isinstance(values[key], dict) and isinstance(other, dict):
            values[key], children[key] = _filled(values[key], children[key], other, place.children[key])
    return values, spot._replace(children=children)


def _with_client_defaults(
    spec: dict[str, Any], spot: Spot, below: dict[str, Any], place: Spot, is_meant: Callable[[Spot], bool]
) -> tuple[dict[str, Any], Spot]:
    clients, at = spec.get(_CLIENTS), spot.children.get(_CLIENTS, spot)
    if not below or not isinstance(clients, list):
        return spec, spot
    spots = [at.children.get(index, at) for index in range(len(clients))]
    filled = [
        _filled(client, where, below, place) if isinstance(client, dict) and is_meant(where) else (client, where)
        for client, where in zip(clients, spots, strict=True)
    ]
    children = {**spot.children, _CLIENTS: at._replace(children={i: each for i, (_, each) in enumerate(filled)})}
    return {**spec, _CLIENTS: [client for client, _ in filled]}, spot._replace(children=children)


def _with_spec(document: Document, spec: dict[str, Any], spot: Spot) -> Document:
    root = document.root._replace(children={**document.root.children, _SPEC: spot})
    return replace(document, value={**_plain(document.value), _SPEC: spec}, root=root)


def _with_problem(document: Document, problem: Problem) -> Document:
    return replace(document, problems=(*document.problems, problem))


def _identity(item: object) -> object:
    name = _plain(item).get(_UUID)
    return name.casefold() if isinstance(name, str) else None


def _until(item: Item, reference: dict[str, Any], place: Spot) -> Item:
    """Return a partner of a group that ends no later than the reference to the group."""
    spot = place.children.get(_UNTIL)
    said = {_UNTIL: reference.get(_UNTIL)}
    if spot is None or _end(item) <= _end((said, place)):
        return item
    return {**item[0], **said}, item[1]._replace(children={**item[1].children, _UNTIL: spot})


def _end(item: Item) -> datetime:
    """Return when a partner's grant ends; what says so wrongly is refused later."""
    said = _plain(item[0]).get(_UNTIL)
    try:
        return _NEVER if said is None else parse_deadline(str(said))
    except PydanticCustomError:
        return _NEVER


def _means_group(item: dict[str, Any]) -> bool:
    """Tell whether an item without a UUID has a key that is close to that of a group."""
    return _UUID not in item and any(closest(key, (*COLUMNS, _GROUP)) == closest(_GROUP, (_GROUP,)) for key in item)


def _of_reference(document: Document, item: dict[str, Any], steps: Sequence[Step]) -> Iterator[Problem]:
    allowed = [str(info.alias) for info in GroupReference.model_fields.values()]
    for key in sorted(item.keys() - {*allowed}):
        spot = document.root.nearest((*steps, key))
        message = f"The key {quoted(key)} is unknown in a reference to a group."
        remedy = f"{closest(key, allowed)}Allowed here: {', '.join(allowed)}."
        yield Problem(spot.file or document.file, *spot.start, path_text((*steps, key)), message, remedy)
    if _GROUP in item and not isinstance(item[_GROUP], str):
        spot = document.root.nearest((*steps, _GROUP))
        remedy = "Write the metadata.name of a PartnerGroup."
        yield Problem(
            spot.file or document.file, *spot.value, path_text((*steps, _GROUP)), "This names no group.", remedy
        )


def _of_line(item: Item) -> Iterable[Problem]:
    """Return what is wrong with a partner of a group's CSV file, by the rules of manifests."""
    content = {"apiVersion": API_VERSION, "kind": PartnerGroup.__name__, "metadata": {"name": "a"}}
    spot = Spot(item[1].value, children={0: item[1]})
    root = Spot(item[1].value, children={_SPEC: Spot(item[1].value, children={"partners": spot})})
    document = Document(item[1].file, {**content, _SPEC: {"partners": [item[0]]}}, root)
    return (replace(problem, path="") for problem in read_manifest(document).problems)


def _repeated(entry: Entry, items: Sequence[Item]) -> Iterator[Problem]:
    seen: dict[object, Spot] = {}
    for item, spot in items:
        first = seen.setdefault(_identity(item), spot)
        if first is not spot:
            file = spot.file or entry.document.file
            message = f"The partner is in the group already, at {first.file or file}:{first.value.line}."
            yield Problem(file, *spot.value, path_text((_SPEC, "partners")), message, "Remove one of them.")
