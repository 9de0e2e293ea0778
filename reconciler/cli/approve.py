"""``reconciler approve``: say yes to one saved plan, on behalf of the policies that ask for it."""

import asyncio
import getpass
import sys
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.diagnostics import say
from reconciler.model.errors import WrongUsage


@click.command()
@click.argument("planfile", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The approval, a new file.")
@click.option("--by", metavar="NAME", help="Who approves.  [default: the user's name on this machine]")
@click.option("--reason", default="", metavar="TEXT", help="Why, for those who read it later.")
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option(
    "--env",
    "name",
    metavar="NAME",
    envvar="RECONCILER_ENV",
    show_envvar=True,
    help="The environment of reconciler.yaml that is meant.",
)
@click.option("--config", metavar="FILE", type=click.Path(path_type=Path), help="The settings.")
@options.no_color
def approve(
    planfile: Path,
    out: Path,
    by: str | None,
    reason: str,
    auto_approve: bool,
    name: str | None,
    config: Path | None,
    no_color: bool,
) -> None:
    """Approve the plan that "plan --out PLANFILE" saved: show it, ask, and write the approval. No server is needed.

    The approval holds for this plan alone, known by its fingerprint, and for the policies that ask for one now. Give
    it to apply: "apply PLANFILE --approval FILE". It is no signature: who may put the file where apply finds it, may
    approve; keep it where others cannot write.
    """
    from reconciler.adapters.approval_file import write_approval_file
    from reconciler.adapters.clock import SystemClock
    from reconciler.adapters.plan_file import read_plan_file
    from reconciler.app.apply import saved_plan
    from reconciler.cli.asking import confirmed
    from reconciler.cli.environment import said_by
    from reconciler.cli.next_commands import command_for_approved
    from reconciler.model.errors import PolicyRefused
    from reconciler.model.policy import Approval
    from reconciler.plan.policy import evaluated
    from reconciler.review.approval_file import approval_text
    from reconciler.review.plan_text import plan_text
    from reconciler.review.saved_text import provenance_text

    said = said_by(config, name)
    saved = saved_plan(read_plan_file(planfile), str(planfile))
    plan = evaluated(saved.plan, said.policies, said.environment)
    click.echo(
        f"{plan_text(plan, is_saved=True)}\n{provenance_text(saved)}", nl=False, color=False if no_color else None
    )
    if final := [hit for hit in plan.policy_hits if hit.is_final]:
        raise PolicyRefused(final, is_saved=True)
    policies = tuple(sorted({hit.policy for hit in plan.policy_hits}))
    if not policies:
        raise WrongUsage("No policy asks for an approval of this plan.", remedy="Apply it.")
    if not auto_approve:
        if not sys.stdin.isatty():
            raise WrongUsage("There is no terminal to ask on.", remedy="Review the plan, then use --auto-approve.")
        if not asyncio.run(confirmed("Do you approve exactly this plan?")):
            raise click.Abort
    approval = Approval(saved.fingerprint, policies, by or getpass.getuser(), SystemClock().now(), reason)
    write_approval_file(out, approval_text(approval))
    command = command_for_approved(planfile, out, plan, said, (config, name))
    text = f"Approved for {', '.join(policies)}. To perform exactly these actions: {command}"
    say(text, "approval-saved", file=str(out), policies=policies, command=command)
