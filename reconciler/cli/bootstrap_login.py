"""``reconciler bootstrap-login``: make the clients by which the reconciler logs in."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from reconciler.adapters.interruption import SignalInterruption, run_interruptible
from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.live import LiveOptions, Locking
from reconciler.model.errors import ExitCode

if TYPE_CHECKING:
    from reconciler.app.bootstrap_login import Bootstrapped, LoginClient


@click.command("bootstrap-login", cls=CliCommand)
@options.option(
    "--reader", metavar="NAME", default="reconciler-reader", help="The client for plan and drift (read-only)."
)
@options.option("--writer", metavar="NAME", default="reconciler-writer", help="The client for apply.")
@click.option("--with-realm", is_flag=True, help="Let the writer manage the scaffolding, too (kind: Realm).")
@click.option("--with-identity-providers", is_flag=True, help="Let the writer link identity providers, too.")
@click.option("--deliver", is_flag=True, help="Also deliver the secrets of clients that exist already.")
@click.option("--print", "prints", is_flag=True, help="Print a script for kcadm.sh instead, and send nothing.")
@options.sink
@options.locking
@options.connection
def bootstrap_login(
    *, reader: str, writer: str, with_realm: bool, with_identity_providers: bool, deliver: bool, prints: bool,
    sink: str | None, locking: Locking, settings: LiveOptions,
) -> ExitCode:  # fmt: skip
    """Create the reconciler's own Keycloak clients, each with the least roles that it needs.

    It is run once, with an administrator's login (KEYCLOAK_USER and KEYCLOAK_PASSWORD, say). The reader plans and
    detects drift, the writer applies as well. Their secrets go to the sink, and are not printed. Running it again mends
    what differs and changes nothing else; roles that somebody has added are named, and left.
    """
    from reconciler.adapters.live import systems
    from reconciler.adapters.required_roles import READ, WRITE
    from reconciler.app.bootstrap_login import BootstrapRequest, LoginClient
    from reconciler.app.bootstrap_login import bootstrap_login as use_case
    from reconciler.cli.console import Console
    from reconciler.cli.sinks import needed_sink

    more = ("manage-realm",) * with_realm + ("manage-identity-providers",) * with_identity_providers
    clients = (LoginClient(reader, READ), LoginClient(writer, (*READ, *WRITE, *more)))
    if prints:
        click.echo("\n".join(_script(clients, settings.realm)))
        return ExitCode.DONE
    request, place = BootstrapRequest(clients, settings.realm, deliver), needed_sink(sink)

    async def main(interruption: SignalInterruption) -> ExitCode:
        async with systems(settings, effective=False, sink=place) as live, locking.held(settings, interruption):
            for each in await use_case(request, live, Console(settings.meter)):
                click.echo("\n".join(_lines(each)))
        click.echo(
            f"In CI, set KEYCLOAK_REALM={settings.realm}, and KEYCLOAK_CLIENT_ID to the reader (plan, drift) or the "
            "writer (apply); KEYCLOAK_CLIENT_SECRET comes from the sink. See docs/ci-login.md."
        )
        return ExitCode.DONE

    return run_interruptible(main)


def _lines(found: "Bootstrapped") -> Iterator[str]:
    yield f"{found.client.client_id}: {'created' if found.is_new else 'exists'}"
    if found.mended:
        yield f"  settings corrected: {', '.join(found.mended)}"
    if found.granted:
        yield f"  roles granted: {', '.join(found.granted)}"
    if found.surplus:
        yield f"  additional roles, left unchanged: {', '.join(found.surplus)}"
    if found.delivered:
        yield f"  secret: {found.delivered}"


def _script(clients: "tuple[LoginClient, ...]", realm: str) -> Iterator[str]:
    """Yield what does the same by Keycloak's own command line; it stops where a client is there already."""
    from reconciler.app.bootstrap_login import MARK, ROLES_OF, SHAPE

    settings = {key: str(value).lower() if isinstance(value, bool) else value for key, value in SHAPE.items()}
    yield "#!/bin/sh"
    yield "# Log in first: kcadm.sh config credentials --server URL --realm master --user ADMINISTRATOR"
    yield "set -eu"
    for client in clients:
        words = ["kcadm.sh", "create", "clients", "-r", realm, "-s", f"clientId={client.client_id}"]
        words += [word for key, value in settings.items() for word in ("-s", f"{key}={value}")]
        yield shlex.join([*words, "-s", f'attributes={{"{MARK}":"true"}}'])
        user = f"service-account-{client.client_id.lower()}"
        words = ["kcadm.sh", "add-roles", "-r", realm, "--uusername", user, "--cclientid", ROLES_OF]
        yield shlex.join([*words, *(word for role in client.roles for word in ("--rolename", role))])
        yield f"# Its secret: clients, {client.client_id}, Credentials in the admin console."
