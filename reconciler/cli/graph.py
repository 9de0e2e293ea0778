"""``reconciler graph``: show what depends on what."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reconciler.cli import options, paths
from reconciler.cli.command import CliCommand
from reconciler.cli.live import LiveOptions
from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage

if TYPE_CHECKING:
    from reconciler.model.manifest import DesiredState
    from reconciler.review.graph import Graph

_FORMATS: Final = ("mermaid", "dot")


@click.command(cls=CliCommand)
@paths.planfile
@options.files
@options.targets
@options.exclude
@options.option("--format", "form", type=click.Choice(_FORMATS), default=_FORMATS[0])
@click.option("--live", is_flag=True, help="Plan against the live systems, and highlight what changes.")
@click.option("--changes", "only_changes", is_flag=True, help="Only what changes, and its dependencies.")
@options.effective
@options.connection
def graph(
    *, planfile: Path | None, files: tuple[Path, ...], targets: tuple[Address, ...], exclude: tuple[Address, ...],
    form: str, live: bool, only_changes: bool, effective: bool, settings: LiveOptions,
) -> None:  # fmt: skip
    """Draw the dependency graph: arrows lead from what is applied first to what depends on it.

    Without a PLANFILE, what the manifests declare; no server is needed. With a PLANFILE, which "plan --out" saved, or
    with --live, what changes is marked.

    Code hosts draw Mermaid in a block of Markdown that begins with ```mermaid; for the rest: --format dot | dot -Tsvg.
    """
    from reconciler.plan.targets import resolved
    from reconciler.review.graph import GraphFormat, graph_text

    if planfile is not None and live:
        raise WrongUsage("--live cannot be combined with a PLANFILE.", remedy="Leave one of them out.")
    if only_changes and not live and planfile is None:
        raise WrongUsage("Manifests alone do not show what changes.", remedy="Name a PLANFILE, or give --live.")
    drawn, desired = _whole(planfile, files, settings, live=live, effective=effective)
    drawn = drawn.around(resolved(targets, desired)).without(resolved(exclude, desired))
    if not drawn.nodes:
        raise WrongUsage("There is nothing to draw.", remedy="Check --target and --exclude.")
    click.echo(graph_text(drawn.changes() if only_changes else drawn, GraphFormat(form)), nl=False)


def _whole(
    planfile: Path | None, files: tuple[Path, ...], settings: LiveOptions, *, live: bool, effective: bool
) -> "tuple[Graph, DesiredState]":
    """Return the graph, and what is declared: of a saved plan, nothing is known of that."""
    from reconciler.model.manifest import DesiredState
    from reconciler.review.graph import graph_of_manifests, graph_of_plan

    if planfile is not None:
        from reconciler.adapters.plan_file import read_plan_file
        from reconciler.review.plan_file import parse_review

        return graph_of_plan(parse_review(read_plan_file(planfile), str(planfile))[0].plan), DesiredState()
    from reconciler.manifest.load import load

    allow_empty = settings.said.allows_empty(files)
    desired = load(files, overlays=settings.overlays, allow_empty=allow_empty).desired
    if live:
        from reconciler.cli.inputs import context_of
        from reconciler.cli.plan import planned

        return graph_of_plan(planned(files, settings, context_of(settings), effective=effective)), desired
    return graph_of_manifests(desired), desired
