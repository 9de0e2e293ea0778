"""``reconciler list``: what is managed, and what is not."""

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.diagnostics import warn
from reconciler.cli.live import LiveOptions
from reconciler.model.address import Address
from reconciler.model.errors import ExitCode


@click.command("list", cls=CliCommand)
@options.files_or_paths
@options.targets
@options.exclude
@options.as_json
@options.effective
@options.connection
def list_(
    *, files: tuple[Path, ...], targets: tuple[Address, ...], exclude: tuple[Address, ...], as_json: bool,
    effective: bool, settings: LiveOptions,
) -> ExitCode:  # fmt: skip
    """List what is managed, unmanaged or of other owners, and the share that is managed.

    It lists what plan knows: each organization, client, webhook and identity provider that lives in the realm or on the
    platform, or that a manifest declares. Exit code 1: not everything could be read.
    """
    from reconciler.cli.inputs import context_of
    from reconciler.cli.plan import planned
    from reconciler.review.inventory import inventory_json, inventory_of, inventory_text

    plan = planned(files, settings, context_of(settings, targets, exclude=exclude), effective=effective)
    found = inventory_of(plan)
    click.echo(inventory_json(found, plan) if as_json else inventory_text(found), nl=False)
    for failure in plan.read_failures:
        warn(f"not complete: {failure.what} could not be read: {failure.reason}", "read-failure", remedy=failure.remedy)
    return ExitCode.DONE if plan.complete else ExitCode.ERROR
