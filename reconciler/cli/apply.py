"""``reconciler apply``: make the changes, and prove that they took effect."""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from reconciler.cli import options
from reconciler.cli.environment import Said, said_for
from reconciler.cli.interrupt import Interruption, run_interruptible
from reconciler.cli.live import LiveOptions, take
from reconciler.cli.recording import note_plan, recorded
from reconciler.model.address import Address
from reconciler.model.errors import ExitCode, WrongUsage

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from reconciler.app.workflow import Systems
    from reconciler.cli.writing import Writing
    from reconciler.model.moved import Moved
    from reconciler.model.plan import Plan
    from reconciler.ports import Lock, SecretSink


@click.command()
@click.argument("planfile", metavar="[PLANFILE]", required=False, type=click.Path(path_type=Path))
@options.files
@options.targets
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@options.consent
@click.option("--force", is_flag=True, help="Allow the plan to delete or disable more than 30 % of what is managed.")
@click.option(
    "--approval", "approvals", type=click.Path(path_type=Path), multiple=True, metavar="FILE",
    help="An approval of this plan, which approve wrote. Repeatable.",
)  # fmt: skip
@options.no_effective
@options.sink
@click.option(
    "--verify-timeout", type=click.FloatRange(0, 3600), default=60, show_default=True,
    help="Seconds until Keycloak and /v1/me must say what the manifests say.",
)  # fmt: skip
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The run's journal.  [default: a new file in the user's state folder]",
)
@options.locking
@options.no_replay
@options.history
@options.connection
@click.pass_context
@recorded
def apply(context: click.Context, /, *, no_effective: bool, **given: Any) -> None:
    """Show the plan, ask, make the changes, and prove that they took effect.

    With a PLANFILE, which "plan --out" saved, exactly that plan is carried out, without asking. If anything that it
    would write has moved since, nothing is written, and the exit code is 5.

    The proof reads Keycloak again and asks GET /v1/me as each client, until both say what the manifests say.

    One run of an owner writes to a realm at a time: another one leaves at once, or waits with --lock-timeout. Ctrl-C
    lets the writes in flight finish, and starts no others; the next apply goes on from there.

    The secrets of new clients and webhooks go to the sink; a webhook's before the platform hears of it.
    """
    settings = take(given)
    if given["planfile"] is not None:
        _check_alone(context)
    elif given["approvals"]:
        raise WrongUsage(
            "--approval goes with a PLANFILE: an approval is of one saved plan, and this one is made now.",
            remedy="Run plan --out FILE, let it be approved, then apply FILE --approval APPROVAL.",
        )
    from reconciler.cli.sinks import chosen_sink

    sink = chosen_sink(context, given.pop("sink"))
    run = _Run(settings=settings, effective=not no_effective, sink=sink, said=said_for(context), **given)
    context.exit(run_interruptible(run.run))


_ANSWERED: Final = (
    ("files", "-f"),
    ("targets", "--target"),
    ("soft_delete", "--soft-delete"),
    ("allow_takeover", "--allow-takeover"),
)
"""Parameters whose options a saved plan has answered already."""


def _check_alone(context: click.Context) -> None:
    """Refuse options that a saved plan has answered already."""
    for name, option in _ANSWERED:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise WrongUsage(
                f"{option} does not go with a PLANFILE: the plan says what is written.",
                remedy=f"Leave {option} out, or give it to plan --out and apply that plan.",
            )


