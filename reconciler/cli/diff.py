"""``reconciler diff``: compare the manifests of two git revisions, without any server."""

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.reviewing import Review
from reconciler.model.address import Address
from reconciler.model.errors import ExitCode


@click.command(cls=CliCommand)
@click.argument("revisions", metavar="[BASE[..HEAD] | BASE HEAD]", nargs=-1)
@options.past_files
@options.targets
@options.exclude
@options.review
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when the manifests or the settings differ.")
@options.from_environment
@options.no_color
def diff(
    *, revisions: tuple[str, ...], files: tuple[Path, ...], targets: tuple[Address, ...], exclude: tuple[Address, ...],
    review: Review, detailed_exitcode: bool, overlays: Path | None,
) -> ExitCode:  # fmt: skip
    """Compare the manifests of two git revisions, offline.

    BASE..HEAD, or BASE HEAD, compares two revisions, BASE...HEAD begins where HEAD left BASE, and BASE alone compares
    it with the work tree; the default is the last commit. Each side is read as its own reconciler.yaml and overlays
    resolve it (--env); the work tree is never touched.

    Settings of reconciler.yaml that differ are shown. The policies of both sides are asked, as far as they need no
    server: where one denies it, the exit code is 6. An invalid manifest at BASE is named, and not compared; at HEAD, it
    is an error.
    """
    from reconciler.app.diff import diff as use_case
    from reconciler.cli.revisions import diff_of
    from reconciler.model.verdict import Verdict, verdict_of
    from reconciler.review.subject import Subject

    found = use_case(diff_of(revisions, files, overlays, targets, exclude))
    click.echo(review.text_of(found, Subject.DIFF), nl=False)
    verdict = verdict_of(found, is_diff=True)
    if verdict is Verdict.IN_SYNC and found.base and found.base.settings:
        verdict = Verdict.CHANGES
    return verdict.exit_code(ExitCode.CHANGES if detailed_exitcode else ExitCode.DONE)
