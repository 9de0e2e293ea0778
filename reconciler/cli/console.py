"""Follow a run on the terminal: print what it tells, show how far it is, and ask."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import assert_never

import click

from reconciler.adapters.meter import Meter
from reconciler.cli.asking import REVIEW_FIRST, confirmed
from reconciler.cli.diagnostics import is_json, say, warn
from reconciler.cli.progress import Counting, PlainProgress, counting, progress, reading
from reconciler.cli.run_record import hear
from reconciler.model.manifest import utc_text
from reconciler.model.outcome import Applied
from reconciler.model.plan import Moved, Plan
from reconciler.model.policy import Approval
from reconciler.model.rotation import RotationOutcome
from reconciler.model.text import counted
from reconciler.ports import Events, Progress, run_events
from reconciler.review.applied_text import applied_text, verification_text
from reconciler.review.plan_text import target_text
from reconciler.review.rotation_text import outcome_text
from reconciler.review.stale_text import stale_text


@dataclass(slots=True)
class Console(Events):
    """Implement the port ``Events``; ``desired`` says, for people, what was to be reached.

    ``plan_text`` is how a plan is shown; None where it was, or will be. With ``as_json``, standard output is left to
    one document at the end. Where no sink can be named, ``can_deliver`` is False.
    """

    meter: Meter
    desired: str = "the manifests say"
    plan_text: Callable[[Plan], str] | None = None
    as_json: bool = False
    can_deliver: bool = True
    counting: Counting = field(default_factory=Counting)

    def tell(self, event: run_events.RunEvent) -> None:
        """Print what happened, and note it for the history."""
        hear(event)
        match event:
            case run_events.Planned(plan):
                if plan.destroys or plan.excluded:
                    self.desired = "the plan says"
                if self.plan_text is not None:
                    click.echo(self.plan_text(plan), nl=False)
            case run_events.Outdated(saved, moved):
                _say_outdated(saved, moved)
            case run_events.Approved(approval):
                _say_approved(approval)
            case run_events.SecretsUnheard(webhooks):
                if self.can_deliver:
                    _warn_unheard(webhooks)
            case run_events.Written(_, _, goes_on) if goes_on:
                click.echo("The realm is enabled: reading and planning the rest.")
            case run_events.Written(plan, applied):
                click.echo(applied_text(applied, is_whole=not plan.read_failures), nl=False)
                _say_delivered(applied)
            case run_events.Verified(found, asked):
                click.echo(verification_text(found, asked_effective=asked, desired=self.desired), nl=False)
            case run_events.Rotated(outcome):
                self._show_rotated(outcome)
            case run_events.RotationNoted(address, text):
                say(f"{address}: {text}", "rotation", address=str(address))
            case _:
                assert_never(event)

    def during(self, stage: run_events.Stage) -> AbstractContextManager[Progress]:
        """Show a bar where people look on."""
        match stage:
            case run_events.Reading(clients):
                return reading(self.meter, clients)
            case run_events.Applying(changes):
                return progress("Applying", changes)
            case run_events.Verifying(patience):
                return progress("Verifying", patience=patience)
            case run_events.Rotating(clients):
                return self._counting(clients)
            case _:
                assert_never(stage)

    def _show_rotated(self, outcome: RotationOutcome) -> None:
        with self.counting.one():
            click.echo("" if self.as_json else outcome_text(outcome), nl=False)

    @contextmanager
    def _counting(self, clients: int) -> Iterator[Progress]:
        with counting("Rotating", clients) as self.counting:
            yield PlainProgress()

    async def confirm(self, plan: Plan) -> bool:
        """Ask on the terminal; the plan was printed, and where it will be written is said again."""
        return await confirmed("Do you want to perform these actions?", REVIEW_FIRST, target_text(plan))


def _say_delivered(applied: Applied) -> None:
    """Tell programs where secrets went: people are told with the numbers."""
    for outcome in applied.outcomes if is_json() else ():
        if outcome.secret_in:
            address = str(outcome.change.address)
            say(f"{address}: its secret was delivered: {outcome.secret_in}", "secret-delivered", address=address,
                place=outcome.secret_in)  # fmt: skip


def _warn_unheard(webhooks: tuple[str, ...]) -> None:
    """Warn that secrets will be known to nobody."""
    whose = "Its secret" if len(webhooks) == 1 else "Their secrets"
    warn(
        f"{counted(len(webhooks), 'webhook')} will be created without a sink: {', '.join(webhooks)}. "
        f"{whose}, which the platform shows only once, will be known to nobody, so that no receiver can check that "
        "a delivery comes from the platform.",
        "no-sink",
        remedy="Name a sink for secrets: --sink, or a sink in reconciler.yaml.",
        webhooks=list(webhooks),
    )


def _say_outdated(saved: Plan, moved: tuple[Moved, ...]) -> None:
    what = [{"address": str(each.address), "how": each.how} for each in moved]
    say(stale_text(saved, moved).rstrip("\n"), "moved", styled=True, moved=what)


def _say_approved(approval: Approval) -> None:
    reason = f": {approval.reason}" if approval.reason else "."
    text = f"Approved by {approval.approved_by} at {utc_text(approval.approved_at)}{reason}"
    say(text, "approved", by=approval.approved_by)