class _Run:
    """One run of the command, with its options."""

    def __init__(
        self,
        *,
        settings: LiveOptions,
        effective: bool,
        sink: "SecretSink | None",
        said: Said,
        planfile: Path | None,
        files: tuple[Path, ...],
        targets: tuple[Address, ...],
        auto_approve: bool,
        allow_delete: bool,
        soft_delete: bool,
        allow_takeover: bool,
        force: bool,
        approvals: tuple[Path, ...],
        verify_timeout: float,
        journal: Path | None,
        lock_timeout: int,
        lock_lease: int,
    ) -> None:
        self._settings = settings
        self._effective = effective
        self._sink = sink
        self._said = said
        self._approvals = approvals
        self._planfile = planfile
        self._files = files
        self._targets = targets
        self._auto_approve = auto_approve
        self._allow_delete = allow_delete
        self._soft_delete = soft_delete
        self._allow_takeover = allow_takeover
        self._force = force
        self._patience = verify_timeout
        self._journal = journal
        self._lock_timeout = lock_timeout
        self._lock_lease = lock_lease
        self._interruption = Interruption()

    async def run(self, interruption: Interruption) -> ExitCode:
        self._interruption = interruption
        if self._planfile is not None:
            return await self._run_saved(self._planfile)
        from reconciler.app import workflow
        from reconciler.cli.live import systems
        from reconciler.cli.planning import Consent, context_of, declared_clients, desired_state
        from reconciler.cli.progress import reading
        from reconciler.cli.webhook_secrets import check_secrets
        from reconciler.plan.guards import check_guards
        from reconciler.plan.targets import check_targets
        from reconciler.review.plan_text import plan_text

        desired = desired_state(self._files, self._settings)
        consent = Consent(
            allow_delete=self._allow_delete, soft_delete=self._soft_delete, allow_takeover=self._allow_takeover
        )
        context = context_of(self._settings, self._targets, consent, expected=self._said.expected)
        async with systems(self._settings, effective=self._effective) as live, self._locked() as lock:
            with reading(self._settings.meter, declared_clients(desired, effective=self._effective)):
                planned = self._evaluated(await workflow.plan(desired, live, context))
            check_targets(desired, planned)
            note_plan(planned)
            self._say(plan_text(planned))
            check_guards(planned, allow_delete=self._allow_delete, force=self._force, guards=self._said.guards)
            self._check_policies(planned, "")
            await check_secrets(planned, self._sink)
            if not planned.changes:
                await lock.release()
            elif not await self._approved():
                self._say("Apply cancelled: nothing was changed.\n")
                return ExitCode.ERROR
            prove = partial(workflow.prove, planned, desired, live, context)
            return await self._writing("the manifests say").perform(
                planned, replace(live, sink=self._sink), lock, prove
            )

    async def _run_saved(self, planfile: Path) -> ExitCode:
        from reconciler.app import workflow
        from reconciler.cli.live import systems
        from reconciler.cli.saved import bound_plan, refuse_moved
        from reconciler.cli.webhook_secrets import check_secrets
        from reconciler.plan.guards import check_guards
        from reconciler.plan.saved import shows_effect

        bound = bound_plan(planfile, self._settings, self._said.expected)
        saved = self._evaluated(bound.plan)
        note_plan(bound.plan)
        if saved.is_empty:
            self._say("The plan holds nothing to write: nothing was done.\n")
            return ExitCode.DONE
        check_guards(saved, allow_delete=self._allow_delete, force=self._force, guards=self._said.guards)
        self._check_policies(saved, bound.fingerprint)
        async with systems(self._settings, effective=self._effective) as live, self._locked() as lock:
            refuse_moved(saved, await self._moved_since(saved, live))
            await check_secrets(saved, self._sink)
            self._effective = self._effective and shows_effect(saved)
            prove = partial(workflow.prove_saved, saved, live)
            return await self._writing("the plan says").perform(saved, replace(live, sink=self._sink), lock, prove)

    async def _moved_since(self, saved: "Plan", live: "Systems") -> "tuple[Moved, ...]":
        from reconciler.app import workflow
        from reconciler.cli.progress import reading

        with reading(self._settings.meter):
            return await workflow.moved_since(saved, live, self._settings.parallelism)

    def _evaluated(self, planned: "Plan") -> "Plan":
        from reconciler.plan.policy import evaluated

        return evaluated(planned, self._said.policies, self._said.environment)

    def _check_policies(self, planned: "Plan", fingerprint: str) -> None:
        from reconciler.cli.approvals import check_approved

        check_approved(planned, fingerprint, self._approvals)

    def _locked(self) -> "AbstractAsyncContextManager[Lock]":
        from reconciler.cli.locking import locked

        return locked(self._settings, self._lock_timeout, self._lock_lease, self._interruption)

    async def _approved(self) -> bool:
        from reconciler.cli.asking import confirmed

        if self._auto_approve:
            return True
        if not sys.stdin.isatty():
            raise WrongUsage("There is no terminal to ask on.", remedy="Review the plan, then use --auto-approve.")
        return await confirmed("Do you want to perform these actions?")

    def _writing(self, desired: str) -> "Writing":
        from reconciler.cli.writing import Writing

        return Writing(self._settings, self._interruption, self._effective, self._patience, self._journal, desired)

    def _say(self, text: str) -> None:
        click.echo(text, nl=False, color=self._settings.color)
