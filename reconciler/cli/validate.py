"""``reconciler validate``: check manifests offline."""

from pathlib import Path

import click

from reconciler.cli import options


@click.command()
@options.files
@options.from_environment
@options.as_json
@click.pass_context
def validate(context: click.Context, files: tuple[Path, ...], overlays: Path | None, as_json: bool) -> None:
    """Check manifests offline, without any server.

    Every problem of every file is printed with its line, its column and what to do. Exit code 0: valid, 1: not.
    """
    from reconciler.manifest import report
    from reconciler.manifest.load import load
    from reconciler.model.errors import ExitCode, ManifestError

    try:
        loaded = load(files, overlays=overlays)
    except ManifestError as error:
        render = report.problems_as_json if as_json else report.problems_as_text
        click.echo(render(error.problems), nl=False)
        context.exit(ExitCode.ERROR)
    click.echo(report.loaded_as_json(loaded) if as_json else report.loaded_as_text(loaded), nl=False)
