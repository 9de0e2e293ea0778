"""The files that a new repository of manifests starts with; they lie in ``reconciler/starter``, a folder a part."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

_DOT: Final = "dot-"
"""How hidden files are spelled in the package, where they would be hidden from tools, or obeyed by them."""
_REQUIREMENTS: Final = "requirements.txt"
_ACTION_STEP: Final = re.compile(r"uses: @ACTION@\n {8}with:\n(?: {10}.*\n)+")
"""A step of a workflow that uses the Action, with what is given to it."""


class StarterPart(StrEnum):
    """A part of a new repository."""

    GITHUB = "github"
    GITLAB = "gitlab"
    ATLANTIS = "atlantis"
    SYSTEMD = "systemd"
    KUBERNETES = "kubernetes"
    CONTAINER = "container"

    @property
    def installs(self) -> bool:
        """Tell whether its files install the reconciler's wheel."""
        return self in {StarterPart.GITLAB, StarterPart.CONTAINER}


@dataclass(frozen=True, slots=True)
class Wheel:
    """Where the reconciler's wheel comes from: an https URL, or a path in the repository; and its SHA-256."""

    place: str
    sha256: str

    @property
    def is_url(self) -> bool:
        """Tell whether it is fetched."""
        return self.place.startswith("https://")

    def requirement(self) -> str:
        """Return it as pip takes it, which refuses any other content."""
        named = f"nt24-reconciler @ {self.place}" if self.is_url else f"./{self.place}"
        return f"{named} \\\n    --hash=sha256:{self.sha256}\n"


def starter_files(
    parts: tuple[StarterPart, ...], values: Mapping[str, str], *, wheel: Wheel | None = None, action: str | None = None
) -> dict[str, str]:
    """Return the text of each file by its path; every ``@NAME@`` is replaced by its value, those of workflows as well.

    What installs the reconciler fails with a sentence where nobody said whence: a name of an index could be anybody's.
    """
    texts: dict[str, str] = {}
    values = {"SETUP": "", **values, "INSTALL": _install(wheel), "COPY": _copy(wheel)}
    for name in ("base", *parts):
        for path, text in _below(files("reconciler") / "starter" / name, ()):
            chosen = _ACTION_STEP.sub(_NO_ACTION, text) if action is None else text.replace("@ACTION@", action)
            texts["/".join(path)] = _filled(chosen, values)
    if wheel and any(part.installs for part in parts):
        texts[_REQUIREMENTS] = _requirements(wheel)
    return texts


def own_files() -> frozenset[str]:
    """Return the paths of what whoever has the repository fills in: a start is made of them once."""
    return frozenset("/".join(path) for path, _ in _below(files("reconciler") / "starter" / "base", ()))


_NO_ACTION: Final = """\
run: |
          echo "No Action is configured for the reconciler. Run: reconciler init --with github --overwrite \\
          --action OWNER/REPOSITORY@COMMIT, with a repository of yours." >&2
          exit 1
"""
_NO_WHEEL: Final = (
    "echo 'No wheel of the reconciler is configured. Run reconciler init again, with the same --with, "
    "--overwrite --wheel URL --wheel-hash sha256:HASH.' >&2 && exit 1"
)


def _install(wheel: Wheel | None) -> str:
    if wheel is None:
        return _NO_WHEEL
    return f"python -I -m pip install --quiet --no-cache-dir --require-hashes --requirement {_REQUIREMENTS}"


def _copy(wheel: Wheel | None) -> str:
    if wheel is None:
        return "# No wheel is chosen."
    copied = (_REQUIREMENTS,) if wheel.is_url else (_REQUIREMENTS, wheel.place)
    return "\n".join(f"COPY {name} /install/{name}" for name in copied)


def _requirements(wheel: Wheel) -> str:
    lock = (files("reconciler") / "starter" / "lock" / _REQUIREMENTS).read_text(encoding="utf-8")
    return f"# The reconciler, and all that it needs; each is what has this hash.\n{wheel.requirement()}{lock}"


def _below(folder: Traversable, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = (*above, f".{entry.name.removeprefix(_DOT)}" if entry.name.startswith(_DOT) else entry.name)
        if entry.is_dir():
            yield from _below(entry, path)
        else:
            yield path, entry.read_text(encoding="utf-8")


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Fill what stands alone in its line with as many lines as its value has, none among them."""
    for name, value in values.items():
        alone = "".join(f"\\g<1>{line}\n" if line else "\n" for line in value.replace("\\", r"\\").splitlines())
        text = re.sub(rf"^( *)@{name}@\n", alone, text, flags=re.MULTILINE).replace(f"@{name}@", value)
    return text
