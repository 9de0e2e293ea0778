"""``reconciler me``: show what is in force for clients."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import options
from reconciler.cli.live import LiveOptions, systems, take
from reconciler.model.errors import ExitCode, NotFound, ReconcilerError, WrongUsage

if TYPE_CHECKING:
    from reconciler.model.observed import Effective


@click.command()
@click.argument("client_ids", metavar="CLIENTID...", nargs=-1, required=True)
@options.as_json
@options.connection
@click.pass_context
def me(context: click.Context, /, *, client_ids: tuple[str, ...], as_json: bool, **live: Any) -> None:
    """Show what is in force for each CLIENTID: GET /v1/me, asked with the client's own token.

    With --json there is one document a client. Exit with 1 when one of them was refused.
    """
    context.exit(asyncio.run(_show(client_ids, take(live), as_json=as_json)))


async def _show(client_ids: tuple[str, ...], settings: LiveOptions, *, as_json: bool) -> ExitCode:
    from reconciler.cli.main import error_text
    from reconciler.review.effective_text import effective_json, effective_text

    render, code = effective_json if as_json else effective_text, ExitCode.DONE
    shown = 0
    async for client_id, answer in _answers(client_ids, settings):
        if isinstance(answer, ReconcilerError):
            click.echo(error_text(answer), err=True)
            code = answer.exit_code
            continue
        gap = "" if as_json or not shown else "\n"
        click.echo(gap + render(client_id, answer), nl=False, color=settings.color)
        shown += 1
    return code


async def _answers(
    client_ids: tuple[str, ...], settings: LiveOptions
) -> AsyncIterator[tuple[str, "Effective | ReconcilerError"]]:
    async with systems(settings, effective=True) as live:
        platform = live.platform
        if platform is None:
            raise WrongUsage("There is no platform API to ask.")
        for client_id in client_ids:
            try:
                # Reading the client is what makes its secret known to the adapter.
                if await live.admin.find_client(client_id) is None:
                    raise NotFound(f"The realm {settings.realm} has no client '{client_id}'.")
                yield client_id, await platform.me(client_id)
            except ReconcilerError as error:
                yield client_id, error
