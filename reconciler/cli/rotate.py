"""``reconciler rotate``: replace client secrets without locking anybody out."""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import click

from reconciler.adapters.interruption import SignalInterruption, run_interruptible
from reconciler.cli import options
from reconciler.cli.command import CliCommand, CliGroup
from reconciler.cli.live import Asking, LiveOptions
from reconciler.cli.run_record import Recorded, this_run
from reconciler.model.errors import ExitCode, WrongUsage

if TYPE_CHECKING:
    from reconciler.app.rotate import RotatePorts, RotateResult, Task
    from reconciler.model.manifest import DesiredState
    from reconciler.ports import Clock, SecretSink

_HERE: Final = (Path(),)
_CLIENTS: Final = click.argument("client_ids", metavar="[CLIENTID]...", nargs=-1, type=options.CLIENT)
_SHARED: Final = (_CLIENTS, options.files, options.as_json, options.effective, options.journal)
_DELIVERING: Final = (
    options.sink,
    click.option(
        "--show-secrets", is_flag=True, help="Print secrets on this terminal instead of delivering them to a sink."
    ),
)
_AROUND: Final = (options.locking, options.history, options.connection)
_rotating = options.together(*_SHARED, *_AROUND)
_delivering = options.together(*_SHARED, *_DELIVERING, *_AROUND)


