"""Validate: check manifests offline."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.manifest.load import Loaded, load
from reconciler.model.errors import ManifestError, Problem


@dataclass(frozen=True, slots=True)
class Validation:
    """What the manifests say, or every problem of them."""

    loaded: Loaded | None
    problems: tuple[Problem, ...] = ()


def validate(files: Sequence[Path], overlays: Path | None = None, *, allow_empty: bool = False) -> Validation:
    """Load the manifests, with an environment's overlays, and find every problem; nothing is asked."""
    try:
        return Validation(load(files, overlays=overlays, allow_empty=allow_empty))
    except ManifestError as error:
        return Validation(None, tuple(error.problems))
