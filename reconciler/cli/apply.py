"""``reconciler apply``: make the changes, and prove that they took effect."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from reconciler.adapters.environment import Said
from reconciler.adapters.interruption import SignalInterruption, run_interruptible
from reconciler.cli import options
from reconciler.cli.environment import said_for
from reconciler.cli.live import LiveOptions, take
from reconciler.cli.run_record import recorded
from reconciler.model.address import Address
from reconciler.model.errors import ExitCode, WrongUsage

if TYPE_CHECKING:
    from reconciler.app.gated_write import Terms, WritePorts, WriteResult
    from reconciler.cli.console import Console
    from reconciler.ports import SecretSink, Systems


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run of the command, with its options."""

    settings: LiveOptions
    effective: bool
    sink: "SecretSink | None"
    said: Said
    planfile: Path | None
    files: tuple[Path, ...]
    targets: tuple[Address, ...]
    auto_approve: bool
    allow_delete: bool
    soft_delete: bool
    allow_takeover: bool
    force: bool
    approvals: tuple[Path, ...]
    verify_timeout: float
    journal: Path | None
    lock_timeout: int
    lock_lease: int

    async def run(self, interruption: SignalInterruption) -> ExitCode:
        """Carry out the saved plan, or what the manifests say."""
        from reconciler.cli.console import Console
        from reconciler.cli.write_options import ended, write_ports
        from reconciler.review.plan_text import plan_text

        ports = write_ports(
            self._systems, self.settings, interruption, self.lock_timeout, self.lock_lease, self.journal
        )
        if self.planfile is None:
            console = Console(self.settings, plan_text=plan_text)
            return ended(await self._apply(ports, console), console.print)
        console = Console(self.settings, "the plan says")
        result = await self._apply_saved(self.planfile, ports, console)
        if result.plan.is_empty:
            console.print("The plan holds nothing to write: nothing was done.\n")
        return ended(result, console.print)

    async def _apply(self, ports: "WritePorts", console: "Console") -> "WriteResult":
        from reconciler.app.apply import ApplyRequest, apply
        from reconciler.cli.inputs import Consent, context_of, desired_state

        desired = desired_state(self.files, self.settings)
        consent = Consent(
            allow_delete=self.allow_delete, soft_delete=self.soft_delete, allow_takeover=self.allow_takeover
        )
        context = context_of(self.settings, self.targets, consent, expected=self.said.expected)
        terms = replace(self._terms(), asks=not self.auto_approve)
        return await apply(ApplyRequest(desired, context, terms), ports, console)

    async def _apply_saved(self, planfile: Path, ports: "WritePorts", console: "Console") -> "WriteResult":
        from reconciler.adapters.approval_file import read_approval_file
        from reconciler.adapters.plan_file import read_plan_file
        from reconciler.app.apply import SavedRequest, apply_saved, bound_plan
        from reconciler.cli.inputs import context_of
        from reconciler.review.approval_file import parse_approval

        context = context_of(self.settings, (), expected=self.said.expected)
        saved = bound_plan(read_plan_file(planfile), str(planfile), context)
        approvals = tuple(parse_approval(read_approval_file(path), str(path)) for path in self.approvals)
        return await apply_saved(SavedRequest(saved, replace(self._terms(), approvals=approvals)), ports, console)

    def _terms(self) -> "Terms":
        from reconciler.app.gated_write import Terms
        from reconciler.model.guards import DEFAULT_GUARDS

        return Terms(
            policies=self.said.policies,
            environment=self.said.environment,
            guards=self.said.guards or DEFAULT_GUARDS,
            allow_delete=self.allow_delete,
            force=self.force,
            patience=self.verify_timeout,
            parallelism=self.settings.parallelism,
        )

    @asynccontextmanager
    async def _systems(self) -> "AsyncIterator[Systems]":
        from reconciler.adapters.live import systems

        async with systems(self.settings, effective=self.effective) as live:
            yield replace(live, sink=self.sink)
