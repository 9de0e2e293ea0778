"""Write a manifest as YAML, the way a person would."""

import re
from typing import Any

import yaml

from reconciler.manifest.yaml12 import plain_value
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


def _mapping(dumper: yaml.SafeDumper, content: _OnOneLine) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", content.items(), flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_OnOneLine, _mapping)


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


def resolved_text(desired: DesiredState) -> str:
    """Return everything that is declared as one YAML stream: the realm, then the organizations by name."""
    realm = (desired.realm,) if desired.realm else ()
    return "---\n".join(map(manifest_text, (*realm, *desired.organizations)))


def _shorten(spec: dict[str, Any]) -> None:
    """Put each partner on one line; there may be thousands."""
    if "authorizedPartners" in spec:
        spec["authorizedPartners"] = [_OnOneLine(partner) for partner in spec["authorizedPartners"]]


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
