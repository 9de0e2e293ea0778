"""What a shell offers while somebody types: names of environments, and addresses of what the manifests declare.

Nothing is asked of a live system, and what cannot be read offers nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from reconciler.model.errors import ReconcilerError

if TYPE_CHECKING:
    from reconciler.model.manifest import DesiredState


def environments(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Return the environments of ``reconciler.yaml``."""
    from reconciler.adapters.environment import settings_file
    from reconciler.manifest.files import Candidate, text_of
    from reconciler.manifest.settings_file import read_settings

    file = context.params.get("config") or settings_file()
    if file is None:
        return []
    try:
        found = read_settings(str(file), text_of(Candidate(Path(file), named=True)))
    except (ReconcilerError, ValueError):
        return []
    return [name for name in sorted(found.environments) if name.startswith(incomplete)]


def addresses(context: click.Context, incomplete: str) -> list[str]:
    """Return the addresses of what the manifests declare."""
    from reconciler.review.graph import graph_of_manifests

    found = graph_of_manifests(declared_here(context)).nodes
    return [text for address in found if (text := str(address)).startswith(incomplete)]


def declared_here(context: click.Context) -> "DesiredState":
    """Return what the manifests declare that the command would read; nothing where they cannot be read."""
    from reconciler.manifest.load import load
    from reconciler.model.manifest import DesiredState

    try:
        return load(_files(context)).desired
    except (ReconcilerError, OSError, ValueError):
        return DesiredState()


def _files(context: click.Context) -> tuple[Path, ...]:
    """Return where the manifests are: as typed so far, or as ``reconciler.yaml`` says."""
    from reconciler.adapters.environment import said_by
    from reconciler.cli.environment import known_choice

    given: tuple[Path, ...] = tuple(map(Path, context.params.get("files") or (".",)))
    if context.get_parameter_source("files") is ParameterSource.COMMANDLINE:
        return given
    said = said_by(*known_choice(context)).defaults.get("files")
    return tuple(map(Path, said)) if said else given
