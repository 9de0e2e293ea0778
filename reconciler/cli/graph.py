"""``reconciler graph``: show what depends on what."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from reconciler.cli import options
from reconciler.cli.live import LiveOptions, take
from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage

if TYPE_CHECKING:
    from reconciler.review.graph import Graph

_FORMATS: Final = ("mermaid", "dot")


@click.command()
@click.argument("planfile", metavar="[PLANFILE]", required=False, type=click.Path(path_type=Path))
@options.files
@options.targets
@click.option("--format", "form", type=click.Choice(_FORMATS), default=_FORMATS[0], show_default=True)
@click.option("--live", is_flag=True, help="Plan against the live systems, and mark what changes.")
@click.option("--changes", "only_changes", is_flag=True, help="Only what changes, and what it needs.")
@options.no_effective
@options.connection
@click.pass_context
def graph(
    context: click.Context,
    /,
    *,
    planfile: Path | None,
    files: tuple[Path, ...],
    targets: tuple[Address, ...],
    form: str,
    live: bool,
    only_changes: bool,
    no_effective: bool,
    **given: Any,
) -> None:
    """Show what depends on what, as a diagram: arrows lead from what is applied first to what needs it.

    Without a PLANFILE, what the manifests declare; no server is needed. With a PLANFILE, which "plan --out" saved, or
    with --live, what changes is marked.

    Code hosts draw Mermaid in a block of Markdown that begins with ```mermaid; for the rest: --format dot | dot -Tsvg.
    """
    from reconciler.review.graph import GraphFormat, graph_of_manifests
    from reconciler.review.graph_text import graph_text

    settings = take(given)
    if planfile is not None and live:
        raise WrongUsage("--live does not go with a PLANFILE.", remedy="Leave one of them out.")
    if only_changes and not live and planfile is None:
        raise WrongUsage("Manifests alone do not tell what changes.", remedy="Name a PLANFILE, or give --live.")
    if planfile is not None:
        drawn = _of_file(planfile)
    elif live:
        drawn = _of_live(context, settings, files, effective=not no_effective)
    else:
        from reconciler.manifest.load import load

        drawn = graph_of_manifests(load(files, overlays=settings.overlays).desired)
    drawn = drawn.around(targets)
    if not drawn.nodes:
        raise WrongUsage("There is nothing to draw.", remedy="Check --target.")
    click.echo(graph_text(drawn.changes() if only_changes else drawn, GraphFormat(form)), nl=False)


def _of_file(planfile: Path) -> "Graph":
    from reconciler.adapters.plan_file import read_plan_file
    from reconciler.review.graph import graph_of_plan
    from reconciler.review.plan_file import parse_review

    saved, _ = parse_review(read_plan_file(planfile), str(planfile))
    return graph_of_plan(saved.plan)


def _of_live(context: click.Context, settings: LiveOptions, files: tuple[Path, ...], *, effective: bool) -> "Graph":
    import asyncio

    from reconciler.cli.environment import said_for
    from reconciler.cli.plan import planned
    from reconciler.cli.recording import Taping, circumstances_of
    from reconciler.review.graph import graph_of_plan

    then = circumstances_of(Taping(), "graph", settings, said_for(context), files, effective=effective)
    return graph_of_plan(asyncio.run(planned(files, settings, then)))
