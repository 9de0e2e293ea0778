"""``reconciler approve``: say yes to one saved plan, on behalf of the policies that ask for it."""

import asyncio
import getpass
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.asking import REVIEW_FIRST, confirmed
from reconciler.cli.command import CliCommand
from reconciler.cli.diagnostics import say
from reconciler.cli.live import Asking


@click.command(cls=CliCommand)
@click.argument("planfile", type=options.ANY_PATH)
@click.option(
    "--out", required=True, type=options.ANY_PATH, metavar="FILE", help="Where to write the approval; a new file."
)
@click.option("--by", metavar="NAME", help="Who approves.  [default: the user's name on this machine]")
@click.option("--reason", default="", metavar="TEXT", help="The reason, recorded in the approval.")
@options.asking
@options.option(
    "--env", "name", metavar="NAME", envvar="RECONCILER_ENV",
    help="Environment to use from reconciler.yaml.",
)  # fmt: skip
@click.option("--config", metavar="FILE", type=options.ANY_PATH, help="The settings.")
@options.no_color
def approve(
    planfile: Path, out: Path, by: str | None, reason: str, *, asking: Asking, name: str | None, config: Path | None
) -> None:
    """Approve the plan that "plan --out PLANFILE" saved: show it, ask, and write the approval. No server is needed.

    The approval holds for this plan alone, known by its fingerprint, and for the policies that ask for one now. Give
    it to apply: "apply PLANFILE --approval FILE". It is not a signature: whoever can put the file where apply finds
    it can approve; keep it where others cannot write.
    """
    from reconciler.adapters.approval_file import write_approval_file
    from reconciler.adapters.clock import SystemClock
    from reconciler.adapters.environment import said_by
    from reconciler.adapters.plan_file import read_plan_file
    from reconciler.app.review import approval, check_approvable, reviewed
    from reconciler.cli.next_commands import command_for_approved
    from reconciler.cli.reviewing import screen_width
    from reconciler.review.approval_file import approval_text
    from reconciler.review.plan_text import plan_text
    from reconciler.review.saved_text import provenance_text

    said = said_by(config, name)
    found = reviewed(read_plan_file(planfile), str(planfile), said.policies, said.environment)
    review = plan_text(found.plan, saved_as=str(planfile), width=screen_width())
    click.echo(f"{review}\n{provenance_text(found.saved)}", nl=False)
    check_approvable(found)
    if asking.is_needed() and not asyncio.run(confirmed("Do you approve exactly this plan?", REVIEW_FIRST)):
        raise click.Abort
    given = approval(found, by or getpass.getuser(), SystemClock().now(), reason)
    write_approval_file(out, approval_text(given))
    command = command_for_approved(planfile, out, found.plan, said, (config, name))
    text = f"Approved for {', '.join(given.policies)}. To perform exactly these actions: {command}"
    say(text, "approval-saved", file=str(out), policies=given.policies, command=command)
