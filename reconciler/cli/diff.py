"""``reconciler diff``: compare the manifests of two git revisions, without any server."""

from pathlib import Path
from typing import Any

import click

from reconciler.cli import options
from reconciler.model.address import Address
from reconciler.model.errors import ExitCode


@click.command()
@click.argument("revisions", metavar="[BASE[..HEAD]]", default="HEAD")
@options.files
@options.targets
@options.review
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when the manifests or the settings differ.")
@options.from_environment
@options.no_color
@click.pass_context
def diff(
    context: click.Context,
    /,
    *,
    revisions: str,
    files: tuple[Path, ...],
    targets: tuple[Address, ...],
    detailed_exitcode: bool,
    overlays: Path | None,
    no_color: bool,
    **given: Any,
) -> None:
    """Compare what the manifests of two git revisions declare, without any server.

    BASE..HEAD compares two revisions, BASE...HEAD begins where HEAD left BASE, and BASE alone compares it with the work
    tree; the default is the last commit. Each side is read as its own reconciler.yaml and overlays resolve it (--env);
    the work tree is never touched.

    Settings of reconciler.yaml that differ are shown. The policies of both sides are asked, as far as they need no
    server: where one denies it, the exit code is 6. An invalid manifest at BASE is named, and not compared; at HEAD, it
    is an error.
    """
    from reconciler.app.diff import diff as use_case
    from reconciler.cli.reviewing import take_review
    from reconciler.cli.revisions import diff_of
    from reconciler.plan.policy import is_denied
    from reconciler.review.subject import Subject

    review = take_review(given)
    found = use_case(diff_of(context, revisions, files, overlays, targets))
    click.echo(review.text_of(found, Subject.DIFF), nl=False, color=False if no_color else None)
    if is_denied(found):
        context.exit(ExitCode.REFUSED)
    is_same = found.is_empty and not (found.base and found.base.settings)
    context.exit(ExitCode.CHANGES if detailed_exitcode and not is_same else ExitCode.DONE)
