"""``reconciler me``: show what is in force for clients."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import click

from reconciler.adapters.login_variables import has_login
from reconciler.adapters.own_login import CLIENT_ID, CLIENT_SECRET, OwnLogin, own_login
from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.diagnostics import report, say, warn
from reconciler.cli.live import LiveOptions
from reconciler.model.errors import ExitCode, ReconcilerError, RequestFailed, WrongUsage

if TYPE_CHECKING:
    from reconciler.app.me import MePorts
    from reconciler.model.observed import Effective


@click.command(cls=CliCommand)
@click.argument("client_ids", metavar="[CLIENTID]...", nargs=-1, type=options.CLIENT)
@options.as_json
@options.connection
def me(*, client_ids: tuple[str, ...], as_json: bool, settings: LiveOptions) -> ExitCode:
    """Show the effective values of each CLIENTID: GET /v1/me with the client's own token.

    Secrets are read in Keycloak, with the reconciler's login. Without CLIENTID, the client of NT24_CLIENT_ID is shown,
    with its own NT24_CLIENT_SECRET; that needs no other login.

    With --json there is one document a client. Exit with 1 when one of them was refused, or with 3 where the platform
    takes no token of any; reconciler doctor says why.
    """
    return asyncio.run(_show(client_ids, settings, as_json=as_json))


async def _show(client_ids: tuple[str, ...], settings: LiveOptions, *, as_json: bool) -> ExitCode:
    from reconciler.app.me import MeRequest, me
    from reconciler.cli.console import Console
    from reconciler.review.effective_text import effective_json, effective_text

    own = _own(client_ids)
    render, code = effective_json if as_json else effective_text, ExitCode.DONE
    async with _opened(settings, own) as ports:
        request = MeRequest((own.client_id,) if own else client_ids, settings.realm)
        found = await me(request, ports, Console(settings.meter))
    gap = ""
    for client_id, answer in found.answers:
        if isinstance(answer, ReconcilerError):
            report(answer)
            code = answer.exit_code
            continue
        click.echo(gap + render(client_id, answer), nl=False)
        gap = "" if as_json else "\n"
    if found.on_mock:
        warn("The API is a mock: its answers prove nothing.", "mock")
    if found.answers and all(_is_unauthorized(answer) for _, answer in found.answers):
        code = ExitCode.UNREACHABLE
    if own and code is not ExitCode.DONE:
        say("  Run reconciler doctor to find out why.", "hint")
    return code


def _is_unauthorized(error: "Effective | ReconcilerError") -> bool:
    return isinstance(error, RequestFailed) and error.status == HTTPStatus.UNAUTHORIZED


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
async def _opened(settings: LiveOptions, own: OwnLogin | None) -> AsyncIterator["MePorts"]:
    from reconciler.adapters.live import own_platform, systems
    from reconciler.app.me import MePorts

    if own is not None:
        async with own_platform(settings, own) as opened:
            yield MePorts(opened)
        return
    async with systems(settings, effective=True) as live:
        if live.platform is None:
            raise WrongUsage("There is no platform API to ask.")
        yield MePorts(live.platform, live.admin)
