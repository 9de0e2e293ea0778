"""``reconciler force-unlock``: remove the lock of a run that is dead."""

import asyncio

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.live import Asking, LiveOptions
from reconciler.model.errors import ExitCode, GuardRefused, NotFound


@click.command("force-unlock", cls=CliCommand)
@click.argument("run_id", metavar="[RUN_ID]", required=False)
@options.asking_or_force
@options.connection
def force_unlock(*, run_id: str | None, asking: Asking, settings: LiveOptions) -> ExitCode:
    """Remove the lock that a dead run left behind.

    A lock expires a minute after its run was killed; this removes it at once. A run that is still alive notices,
    and starts no further write. With a RUN_ID, which the message about the lock names, only that run's lock
    is removed.
    """
    return asyncio.run(_remove(settings, run_id, asks=asking.is_needed()))


async def _remove(settings: LiveOptions, run_id: str | None, *, asks: bool) -> ExitCode:
    from reconciler.adapters.live import opened_lock
    from reconciler.cli.asking import confirmed
    from reconciler.model.text import visible

    async with opened_lock(settings) as (store, _):
        try:
            found = await store.read()
        except NotFound as error:
            what = f"Keycloak has no realm '{settings.realm}'."
            raise NotFound(what, remedy="Name another by NT24_REALM.") from error
        if found is None:
            click.echo("There is no lock: nothing was removed.")
            return ExitCode.DONE
        holder = visible(str(found.claim))
        if run_id is not None and run_id != found.claim.run:
            raise GuardRefused(
                f"The lock is not that of the run {run_id}, but of {holder}.",
                remedy="Look again whether that run is dead before you remove its lock.",
            )
        click.echo(f"The lock is held by {holder}.")
        question, remedy = (
            "Is that run dead? Do you want to remove its lock?",
            "Make sure that run is dead; add --force.",
        )
        if asks and not await confirmed(question, remedy):
            click.echo("Nothing was removed.")
            return ExitCode.ERROR
        try:
            await store.delete(found.id)
        except NotFound:
            click.echo("It has been removed already.")
            return ExitCode.DONE
        click.echo("The lock was removed.")
    return ExitCode.DONE
