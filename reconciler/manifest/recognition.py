"""Tell our documents from other programs', and say what those of others are: nothing is passed over in silence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Final

from reconciler.manifest.document import Document
from reconciler.manifest.read import OVERLAY
from reconciler.manifest.shape import MODELS
from reconciler.model.manifest import API_VERSION

_GROUP: Final = API_VERSION.partition("/")[0]
_KINDS: Final = MappingProxyType({kind.casefold(): kind for kind in (*MODELS, OVERLAY)})
_CLOSE_GROUP: Final = 0.8
_CLOSE_KIND: Final = 0.65
_BY_NAME: Final = (
    (re.compile(r"(docker-)?compose(\.[\w-]+)?\.ya?ml"), "Docker Compose"),
    (re.compile(r"kustomization\.ya?ml"), "Kustomize"),
    (re.compile(r"chart\.ya?ml"), "a Helm chart"),
    (re.compile(r"values([.-][\w-]+)*\.ya?ml"), "values of a Helm chart"),
    (re.compile(r"mkdocs\.ya?ml"), "MkDocs"),
    (re.compile(r"taskfile\.ya?ml"), "Task"),
    (re.compile(r"action\.ya?ml"), "a GitHub Action"),
    (re.compile(r"renovate\.json"), "Renovate"),
)
_BY_KEY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "environments": "settings of the reconciler",
        "openapi": "OpenAPI",
        "swagger": "OpenAPI",
        "asyncapi": "AsyncAPI",
        "services": "Docker Compose",
        "jobs": "a workflow of GitHub Actions",
        "$schema": "a JSON Schema",
    }
)
_OUR_KEYS: Final = frozenset({"apiversion", "kind", "metadata", "spec", "lifecycle"})
"""The keys at the top of a manifest, in small letters: what has one of them may be meant to be ours."""
_API_VERSION: Final = re.compile(
    r"""^\ufeff?["']?apiVersion["']?\s*:\s*["']?([\w.-]+)(?:/|["']?\s*(?:#|$))""", re.MULTILINE | re.IGNORECASE
)
_KIND: Final = re.compile(r"""^\ufeff?["']?kind["']?\s*:\s*["']?(\w+)""", re.MULTILINE | re.IGNORECASE)
_SAYS_OURS: Final = re.compile(
    rf"""["']?(apiVersion["']?\s*:\s*["']?{_GROUP}/|kind["']?\s*:\s*["']?({"|".join(_KINDS)})\b)""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, order=True)
class PassedOver:
    """A file that lies in a folder of manifests and is another program's."""

    file: str
    what: str
    """What it is: ``ConfigMap (v1)``."""

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


def foreign(document: Document) -> str | None:
    """Return what a document is that another program reads; None where it is ours, or may be meant to be.

    Ours is a document with our group as ``apiVersion``, in whatever spelling, or with a kind of ours and no group of
    another program (``keycloak.org/v1``), or with neither ``apiVersion`` nor ``kind``, unless it shows otherwise
    whose it is.
    """
    value = document.value
    if not isinstance(value, dict):
        return "a list" if isinstance(value, list) else "a text"
    version, kind = value.get("apiVersion"), value.get("kind")
    group = version.partition("/")[0] if isinstance(version, str) else ""
    named = f"{kind} ({version})" if isinstance(kind, str) and version else str(kind or version)
    if _is_our_group(group) or ("sops" in value and group.startswith("ENC[")):
        return None
    if "." in group:
        return named
    if isinstance(kind, str) and kind.casefold() in _KINDS:
        return None
    if group:
        return named
    if isinstance(kind, str) and kind:
        return None if get_close_matches(kind.casefold(), _KINDS, n=1, cutoff=_CLOSE_KIND) else f"kind {kind}"
    by_name = next((what for pattern, what in _BY_NAME if pattern.fullmatch(Path(document.file).name.lower())), None)
    by_key = next((what for key, what in _BY_KEY.items() if key in value), None)
    if by_name or by_key:
        return by_name or by_key
    is_unknown = value and not _OUR_KEYS & {str(key).casefold() for key in value}
    return "YAML of another program" if is_unknown else None


def foreign_text(path: Path, text: str) -> str | None:
    """Return what a text that is no YAML is, where it shows that another program reads it."""
    groups, kinds = _API_VERSION.findall(text), _KIND.findall(text)
    if any(map(_is_our_group, groups)) or (not groups and any(kind.casefold() in _KINDS for kind in kinds)):
        return None
    if groups:
        return f"{kinds[0]} ({groups[0]}), not readable" if kinds else f"{groups[0]}, not readable"
    for folder in path.parents:
        if folder.name == "templates" and (folder.parent / "Chart.yaml").is_file():
            return "a template of a Helm chart"
    return next((what for pattern, what in _BY_NAME if pattern.fullmatch(path.name.lower())), None)


def says_ours(text: str) -> bool:
    """Tell whether a text, be it valid or not, says that it is a manifest or an overlay."""
    return _SAYS_OURS.search(text) is not None


def _is_our_group(group: str) -> bool:
    return "." not in group and bool(get_close_matches(group.casefold(), [_GROUP], n=1, cutoff=_CLOSE_GROUP))
