"""``reconciler drift``: tell whether the live systems still are as last applied."""

from pathlib import Path
from typing import Any

import click

from reconciler.cli import options
from reconciler.cli.interrupt import run_interruptible
from reconciler.cli.live import take
from reconciler.cli.recording import recorded
from reconciler.model.effective_choice import Ask, EffectiveChoice
from reconciler.model.errors import WrongUsage


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
@options.review
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
@click.option(
    "--metrics",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write Prometheus metrics here, for node_exporter's textfile collector.",
)
@click.option("--notify-always", is_flag=True, help="Notify with every run, not only when what is found changes.")
@click.option("--fix", is_flag=True, help="Put back what drifted, within the guards, and prove it.")
@click.option("--force", is_flag=True, help="With --fix: allow to disable more than 30 % of what is managed.")
@options.locking
@options.taping
@options.history
@options.connection
@click.pass_context
@recorded
def drift(
    context: click.Context,
    /,
    *,
    choice: EffectiveChoice | None,
    no_effective: bool,
    **given: Any,
) -> None:
    """Tell whether the live systems still are as last applied; exit with 2 if not.

    Drift is what somebody changed in Keycloak, or what the platform does not do although Keycloak says so. A change
    of a manifest that is not applied yet is no drift. Keycloak's admin events say who changed it, when and from where.

    With --state, only what may have changed is read: pages of organizations and clients, and what the admin events
    since the last run name. The report says what it rests on.

    With --fix, what drifted is put back, and nothing else; the exit code is that of what is left.

    --record keeps what is read, for a report of a bug; --replay reports the same from it, without any server.
    """
    from reconciler.cli.environment import chosen_environment, said_for
    from reconciler.cli.reviewing import take_review
    from reconciler.cli.taping import circumstances_of, take_taping, taped
    from reconciler.cli.watching import Asked, Watching, remembered
    from reconciler.review.formats import Format

    taping = take_taping(context, given, "drift")
    settings, review = take(given), take_review(given)
    if given["fix"] and review.form is not Format.TEXT:
        raise WrongUsage("--fix reports as text only.", remedy="Leave --format out, or run drift once more after it.")
    if given["fix"] and taping.record:
        raise WrongUsage("--record keeps what is read, and --fix writes.", remedy="Record drift without --fix.")
    choice = EffectiveChoice(Ask.NONE) if no_effective else choice
    asked = Asked(choice=choice, review=review, **given)
    then = circumstances_of(
        taping, "drift", settings, said_for(context), asked.files,
        effective=choice is None or choice.ask is not Ask.NONE,
        targets=tuple(map(str, asked.targets)),
        watched=remembered(asked),
    )  # fmt: skip
    environment = None if taping.replay else chosen_environment(context)
    with taped(taping, settings, then) as options_of_run:
        code = run_interruptible(Watching(asked, options_of_run, environment, then).run)
    context.exit(code)
