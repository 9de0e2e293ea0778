"""``reconciler sandbox``: a real Keycloak and the reference platform API on this machine."""

from pathlib import Path
from typing import Any

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand, CliGroup
from reconciler.cli.diagnostics import say
from reconciler.model.errors import ExitCode
from reconciler.model.layout import DEFAULT_REALM

_PORT = click.IntRange(1, 65535)

_in_folder = click.option(
    "--dir", "folder", type=click.Path(file_okay=False, path_type=Path), envvar="RECONCILER_SANDBOX_DIR",
    help="The sandbox's state folder.  [default: the user's own, below XDG_STATE_HOME]",
)  # fmt: skip


@click.group(cls=CliGroup)
def sandbox() -> None:
    """Run a real Keycloak and the reference platform API on this machine."""


@sandbox.command()
@_in_folder
@click.option("--port", type=_PORT, help="Keycloak's port.  [default: a free one]")
@click.option("--api-port", type=_PORT, help="The platform API's port.  [default: a free one]")
@options.option("--realm", default=DEFAULT_REALM, help="The realm that the platform API trusts.")
@options.option(
    "--current-dpa-version", metavar="YYYY-MM", default="2026-01",
    help="The oldest DPA that the platform API accepts.",
)  # fmt: skip
@options.option(
    "--api-cache-seconds", "cache_seconds", type=options.patience(0, 3600), default="3s",
    help="How long the platform API caches an organization.",
)  # fmt: skip
@click.option(
    "--partners", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The platform's directory of partners: a JSON file {uuid: {name, country}}; null for one that is none.",
)  # fmt: skip
def up(*, folder: Path | None, **given: Any) -> None:
    """Start the sandbox, if it is not up already.

    The first time fetches Keycloak (153 MB, with Maven) and builds it, which takes a minute or two. The servers
    keep running until `reconciler sandbox down`. RECONCILER_SANDBOX_JVM holds further options for Keycloak's Java.
    """
    import signal

    from reconciler.sandbox.folder import ApiSettings
    from reconciler.sandbox.lifecycle import Options, Sandbox
    from reconciler.sandbox.report import summary

    said = {name: value for name, value in given.items() if value is not None}
    rules = {name: said.pop(name) for name in ApiSettings.model_fields if name in said}
    options = Options(**said, settings=ApiSettings(**rules))
    # Like Ctrl-C: what was started is stopped on the way out.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        running = Sandbox(folder, options, say=_progress).up()
    finally:
        signal.signal(signal.SIGTERM, before)
    if not running.started and running.settings != options.settings:
        _progress("It keeps the settings that it was started with; to change them, take it down first.")
    click.echo(summary(running), nl=False)


@sandbox.command()
@_in_folder
@click.option("--purge", is_flag=True, help="Also delete its state: Keycloak's database, password and logs.")
def down(folder: Path | None, *, purge: bool) -> None:
    """Stop the sandbox, if it is up."""
    from reconciler.sandbox.lifecycle import Sandbox

    stopped = Sandbox(folder).down(purge=purge)
    click.echo("The sandbox is down." if stopped else "The sandbox was not up.")
    if purge:
        click.echo("Its state is deleted.")


@sandbox.command(cls=CliCommand)
@_in_folder
@options.as_json
def status(folder: Path | None, *, as_json: bool) -> ExitCode:
    """Show the status of the sandbox; exit 0 when both servers run and answer, else 1."""
    from reconciler.sandbox.lifecycle import Sandbox
    from reconciler.sandbox.report import status_json, status_text

    found = Sandbox(folder).status()
    click.echo((status_json if as_json else status_text)(found))
    return ExitCode.DONE if found.up else ExitCode.ERROR


@sandbox.command()
@_in_folder
def env(folder: Path | None) -> None:
    """Print the environment variables of the sandbox: eval "$(reconciler sandbox env)"."""
    from reconciler.sandbox.lifecycle import Sandbox
    from reconciler.sandbox.shell import exports

    click.echo(exports(Sandbox(folder).running()), nl=False)


@sandbox.command("auto-pause")
@_in_folder
@click.argument("url")
@options.option("--reason", default="20 deliveries failed, the last one with HTTP 500.", help="The reason, for people.")
def auto_pause(folder: Path | None, url: str, reason: str) -> None:
    """Make the platform pause the webhooks of URL, as it does by itself when deliveries keep failing."""
    from reconciler.sandbox.api import auto_pause as pause
    from reconciler.sandbox.lifecycle import Sandbox

    paused = pause(Sandbox(folder).running().api_url, url, reason)
    click.echo("".join(f"Paused {each}\n" for each in paused), nl=False)


def _progress(line: str) -> None:
    say(line, "sandbox")
