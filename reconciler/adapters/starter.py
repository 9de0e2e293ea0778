"""The files that a new repository of manifests starts with; they lie in ``reconciler/starter``, a folder a part."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

_DOT: Final = "dot-"
"""How hidden files are spelled in the package, where they would be hidden from tools, or obeyed by them."""


class Part(StrEnum):
    """A part of a new repository."""

    GITHUB = "github"
    GITLAB = "gitlab"
    ATLANTIS = "atlantis"
    SYSTEMD = "systemd"
    KUBERNETES = "kubernetes"
    CONTAINER = "container"


def starter_files(parts: tuple[Part, ...], values: Mapping[str, str]) -> dict[str, str]:
    """Return the text of each file by its path; every ``@NAME@`` is replaced by its value."""
    texts: dict[str, str] = {}
    for name in ("base", *parts):
        for path, text in _below(files("reconciler") / "starter" / name, ()):
            texts["/".join(path)] = _filled(text, values)
    return texts


def _below(folder: Traversable, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = (*above, f".{entry.name.removeprefix(_DOT)}" if entry.name.startswith(_DOT) else entry.name)
        if entry.is_dir():
            yield from _below(entry, path)
        else:
            yield path, entry.read_text(encoding="utf-8")


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
