"""Write a manifest as YAML, the way a person would."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from reconciler.manifest.document import read
from reconciler.manifest.positions import Source, Sources, Spot
from reconciler.manifest.yaml12 import plain_value
from reconciler.model.address import Address
from reconciler.model.lifecycle import Lifecycle
from reconciler.model.manifest import DesiredState, IntegrationOrganization, Realm

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T[0-9:.]+(Z|[+-]\d{2}:\d{2})", re.ASCII)
_TEXT = "tag:yaml.org,2002:str"
_RESOLVER: Any = yaml.resolver.Resolver()
"""Resolves as YAML 1.1 does."""
_NEVER_FOLD = 2**20
_NO_DESCRIPTION = ("description", "")
_ALL_TYPES: tuple[str, list[str]] = ("types", [])
"""Of recorded logins: an empty list says more than none."""
_NOWHERE = Sources()


class _Dumper(yaml.SafeDumper):
    """Indent lists, never write anchors, and quote what YAML 1.1 *or* 1.2 would not read as text."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True

    event: Any

    def choose_scalar_style(self) -> Any:
        style = super().choose_scalar_style()
        return '"' if style == "'" and takes_double_quotes(self.event.value) else style


def takes_double_quotes(text: str) -> bool:
    """Tell whether ``text`` needs no escapes between double quotes; PyYAML escapes what is beyond the basic plane."""
    return all(character not in '"\\' and character <= "\uffff" for character in text)


def reads_as_text(text: str) -> bool:
    """Tell whether readers of YAML 1.1 and of 1.2 take ``text`` without quotes for text, or for a moment."""
    if _MOMENT.fullmatch(text):
        return True
    return isinstance(plain_value(text), str) and _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == _TEXT


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if _MOMENT.fullmatch(text):
        # The tag of what it looks like keeps it free of quotes.
        return dumper.represent_scalar("tag:yaml.org,2002:timestamp", text)
    return dumper.represent_scalar(_TEXT, text, style="|" if "\n" in text else None if reads_as_text(text) else '"')


class _OnOneLine(dict[str, Any]):
    """A mapping that is short enough to be read at a glance."""


class _Quoted(str):
    """A text that stands in quotes: PyYAML reads moments in a line of its own only."""

    __slots__ = ()


def _in_quotes(dumper: yaml.SafeDumper, text: _Quoted) -> yaml.ScalarNode:
    return dumper.represent_scalar(_TEXT, str(text), style='"')


def _mapping(dumper: yaml.SafeDumper, content: _OnOneLine) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", content.items(), flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_OnOneLine, _mapping)
_Dumper.add_representer(_Quoted, _in_quotes)


def manifest_text(manifest: IntegrationOrganization | Realm, *, schema: str = "") -> str:
    """Return ``manifest`` as YAML that loads back equal, without what is empty.

    ``schema`` is the path or URL of the JSON Schema that the first line gives to editors.
    """
    content = _without_empty(manifest.model_dump(mode="json", by_alias=True))
    if manifest.lifecycle == Lifecycle():
        del content["lifecycle"]
    if isinstance(manifest, IntegrationOrganization):
        _shorten(content["spec"])
    head = f"# yaml-language-server: $schema={schema}\n" if schema else ""
    body = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NEVER_FOLD)
    return head + body


def resolved_text(desired: DesiredState, sources: Sources = _NOWHERE) -> str:
    """Return everything that is declared as one YAML stream: the realm, then the organizations by name.

    What another file says than the manifest itself (an overlay, a profile, a group of partners) names its place.
    """
    realm = ((Address.realm(desired.realm.name), desired.realm),) if desired.realm else ()
    organizations = ((Address.organization(each.name), each) for each in desired.organizations)
    texts = ((address, manifest_text(each)) for address, each in (*realm, *organizations))
    return "---\n".join(_with_origins(text, sources.by_address.get(address)) for address, text in texts)


def _with_origins(text: str, source: Source | None) -> str:
    if source is None:
        return text
    lines = text.splitlines()
    marked: set[int] = set()
    written = next(read("", text))
    for spot, said in _said_alike(written.root, source.root):
        line = spot.start.line - 1
        if said.file and line not in marked:
            marked.add(line)
            lines[line] += f"  # {said.file}:{said.start.line}"
    return "".join(f"{line}\n" for line in lines)


def _said_alike(written: Spot, said: Spot) -> Iterator[tuple[Spot, Spot]]:
    """Yield each value that is written, and where it is said; what is said nowhere is a default."""
    for step, child in written.children.items():
        found = (
            said.children.get(step) if isinstance(step, str) else next(filter(None, map(said.item, child.names)), None)
        )
        if found is not None:
            is_list_of_texts = any(
                isinstance(each, int) and not child.children[each].children for each in child.children
            )
            if child.children and not is_list_of_texts:
                yield from _said_alike(child, found)
            else:
                yield child, found


def _shorten(spec: dict[str, Any]) -> None:
    """Put each partner on one line; there may be thousands."""
    if "authorizedPartners" in spec:
        spec["authorizedPartners"] = [_OnOneLine(_dated(partner)) for partner in spec["authorizedPartners"]]


def _dated(partner: dict[str, Any]) -> dict[str, Any]:
    """Return a partner with its end as a day, where that says the same."""
    until = partner.get("until")
    return {**partner, "until": _Quoted(until.removesuffix("T00:00:00Z"))} if until else partner


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {
            key: item
            for key, item in kept.items()
            if (key, item) == _ALL_TYPES or (item not in (None, [], {}) and (key, item) != _NO_DESCRIPTION)
        }
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value