class _Group(CliGroup):
    """Let ``rotate --due`` mean ``rotate start --due``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--due" in args and (not args or args[0].startswith("-")):
            args = ["start", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Group)
def rotate() -> None:
    """Rotate client secrets: the old one stays valid until the new one is delivered, tested and confirmed.

    The state of a rotation is kept in Keycloak, so that any machine can resume it: start, then switch the system to
    the new secret, then confirm. "rotate --due" is "rotate start --due", for a cron job.
    """


@rotate.command(cls=Recorded)
@click.option(
    "--due", is_flag=True, help="All clients whose secret is due for rotation, by secretRotation or its expiry."
)
@click.option("--abandon-old", is_flag=True, help="Discard an old secret that is still valid.")
@_delivering
def start(*, due: bool, abandon_old: bool, **given: Any) -> ExitCode:
    """Create a new secret, deliver it to the sink, and verify that both work.

    Refused if the realm would not keep the old secret valid for long enough, or while an older one still is valid.
    Resumes what a killed run began. With --due and nothing to do, the exit code is 0.
    """
    if due == bool(given["client_ids"]):
        raise WrongUsage("No client is named.", remedy="Name clients, or use --due.")

    from reconciler.app.rotate import Start

    return _run(Start(due, abandon_old), **given)


@rotate.command(cls=Recorded)
@_delivering
def deliver(**given: Any) -> ExitCode:
    """Deliver the current secret, again or for the first time, and verify it.

    Works for any managed client: it resumes a rotation whose delivery failed, and delivers a secret that exists in
    Keycloak to where it is needed.
    """
    from reconciler.app.rotate import Deliver

    return _run_named(Deliver(), **given)


@rotate.command(cls=Recorded)
@click.option(
    "--require-usage", is_flag=True,
    help="Revoke only after a trial: the old secret is disabled while Keycloak's login events are watched, and "
    "enabled again at once when a login fails, or when none is seen.",
)  # fmt: skip
@options.option(
    "--watch", type=options.duration(1), default="6m",
    help="Duration of the trial; longer than the system caches a token.",
)  # fmt: skip
@options.asking
@_rotating
def confirm(*, require_usage: bool, watch: int, asking: Asking, **given: Any) -> ExitCode:
    """Revoke the old secret once the new one works, and verify that the old one is refused.

    A system that still uses the old secret is locked out. --require-usage detects that first.
    """
    from reconciler.app.rotate import Confirm

    return _run_named(Confirm(float(watch) if require_usage else None), asks=asking.is_needed(), **given)


@rotate.command(cls=Recorded)
@_delivering
def abort(**given: Any) -> ExitCode:
    """Go back to the old secret: make it the current one again, deliver it, and verify it.

    Possible until the old secret has expired. The new one stays valid beside it, so that nobody is locked out;
    "rotate confirm" then revokes it.
    """
    from reconciler.app.rotate import Abort

    return _run_named(Abort(), **given)


@rotate.command(cls=CliCommand)
@_CLIENTS
@options.files
@options.as_json
@options.connection
def status(*, client_ids: tuple[str, ...], files: tuple[Path, ...], as_json: bool, settings: LiveOptions) -> None:
    """Show the age and expiry of secrets, old ones included, and which are due for rotation.

    Without CLIENTID, those of all managed clients. Read-only.
    """
    from reconciler.app.rotate import StatusRequest, rotation_status
    from reconciler.cli.inputs import ask
    from reconciler.review.rotation_text import status_json, status_text

    request = StatusRequest(_declared(files, settings), settings.owner, client_ids)
    found = asyncio.run(ask(rotation_status, request, settings, effective=False))
    rows = [(each.rotation, each.due, each.findings) for each in found.clients]
    click.echo((status_json if as_json else status_text)(rows, found.at), nl=False)


def _run_named(task: "Task", *, client_ids: tuple[str, ...], **given: Any) -> ExitCode:
    """Do the task for clients that must be named."""
    if not client_ids:
        raise WrongUsage("No client is named.", remedy="Name them; rotate status lists them.")
    return _run(task, client_ids=client_ids, **given)


def _run(
    task: "Task", *, client_ids: tuple[str, ...], files: tuple[Path, ...], as_json: bool, settings: LiveOptions,
    asks: bool = False, **given: Any,
) -> ExitCode:  # fmt: skip
    """Do the task, print how it went, and return the exit code."""
    from reconciler.app.rotate import RotateRequest
    from reconciler.app.rotate import rotate as use_case
    from reconciler.cli.asking import confirmed
    from reconciler.cli.console import Console

    sink = _sink(given["sink"], show=given["show_secrets"]) if "sink" in given else None

    async def main(interruption: SignalInterruption) -> ExitCode:
        facts = (
            f"The old secrets of {', '.join(client_ids)} will be revoked: a system that still uses one is locked out.\n"
        )
        if asks and not await confirmed("Do you want to revoke them?", "Use --auto-approve.", facts):
            click.echo("Cancelled: nothing was changed.")
            return ExitCode.ERROR
        request = RotateRequest(_declared(files, settings), settings.realm, settings.owner, client_ids, task)
        ports = _ports(settings, interruption, sink, given)
        return _ended(await use_case(request, ports, Console(settings.meter, as_json=as_json)), as_json=as_json)

    return run_interruptible(main)


def _ports(
    settings: LiveOptions, interruption: SignalInterruption, sink: "SecretSink | None", given: dict[str, Any]
) -> "RotatePorts":
    from reconciler.adapters.journal import FileJournal, default_folder
    from reconciler.adapters.live import secret_proof, systems
    from reconciler.adapters.watchdog import ProcessWatchdog
    from reconciler.app.rotate import RotatePorts

    run, locking = this_run(), given["locking"]

    def journal(clock: "Clock") -> FileJournal:
        name = f"{clock.now():%Y%m%dT%H%M%SZ}-rotate-{uuid4().hex[:8]}.jsonl"
        return FileJournal(given["journal"] or default_folder() / name, clock)

    return RotatePorts(
        systems=partial(systems, settings, effective=False),
        proof=partial(secret_proof, settings, effective=given["effective"]),
        lock=partial(locking.held, settings, interruption, run),
        journal=journal,
        watchdog=partial(ProcessWatchdog.begin, settings, run, locking.lock_lease),
        interruption=interruption,
        sink=sink,
    )


def _ended(result: "RotateResult", *, as_json: bool) -> ExitCode:
    from reconciler.model.rotation import RotationStatus
    from reconciler.review.rotation_text import outcomes_json

    outcomes = result.outcomes
    if as_json:
        click.echo(outcomes_json(outcomes), nl=False)
    elif not outcomes:
        click.echo("No secret is due.")
    left = {outcome.status for outcome in outcomes} - {RotationStatus.DONE}
    if not left:
        return ExitCode.DONE
    if result.halted or len(left) > 1 or len(outcomes) > 1:
        return ExitCode.PARTIAL
    return ExitCode.REFUSED if left == {RotationStatus.REFUSED} else ExitCode.ERROR


def _declared(files: tuple[Path, ...], settings: LiveOptions) -> "DesiredState":
    """Return what the manifests say; nothing where none were named, and there are none here.

    A rotation is ended wherever somebody is, with or without the repository.
    """
    from reconciler.cli.inputs import loaded_manifests

    return loaded_manifests(files, settings, may_be_none=files == _HERE).desired


def _sink(text: str | None, *, show: bool) -> "SecretSink":
    from reconciler.cli.sinks import needed_sink

    if not show:
        return needed_sink(text)
    from reconciler.adapters.sinks.opening import Terminal

    if not sys.stdout.isatty():
        raise WrongUsage(
            "Standard output is not a terminal: no secret is printed.",
            remedy="Run it on a terminal, or name a sink: --sink.",
        )
    return Terminal()
