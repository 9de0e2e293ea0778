"""``reconciler rotate``: replace client secrets without locking anybody out."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from reconciler.cli import options
from reconciler.cli.interrupt import Interruption, run_interruptible
from reconciler.cli.live import take
from reconciler.cli.recording import recorded
from reconciler.model.errors import ExitCode, WrongUsage

if TYPE_CHECKING:
    from reconciler.cli.rotating import Rotating
    from reconciler.ports import SecretSink
    from reconciler.rotate.run import Act
    from reconciler.rotate.survey import Surveyed
    from reconciler.rotate.tools import Tools

_Command = TypeVar("_Command", bound=Callable[..., Any])

_SHARED: Final = (
    click.argument("client_ids", metavar="[CLIENTID]...", nargs=-1),
    options.files,
    options.as_json,
    options.no_effective,
    click.option(
        "--journal", type=click.Path(dir_okay=False, path_type=Path),
        help="The run's journal.  [default: a new file in the user's state folder]",
    ),
)  # fmt: skip
_DELIVERING: Final = (
    options.sink,
    click.option("--show-secrets", is_flag=True, help="Print secrets on this terminal, instead of a sink."),
)


def _decorated(command: _Command, *decorators: Callable[[Any], Any]) -> Any:
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def _rotating(command: _Command) -> Any:
    return _decorated(
        command, *_SHARED, options.locking, options.history, options.connection, click.pass_context, recorded
    )


def _delivering(command: _Command) -> Any:
    return _decorated(
        command,
        *_SHARED,
        *_DELIVERING,
        options.locking,
        options.history,
        options.connection,
        click.pass_context,
        recorded,
    )


class _Group(click.Group):
    """Let ``rotate --due`` mean ``rotate start --due``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--due" in args and (not args or args[0].startswith("-")):
            args = ["start", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Group)
def rotate() -> None:
    """Replace client secrets: the old one stays valid until the new one is delivered, tried and confirmed.

    How far a rotation is stands in Keycloak, so that any machine can go on with it: start, then switch the system to
    the new secret, then confirm. "rotate --due" is "rotate start --due", for a cron job.
    """


@rotate.command()
@click.option("--due", is_flag=True, help="All clients whose secret is due, by secretRotation or its expiry.")
@click.option("--abandon-old", is_flag=True, help="Give up an old secret that is still alive.")
@_delivering
def start(
    context: click.Context,
    /,
    *,
    due: bool,
    abandon_old: bool,
    sink: str | None,
    show_secrets: bool,
    client_ids: tuple[str, ...],
    **given: Any,
) -> None:
    """Make a new secret, deliver it to the sink, and prove that both work.

    Refused where the realm would not keep the old secret alive for long enough, and while an older one still is. What
    a killed run began is gone on with. With --due and nothing to do, the exit code is 0.
    """
    if due == bool(client_ids):
        raise WrongUsage("Say which secrets are meant.", remedy="Name clients, or give --due.")

    def act(tools: "Tools", seen: "Surveyed") -> "Act":
        from reconciler.rotate.start import start as begin

        overlap = None if seen.policy is None else seen.policy.overlap
        return lambda address: begin(tools, address, overlap, abandon_old=abandon_old)

    chosen = _sink(context, sink, show=show_secrets)
    run, wanted = _run(client_ids, given), (lambda seen: seen.needs_start) if due else _all
    context.exit(run_interruptible(lambda interruption: run.run(interruption, chosen, wanted, act)))


@rotate.command()
@_delivering
def deliver(
    context: click.Context, /, *, sink: str | None, show_secrets: bool, client_ids: tuple[str, ...], **given: Any
) -> None:
    """Deliver the current secret, again or for the first time, and prove it.

    Works for any managed client: it goes on with a rotation whose delivery failed, and brings a secret that Keycloak
    has to where it is needed.
    """
    _named(client_ids)

    def act(tools: "Tools", _: "Surveyed") -> "Act":
        from reconciler.rotate.handover import hand_over

        return lambda address: hand_over(tools, address)

    chosen, run = _sink(context, sink, show=show_secrets), _run(client_ids, given)
    context.exit(run_interruptible(lambda interruption: run.run(interruption, chosen, _all, act)))


