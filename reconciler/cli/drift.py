"""``reconciler drift``: tell whether the live systems still are as last applied."""

import asyncio
from pathlib import Path
from typing import Any

import click

from reconciler.cli import options
from reconciler.cli.live import take
from reconciler.model.address import Address
from reconciler.model.errors import ExitCode


@click.command()
@options.files
@options.targets
@options.as_json
@options.no_effective
@options.connection
@click.pass_context
def drift(
    context: click.Context,
    /,
    *,
    files: tuple[Path, ...],
    targets: tuple[Address, ...],
    as_json: bool,
    no_effective: bool,
    **live: Any,
) -> None:
    """Tell whether the live systems still are as last applied; exit with 2 if not.

    Drift is what somebody changed in Keycloak, or what the platform does not do although Keycloak says so. A change
    of a manifest that is not applied yet is no drift.
    """
    from reconciler.cli.planning import planned
    from reconciler.plan.drift import drift_of, has_drift
    from reconciler.review.plan_json import drift_json
    from reconciler.review.plan_text import drift_text

    settings = take(live)
    found = drift_of(asyncio.run(planned(files, targets, settings, effective=not no_effective)))
    click.echo(drift_json(found) if as_json else drift_text(found), nl=False, color=settings.color)
    if not found.complete:
        context.exit(ExitCode.ERROR)
    context.exit(ExitCode.CHANGES if has_drift(found) else ExitCode.DONE)
