"""``reconciler bootstrap-login``: make the clients by which the reconciler logs in."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from reconciler.adapters.interruption import SignalInterruption, run_interruptible
from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.environment import is_said
from reconciler.cli.live import LiveOptions, Locking
from reconciler.model.errors import ExitCode, WrongUsage
from reconciler.model.pipeline import FORGES, Power, environments_of

if TYPE_CHECKING:
    from reconciler.app.bootstrap_login import Bootstrapped, LoginClient, Trust, Trusted


@click.command("bootstrap-login", cls=CliCommand)
@click.option(
    "--trust", "forge", type=click.Choice(tuple(FORGES)),
    help="Let the pipelines of a code host log in by its own tokens: one client for each environment, and no secret.",
)  # fmt: skip
@click.option(
    "--subject", metavar="TEXT",
    help="With --trust: how the host's tokens name the repository: repo:OWNER/REPO (repo:OWNER@ID/REPO@ID for one that "
    "was created since July 2026), or project_path:GROUP/PROJECT.",
)  # fmt: skip
@click.option("--issuer", metavar="URL", help="With --trust: the issuer of the tokens of a self-hosted code host.")
@click.option(
    "--alias", metavar="NAME",
    help="With --trust: the identity provider to make, or to share.  [default: the code host's name]",
)  # fmt: skip
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
    *, forge: str | None, subject: str | None, issuer: str | None, alias: str | None, reader: str, writer: str,
    with_realm: bool, with_identity_providers: bool, deliver: bool, prints: bool,
    sink: str | None, locking: Locking, settings: LiveOptions,
) -> ExitCode:  # fmt: skip
    """Create the reconciler's own Keycloak clients, each with the least roles that it needs.

    It is run once, with an administrator's login (KEYCLOAK_USER and KEYCLOAK_PASSWORD, say). The reader plans and
    detects drift, the writer applies as well. Their secrets go to the sink, and are not printed. Running it again mends
    what differs and changes nothing else; roles that somebody has added are named, and left.

    With --trust, there are no secrets: Keycloak accepts the tokens that the code host issues to the jobs of its
    environments reconciler-plan, -read and -apply (GitLab: also -permit), with one client of that name for each.
    """
    from reconciler.adapters.live import systems
    from reconciler.adapters.required_roles import READ, WRITE
    from reconciler.app.bootstrap_login import BootstrapRequest, LoginClient
    from reconciler.app.bootstrap_login import bootstrap_login as use_case
    from reconciler.cli.console import Console
    from reconciler.cli.sinks import needed_sink

    more = ("manage-realm",) * with_realm + ("manage-identity-providers",) * with_identity_providers
    roles = {Power.READER: READ, Power.WRITER: (*READ, *WRITE, *more)}
    trust = _trusted(forge, subject, issuer, alias)
    if trust is not None and (ignored := [f"--{name}" for name in _BY_SECRET if is_said(name)]):
        raise WrongUsage(
            f"{' and '.join(ignored)} {'is' if len(ignored) == 1 else 'are'} for logins by a secret, and --trust makes "
            "those without one, a client for each environment.",
            remedy="Leave out either.",
        )
    clients = tuple(LoginClient(name, roles[power]) for name, power in ((reader, Power.READER), (writer, Power.WRITER)))
    if trust is not None and forge is not None and subject is not None:
        clients = tuple(
            LoginClient(each.name, roles[power], FORGES[forge].subject_of(subject, each))
            for each, power in environments_of(FORGES[forge])
        )
    if prints:
        click.echo("\n".join(_script(clients, settings.realm, trust)))
        return ExitCode.DONE
    request = BootstrapRequest(clients, settings.realm, deliver, trust)
    place = needed_sink(sink) if trust is None else None

    async def main(interruption: SignalInterruption) -> ExitCode:
        async with systems(settings, effective=False, sink=place) as live, locking.held(settings, interruption):
            done = await use_case(request, live, Console(settings.meter))
            if done.trusted is not None:
                click.echo("\n".join(_provider_lines(done.trusted)))
            for each in done.clients:
                click.echo("\n".join(_lines(each)))
        if trust is not None:
            click.echo(f"Keycloak takes the tokens of {trust.issuer}. In CI, set KEYCLOAK_REALM={settings.realm}.")
            return ExitCode.DONE
        click.echo(
            f"In CI, set KEYCLOAK_REALM={settings.realm}, and KEYCLOAK_CLIENT_ID to the reader (plan, drift) or the "
            "writer (apply); KEYCLOAK_CLIENT_SECRET comes from the sink. See docs/ci-login.md."
        )
        return ExitCode.DONE

    return run_interruptible(main)


_BY_SECRET: Final = ("reader", "writer", "deliver", "sink")


def _trusted(forge: str | None, subject: str | None, issuer: str | None, alias: str | None) -> "Trust | None":
    """Return whose tokens are taken.

    Raises:
        WrongUsage: The options do not go together, or the subject is not one of the host's.
    """
    from reconciler.app.bootstrap_login import Trust

    if forge is None:
        if (subject, issuer, alias) != (None, None, None):
            raise WrongUsage(
                "--subject, --issuer and --alias go with --trust.", remedy=f"Name the host: --trust {'|'.join(FORGES)}."
            )
        return None
    host = FORGES[forge]
    if subject is None or not re.fullmatch(host.repository, subject):
        said = "is missing" if subject is None else f"'{subject}' is none of {forge}'s"
        raise WrongUsage(f"--subject {said}.", remedy=f"Write it as {host.example}.")
    if alias is not None and not re.fullmatch(r"[\w.-]+", alias):
        raise WrongUsage(f"--alias '{alias}' is not an alias.", remedy="Write it of letters, digits, '.', '_' and '-'.")
    found = host.issuer_of(issuer)
    return Trust(alias or forge, found, found + host.keys, host.longest)


def _provider_lines(found: "Trusted") -> Iterator[str]:
    shared = ", and shared: people may log in by it" if found.is_shared else ""
    yield f"identity provider {found.alias}: {'created' if found.is_new else 'exists'}{shared}"
    if found.mended:
        yield f"  settings changed, and no others: {', '.join(found.mended)}"


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


def _script(clients: "tuple[LoginClient, ...]", realm: str, trust: "Trust | None") -> Iterator[str]:
    """Yield what does the same by Keycloak's own command line; it stops where a client is there already."""
    from reconciler.app.bootstrap_login import ROLES_OF, shape_of

    yield "#!/bin/sh"
    yield "# Log in first: kcadm.sh config credentials --server URL --realm master --user ADMINISTRATOR"
    yield "set -eu"
    if trust is not None:
        yield f"# Where '{trust.alias}' is there already, this stops and changes nothing, as people may log in by it."
        yield "# Without --print, bootstrap-login adds to it what clients' tokens need, and leaves the rest."
        words = ["kcadm.sh", "create", "identity-provider/instances", "-r", realm]
        yield shlex.join([*words, *_settings(trust.representation)])
    for client in clients:
        words = ["kcadm.sh", "create", "clients", "-r", realm, "-s", f"clientId={client.client_id}"]
        yield shlex.join([*words, *_settings(shape_of(client, trust))])
        user = f"service-account-{client.client_id.lower()}"
        words = ["kcadm.sh", "add-roles", "-r", realm, "--uusername", user, "--cclientid", ROLES_OF]
        yield shlex.join([*words, *(word for role in client.roles for word in ("--rolename", role))])
        if trust is None:
            yield f"# Its secret: clients, {client.client_id}, Credentials in the admin console."


def _settings(representation: Mapping[str, Any]) -> Iterator[str]:
    for key, value in representation.items():
        yield from ("-s", f"{key}={value if isinstance(value, str) else json.dumps(value, separators=(',', ':'))}")