@rotate.command()
@click.option(
    "--require-usage", is_flag=True,
    help="Revoke only after a trial: the old secret is closed, and Keycloak's record of logins is watched. Opened "
    "again at once when a login fails, or when none is seen.",
)  # fmt: skip
@click.option(
    "--watch", type=options.DurationType(1), default="6m", show_default=True,
    help="How long the trial lasts; longer than the system keeps a token.",
)  # fmt: skip
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@_rotating
def confirm(
    context: click.Context,
    /,
    *,
    require_usage: bool,
    watch: int,
    auto_approve: bool,
    client_ids: tuple[str, ...],
    **given: Any,
) -> None:
    """Revoke the old secret, after proof that the new one works, and prove that the old one is dead.

    Whoever still uses the old secret is shut out by it. --require-usage finds that out first.
    """
    _named(client_ids)

    def act(tools: "Tools", _: "Surveyed") -> "Act":
        from reconciler.rotate.confirm import Watch
        from reconciler.rotate.confirm import confirm as end

        trial = Watch(float(watch)) if require_usage else None
        return lambda address: end(tools, address, trial)

    run = _run(client_ids, given)

    async def main(interruption: Interruption) -> ExitCode:
        if not auto_approve and not await _approved(client_ids):
            click.echo("Cancelled: nothing was changed.")
            return ExitCode.ERROR
        return await run.run(interruption, None, _all, act)

    context.exit(run_interruptible(main))


@rotate.command()
@_delivering
def abort(
    context: click.Context, /, *, sink: str | None, show_secrets: bool, client_ids: tuple[str, ...], **given: Any
) -> None:
    """Go back to the old secret: make it the current one again, deliver it, and prove it.

    Possible until the old secret has died. The new one stays valid beside it, so that nobody is shut out; "rotate
    confirm" then revokes it.
    """
    _named(client_ids)

    def act(tools: "Tools", _: "Surveyed") -> "Act":
        from reconciler.rotate.abort import abort as go_back

        return lambda address: go_back(tools, address)

    chosen, run = _sink(context, sink, show=show_secrets), _run(client_ids, given)
    context.exit(run_interruptible(lambda interruption: run.run(interruption, chosen, _all, act)))


@rotate.command()
@click.argument("client_ids", metavar="[CLIENTID]...", nargs=-1)
@options.files
@options.as_json
@options.connection
@click.pass_context
def status(
    context: click.Context, /, *, client_ids: tuple[str, ...], files: tuple[Path, ...], as_json: bool, **live: Any
) -> None:
    """Show how old the secrets are, when they and the old ones beside them end, and which are due.

    Without CLIENTID, those of all clients that are managed. Only reads.
    """
    import asyncio

    settings = take(live)

    async def show() -> None:
        from reconciler.cli.live import systems
        from reconciler.cli.rotating import declared
        from reconciler.review.rotation_text import status_json, status_text
        from reconciler.rotate.survey import survey

        desired = declared(files, settings)
        async with systems(settings, effective=False) as opened:
            found = await survey(opened.admin, desired, settings.owner, opened.clock, client_ids)
            rows = [(each.rotation, each.due, each.findings) for each in found]
            text = (status_json if as_json else status_text)(rows, opened.clock.now())
        click.echo(text, nl=False, color=settings.color)

    asyncio.run(show())
    context.exit(ExitCode.DONE)


def _run(client_ids: tuple[str, ...], given: dict[str, Any]) -> "Rotating":
    from reconciler.cli.rotating import Rotating

    settings = take(given)
    return Rotating(settings=settings, client_ids=client_ids, effective=not given.pop("no_effective"), **given)


def _sink(context: click.Context, text: str | None, *, show: bool) -> "SecretSink":
    from reconciler.cli.sinks import needed_sink

    if not show:
        return needed_sink(context, text)
    from reconciler.adapters.sinks.opening import Terminal

    if not sys.stdout.isatty():
        raise WrongUsage(
            "Standard output is no terminal: no secret is printed.",
            remedy="Run it on a terminal, or name a sink: --sink.",
        )
    return Terminal()


def _named(client_ids: tuple[str, ...]) -> None:
    if not client_ids:
        raise WrongUsage("Say which clients are meant.", remedy="Name them; rotate status lists them.")


def _all(_: "Surveyed") -> bool:
    return True


async def _approved(client_ids: tuple[str, ...]) -> bool:
    from reconciler.cli.asking import confirmed

    if not sys.stdin.isatty():
        raise WrongUsage("There is no terminal to ask on.", remedy="Use --auto-approve.")
    click.echo(f"The old secrets of {', '.join(client_ids)} will be revoked: whoever still uses one is shut out.")
    return await confirmed("Do you want to revoke them?")
