"""Explain: what a key means. All of it is taken from the JSON Schemas and from the tables of fields."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.field import Field
from reconciler.kinds.registry import KINDS
from reconciler.kinds.risk_rules import Rule
from reconciler.manifest.schema import manifest_schema
from reconciler.manifest.settings_file import settings_schema_text
from reconciler.manifest.shape import SHARED
from reconciler.model.errors import WrongUsage
from reconciler.model.explanation import KeyExplanation
from reconciler.model.risk import NO_RISK, Risk
from reconciler.model.value import Value, is_empty

SETTINGS: Final = "settings"
_FILE: Final = "reconciler.yaml"
_SPEC: Final = "spec"
_LIVE: Final = "keycloak."
_BRACKETS: Final = re.compile(r"\[[^\]]*\]")
_Node = Mapping[str, Any]
_SAMPLES: Final[Mapping[str, tuple[Value, ...]]] = MappingProxyType(
    {"boolean": (False, True), "integer": (None, 1, 2), "array": ((), ("a",)), "string": (None, "a", "b")}
)
"""Values by which a rule of risk is asked what it knows."""


def explained(key: str, others: Iterable[str] = ()) -> KeyExplanation:
    """Return what a key means; the end of it is enough where only one key ends so.

    ``others`` are names of something else that may have been meant.

    Raises:
        WrongUsage: There is no such key, or several; it says what is close.
    """
    known = {each.key.lower(): each for each in every_key()}
    wanted, ending = _normal(key), list[KeyExplanation]()
    # Plans call a field of a live object keycloak.redirectUris.
    for name in (wanted, wanted.replace(_LIVE, "", 1)):
        if found := known.get(name):
            return found
        if ending := [each for known_as, each in known.items() if known_as.endswith(f".{name}")]:
            break
    # A profile and a group say again what an organization says.
    ending = [each for each in ending if not each.key.startswith(SHARED)] or ending
    if len(ending) == 1:
        return ending[0]
    if ending:
        names = ", ".join(each.key for each in ending[:10])
        raise WrongUsage(f"{len(ending)} keys are called '{key}'.", remedy=f"Name one of them: {names}.")
    above, _, last = wanted.rpartition(".")
    inside = [name for name in known if last and last in name.rpartition(".")[2]]
    near = get_close_matches(wanted, known, n=1, cutoff=0.9)
    near += sorted(inside, key=lambda name: name.rpartition(".")[0] != above)
    shown = {name: each.key for name, each in known.items()} | {each.lower(): each for each in others}
    near += get_close_matches(key.lower(), shown, n=1, cutoff=0.8) + get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f"Did you mean {shown[near[0]]}? " if near else ""
    raise WrongUsage(f"There is no key or code '{key}'.", remedy=f"{hint}reconciler explain lists where keys begin.")


def roots() -> tuple[KeyExplanation, ...]:
    """Return where keys begin: the kinds of resource, and the settings."""
    return tuple(each for each in every_key() if "." not in each.key)


@cache
def every_key() -> tuple[KeyExplanation, ...]:
    """Return every key that can be explained, what is above before what is below."""
    definitions, settings = manifest_schema()["$defs"], json.loads(settings_schema_text())
    of_kinds = (each for kind in KINDS.values() for each in _OfKind(kind, definitions).known())
    shared = (each for name in SHARED for each in _walk(definitions[name], name, name, definitions))
    return (*of_kinds, *shared, *_walk(settings, SETTINGS, _FILE, settings.get("$defs", {})))


def _normal(key: str) -> str:
    """Return a key as it is known, however people write it: brackets, ``spec``, documents and lists are left out."""
    text = _BRACKETS.sub("", key.strip().removeprefix(_FILE + ".")).lower() if key != _FILE else SETTINGS
    parts = [part for part in text.split(".") if part and part != _SPEC]
    items = {kind.items.lower(): str(kind.kind) for kind in KINDS.values() if kind.items}
    documents = {kind.document.lower(): str(kind.kind) for kind in KINDS.values() if not kind.items}
    if len(parts) > 2 and parts[1] in items:
        parts = parts[1:]
    if parts and (parts[0] not in items or len(parts) > 1):
        parts[0] = (items | documents).get(parts[0], parts[0])
    return ".".join(parts)


class _OfKind:
    """The keys of one kind of resource: those of its manifest, and the other fields of its live object."""

    def __init__(self, kind: ResourceKind, definitions: _Node) -> None:
        self._kind = kind
        self._definitions = definitions

    def known(self) -> Iterator[KeyExplanation]:
        """Yield them."""
        kind, document = self._kind, self._definitions[self._kind.document]
        root, place, node = str(kind.kind), kind.document, document
        if kind.items:
            node = self._definitions[document["properties"][_SPEC]["$ref"].rpartition("/")[2]]["properties"][kind.items]
            place, node = f"{place}: {_SPEC}.{kind.items}[]", _resolved(node["items"], self._definitions)
        elsewhere = {each.items for each in KINDS.values() if each.items}
        found = {each.key: each for each in _walk(node, root, place, self._definitions, elsewhere)}
        yield from (self._with_fields(each) for each in found.values())
        for row in kind.fields.rows:
            key = f"{root}.{row.path.removeprefix(_LIVE)}"
            if row.path and row.path[-1] not in "./" and key not in found:
                yield self._of_field(key, row)

    def _with_fields(self, found: KeyExplanation) -> KeyExplanation:
        path = found.key.partition(".")[2]
        row = next((row for row in self._kind.fields.rows if row.path == path), None)
        return found if row is None else self._of_field(found.key, row, found)

    def _of_field(self, key: str, row: Field, found: KeyExplanation | None = None) -> KeyExplanation:
        called = self._kind.fields.called(row.path)
        said = found or KeyExplanation(
            key=key,
            place="no manifest says it",
            type=_type_of(row),
            description=f"Of the live object; plans call it {row.path}."
            + (f" One of its items is a {called}." if called != row.path and _type_of(row) == "array" else ""),
        )
        return KeyExplanation(
            key=key,
            place=said.place,
            type=said.type,
            description=said.description,
            default=said.default,
            is_required=said.is_required,
            keycloak=self._where(row),
            rule="" if row.rule is None else "empty" if is_empty(row.rule) else json.dumps(row.rule),
            is_effective=row.is_effective,
            risks=_risks(self._kind.fields.risk(row.path), said.type),
            event_risks=_risks(self._kind.fields.event(row.path), said.type),
            keys=said.keys,
        )

    def _where(self, row: Field) -> str:
        if self._kind.is_on_platform:
            return "not in Keycloak, but on the platform"
        if row.exempt:
            return f"not compared: {row.exempt}"
        place = self._kind.fields.places.get(row.path)
        if place and place[0] == "attributes":
            return f"the attribute {place[1]}"
        where = ".".join(place) if place else row.path.removeprefix(_LIVE)
        return f"{where}, by requests of its own" if row.is_apart else where


def _walk(
    node: _Node, key: str, place: str, definitions: _Node, elsewhere: Iterable[str] = (), *, is_required: bool = False
) -> Iterator[KeyExplanation]:
    """Yield a node of a schema and all below it; of lists that are ``elsewhere``, only the list."""
    inner = _resolved(node, definitions)
    below = _below(inner, definitions)
    properties = below.get("properties", {})
    if _SPEC in properties:
        # Nobody has to write it.
        spec = _resolved(properties[_SPEC], definitions)
        properties = {**{k: v for k, v in properties.items() if k not in {_SPEC, "apiVersion", "kind"}}}
        children = [*_children(spec, key, f"{place}: {_SPEC}", definitions, elsewhere)]
    else:
        children = []
    own = {**below, "properties": properties}
    children += _children(own, key, place, definitions, elsewhere)
    direct = tuple(each for each in children if each.key.count(".") == key.count(".") + 1)
    default = node.get("default")
    yield KeyExplanation(
        key=key,
        place=place,
        type=_type(node, definitions),
        description=" ".join(str(node.get("description") or inner.get("description") or "").split()),
        default="" if default in (None, [], "") or isinstance(default, dict) else json.dumps(default),
        is_required=is_required,
        keys=direct,
    )
    yield from children


def _children(
    node: _Node, key: str, place: str, definitions: _Node, elsewhere: Iterable[str]
) -> Iterator[KeyExplanation]:
    dot = "" if place.endswith(":") else "." if _SPEC in place or "." in key else ": "
    required = node.get("required", ())
    for name, child in node.get("properties", {}).items():
        inside = f"{place}{dot}{name}" + ("[]" if _resolved(child, definitions).get("type") == "array" else "")
        below = _walk(child, f"{key}.{name}", inside, definitions, elsewhere, is_required=name in required)
        yield from [next(below)] if name in elsewhere else below


def _resolved(node: _Node, definitions: _Node) -> _Node:
    """Return what a reference leads to; of what may be nothing, what it is otherwise."""
    found = _forms(node)
    inner = found[0] if len(found) == 1 else node
    return definitions[inner["$ref"].rpartition("/")[2]] if "$ref" in inner else inner


def _below(node: _Node, definitions: _Node) -> _Node:
    """Return what holds the keys below: of a list, or of what is called by names, an item."""
    inner = node.get("items") if node.get("type") == "array" else _by_name(node)
    if not isinstance(inner, Mapping):
        inner = node
    forms = [_resolved(each, definitions) for each in _forms(inner)]
    if len(forms) > 1:
        return {
            "properties": {key: value for form in reversed(forms) for key, value in form.get("properties", {}).items()}
        }
    return _resolved(inner, definitions)


def _forms(node: _Node) -> list[_Node]:
    """Return the forms that a value can have, but for nothing."""
    return [each for each in (*node.get("anyOf", ()), *node.get("oneOf", ())) if each.get("type") != "null"]


def _by_name(node: _Node) -> Any:
    """Return what is called by names that nobody fixes; something else where nothing is."""
    patterns = node.get("patternProperties")
    return next(iter(patterns.values())) if patterns else node.get("additionalProperties")


def _type(node: _Node, definitions: _Node) -> str:
    if len(several := _forms(node)) > 1:
        return " or ".join(_type(each, definitions) for each in several)
    inner = _resolved(node, definitions)
    if "enum" in inner:
        return f"one of {', '.join(map(str, inner['enum']))}"
    if "const" in inner:
        return json.dumps(inner["const"])
    kind = str(inner.get("type", "any"))
    if isinstance(inner.get("items"), Mapping):
        return f"list of {_type(inner['items'], definitions)}"
    if kind == "object" and isinstance(_by_name(inner), Mapping):
        return f"{_type(_by_name(inner), definitions)} by name"
    low, high = inner.get("minimum"), inner.get("maximum")
    return f"{kind}, {low} to {high}" if low is not None and high is not None else kind


def _type_of(row: Field) -> str:
    if row.is_set or isinstance(row.rule, tuple):
        return "array"
    return "boolean" if isinstance(row.rule, bool) else "any"


def samples_of(rule: Rule) -> frozenset[Risk]:
    """Return each answer that a rule has for some change."""
    every = frozenset(each for samples in _SAMPLES.values() for each in samples)
    return frozenset(rule(before, after) for before in every for after in every if before != after) - {NO_RISK}


def _risks(rule: Rule | None, of: str) -> tuple[Risk, ...]:
    """Return what changing a field of the type can do: each answer that its rule has for some change."""
    if rule is None:
        return ()
    first = of.split(" ", maxsplit=1)[0].rstrip(",")
    samples = _SAMPLES.get("array" if first == "list" else first, _SAMPLES["string"])
    if of.startswith("one of "):
        samples = (None, *of.removeprefix("one of ").split(", "))
    found = {rule(before, after) for before in samples for after in samples if before != after} - {NO_RISK}
    return tuple(sorted(found, key=lambda risk: (-risk.level.rank, risk.code, risk.why)))
