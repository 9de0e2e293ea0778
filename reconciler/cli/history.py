"""``reconciler history``: what runs did."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from reconciler.cli import completing, options
from reconciler.cli.command import CliGroup
from reconciler.model.address import Address
from reconciler.model.errors import NotFound, WrongUsage
from reconciler.model.text import counted

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from reconciler.adapters.history.store import SqlHistory


_RECORDED = ("plan", "apply", "drift", "import", "rotate")


def _a_recorded_command(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    name = None if value is None else " ".join(value.split())
    if name is not None and name.partition(" ")[0] not in _RECORDED:
        raise click.BadParameter(f"runs of '{value}' are not recorded; those of {', '.join(_RECORDED)} are.")
    return name


@click.group(cls=CliGroup, invoke_without_command=True)
@options.from_settings
@options.history
@options.override_target
@options.option("--limit", type=click.IntRange(1, 100_000), default=20, help="Maximum number of runs.")
@click.option(
    "--command", "name", metavar="NAME", callback=_a_recorded_command,
    help="Only runs of this command: plan, apply, drift, ...",
)  # fmt: skip
@click.option("--target", "target", type=options.ADDRESS, help="Only runs that planned changes to this resource.")
@click.option(
    "--since", type=options.duration(1), metavar="DURATION", help="Only runs within this duration, such as 7d or 24h."
)
@options.as_json
@options.no_color
def history(*, limit: int, name: str | None, target: Address | None, since: int | None, as_json: bool) -> None:
    """List the latest runs; or show, export or prune them.

    Every run of plan, apply, drift, import and rotate is recorded: who, when, from which git revision, what it planned
    and did, and how it ended; never a secret. --json prints one line per run.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return
    from reconciler.model.history import Search
    from reconciler.review.history_text import run_json, runs_text

    earliest = None if since is None else datetime.now(UTC) - timedelta(seconds=since)
    address = None if target is None else str(_recorded_as(target, context))
    with _opened() as kept:
        runs = kept.runs(Search(command=name, address=address, since=earliest, limit=limit))
    if not runs and address == str(target) and target is not None and target.uuid:
        raise NotFound(
            f"No run is recorded that planned {target}, and no manifest here declares an organization with that UUID.",
            remedy="Name its alias, which is how runs are recorded; reconciler list shows the aliases.",
        )
    text = "".join(run_json(run, indent=None) for run in runs) if as_json else runs_text(runs)
    click.echo(text, nl=False)


def _recorded_as(target: Address, context: click.Context) -> Address:
    """Return the address by which runs know the target: by the alias, where a manifest declares the UUID."""
    if target.uuid is None:
        return target
    from reconciler.plan.targets import resolved

    return resolved([target], completing.declared_here(context))[0]


@history.command()
@click.argument("run")
@options.as_json
@options.no_color
def show(*, run: str, as_json: bool) -> None:
    """Show everything about RUN: a prefix of its id, or the fingerprint of its plan."""
    from reconciler.review.history_text import run_json, run_text

    with _opened() as kept:
        found = kept.run(run)
    if not found:
        raise NotFound(f"No run's id begins with '{run}'.", remedy="List them: reconciler history.")
    if len(found) > 1:
        if any(each.fingerprint == run for each in found):
            ids = ", ".join(each.id for each in found)
            raise WrongUsage(f"{len(found)} runs made or carried out this plan: {ids}.", remedy="Name one of them.")
        raise WrongUsage(f"{len(found)} runs' ids begin with '{run}'.", remedy="Give more of it.")
    click.echo((run_json if as_json else run_text)(found[0]), nl=False)


@history.command()
def export() -> None:
    """Export every run, oldest first, as one line of JSON each."""
    from reconciler.review.history_text import run_json

    with _opened() as kept:
        for run in kept.everything():
            click.echo(run_json(run, indent=None), nl=False)


@history.command()
@click.option("--older-than", "age", type=options.duration(1), metavar="DURATION", required=True, help="Such as 365d.")
def prune(age: int) -> None:
    """Delete runs older than a duration."""
    with _opened() as kept:
        number = kept.prune(datetime.now(UTC) - timedelta(seconds=age))
    click.echo(f"Deleted {counted(number, 'run')}.")


def _opened() -> "AbstractContextManager[SqlHistory]":
    from reconciler.adapters.history.store import opened
    from reconciler.cli.run_record import history_url

    url = history_url(click.get_current_context())
    if url is None:
        raise WrongUsage("Runs are not recorded (--history none).", remedy="Name the database: --history URL.")
    return opened(url)
