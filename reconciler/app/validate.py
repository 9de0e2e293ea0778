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


def validate(files: Sequence[Path], overlays: Path | None = None) -> Validation:
    """Load the manifests, with an environment's overlays, and find every problem; nothing is asked."""
    try:
        return Validation(load(files, overlays=overlays))
    except ManifestError as error:
        return Validation(None, tuple(error.problems))
