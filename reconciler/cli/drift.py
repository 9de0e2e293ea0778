"""``reconciler drift``: tell whether the live systems still are as last applied."""

import asyncio
from pathlib import Path
from typing import Any

import click

from reconciler.cli import options
from reconciler.cli.live import take
from reconciler.model.address import Address
from reconciler.model.effective_choice import Ask, EffectiveChoice
from reconciler.model.errors import ExitCode


class EffectiveType(click.ParamType[EffectiveChoice]):
    """Parse ``--effective``."""

    name = "who"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> EffectiveChoice:
        """Return the choice, or fail with words for people."""
        if isinstance(value, EffectiveChoice):
            return value
        try:
            return EffectiveChoice.parse(value)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


@click.command()
@options.files
@options.targets
@options.as_json
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Remember here what was read, and read only what may have changed since. Without the file, all is read.",
)
@click.option("--full", is_flag=True, help="Read everything, whatever the state says.")
@click.option(
    "--max-age",
    type=options.DurationType(60),
    default="24h",
    show_default=True,
    help="How old the last full read may be before everything is read again.",
)
@click.option(
    "--effective",
    "choice",
    type=EffectiveType(),
    metavar="all|changed|sample:N|none",
    help="Which clients to ask GET /v1/me for. A sample is those that changed, and N others in turn.  "
    "[default: all; sample:20 where only what may have changed is read]",
)
@options.no_effective
@options.connection
@click.pass_context
def drift(
    context: click.Context,
    /,
    *,
    files: tuple[Path, ...],
    targets: tuple[Address, ...],
    as_json: bool,
    state: Path | None,
    full: bool,
    max_age: int,
    choice: EffectiveChoice | None,
    no_effective: bool,
    **live: Any,
) -> None:
    """Tell whether the live systems still are as last applied; exit with 2 if not.

    Drift is what somebody changed in Keycloak, or what the platform does not do although Keycloak says so. A change
    of a manifest that is not applied yet is no drift. Keycloak's admin events say who changed it, when and from where.

    With --state, only what may have changed is read: pages of organizations and clients, and what the admin events
    since the last run name. The report says what it rests on.
    """
    from reconciler.cli.watching import Asked, watch_for_drift
    from reconciler.plan.drift import has_drift
    from reconciler.review.drift_text import drift_text
    from reconciler.review.plan_json import drift_json

    settings = take(live)
    asked = Asked(files, targets, EffectiveChoice(Ask.NONE) if no_effective else choice, state, max_age, full)
    found = asyncio.run(watch_for_drift(asked, settings))
    click.echo(drift_json(found) if as_json else drift_text(found), nl=False, color=settings.color)
    if not found.complete:
        context.exit(ExitCode.ERROR)
    context.exit(ExitCode.CHANGES if has_drift(found) else ExitCode.DONE)
