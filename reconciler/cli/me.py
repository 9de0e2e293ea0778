"""``reconciler me``: show what is in force for clients."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import click

from reconciler.adapters.live import own_platform, systems
from reconciler.adapters.login_variables import has_login
from reconciler.adapters.own_login import CLIENT_ID, CLIENT_SECRET, OwnLogin, own_login
from reconciler.cli import options
from reconciler.cli.diagnostics import report, say, warn
from reconciler.cli.live import LiveOptions, take
from reconciler.model.errors import ExitCode, NotFound, ReconcilerError, RequestFailed, WrongUsage

if TYPE_CHECKING:
    from reconciler.model.observed import Effective
    from reconciler.ports import AdminApi, PlatformApi


@click.command()
@click.argument("client_ids", metavar="[CLIENTID]...", nargs=-1)
@options.as_json
@options.connection
@click.pass_context
def me(context: click.Context, /, *, client_ids: tuple[str, ...], as_json: bool, **live: Any) -> None:
    """Show what is in force for each CLIENTID: GET /v1/me, asked with the client's own token.

    Secrets are read in Keycloak, with the reconciler's login. Without CLIENTID, the client of NT24_CLIENT_ID is shown,
    with its own NT24_CLIENT_SECRET; that needs no other login.

    With --json there is one document a client. Exit with 1 when one of them was refused, or with 3 where that is the
    one whose own credentials were used; reconciler doctor says why.
    """
    context.exit(asyncio.run(_show(client_ids, take(live), as_json=as_json)))


async def _show(client_ids: tuple[str, ...], settings: LiveOptions, *, as_json: bool) -> ExitCode:
    from reconciler.review.effective_text import effective_json, effective_text

    own = _own(client_ids)
    render, code = effective_json if as_json else effective_text, ExitCode.DONE
    shown = 0
    async for client_id, answer in _answers((own.client_id,) if own else client_ids, settings, own):
        if isinstance(answer, ReconcilerError):
            report(answer)
            code = ExitCode.UNREACHABLE if own and _is_unauthorized(answer) else answer.exit_code
            continue
        gap = "" if as_json or not shown else "\n"
        click.echo(gap + render(client_id, answer), nl=False, color=settings.color)
        shown += 1
    if own and code is not ExitCode.DONE:
        say("  reconciler doctor finds out why.", "hint")
    return code


def _is_unauthorized(error: ReconcilerError) -> bool:
    return isinstance(error, RequestFailed) and error.status == HTTPStatus.UNAUTHORIZED


async def _answers(
    client_ids: tuple[str, ...], settings: LiveOptions, own: OwnLogin | None
) -> AsyncIterator[tuple[str, "Effective | ReconcilerError"]]:
    async with _opened(settings, own) as (admin, platform):
        answered = False
        for client_id in client_ids:
            try:
                # Reading the client is what makes its secret known to the adapter.
                if admin is not None and await admin.find_client(client_id) is None:
                    raise NotFound(f"The realm {settings.realm} has no client '{client_id}'.")
                yield client_id, await platform.me(client_id)
                answered = True
            except ReconcilerError as error:
                yield client_id, error
        if answered and await platform.is_mock():
            warn("The API is a mock, and its answers prove nothing.", "mock")


def _own(client_ids: tuple[str, ...]) -> OwnLogin | None:
    """Return the credentials of the one client that is meant; None where the reconciler's login shall be used."""
    own = own_login()
    if not client_ids and own is None:
        raise WrongUsage(
            "No client is named.", remedy=f"Name clients, or set {CLIENT_ID} and {CLIENT_SECRET} to ask as one."
        )
    if own is None or (client_ids and has_login(os.environ)):
        return None
    if others := sorted(set(client_ids) - {own.client_id}):
        raise WrongUsage(
            f"{', '.join(others)}: only {own.client_id} can be asked by its own credentials.",
            remedy="Log in to the Admin API (KEYCLOAK_CLIENT_ID and KEYCLOAK_CLIENT_SECRET, say) to ask as others.",
        )
    return own


@asynccontextmanager
async def _opened(
    settings: LiveOptions, own: OwnLogin | None
) -> AsyncIterator[tuple["AdminApi | None", "PlatformApi"]]:
    if own is not None:
        async with own_platform(settings, own) as opened:
            yield None, opened
        return
    async with systems(settings, effective=True) as live:
        if live.platform is None:
            raise WrongUsage("There is no platform API to ask.")
        yield live.admin, live.platform
