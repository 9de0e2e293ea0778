"""``reconciler show``: print a saved plan, or the manifests as an environment changes them."""

from pathlib import Path

import click

from reconciler.cli import completing, options, paths
from reconciler.cli.command import CliCommand
from reconciler.cli.environment import is_said
from reconciler.cli.reviewing import Review
from reconciler.review.formats import Format
from reconciler.review.subject import Subject


@click.command(cls=CliCommand)
@paths.planfile
@click.option(
    "--resolved", is_flag=True, help="Print the manifests with overlays, profiles and groups resolved, as YAML."
)
@options.files
@click.option(
    "--env", "name", metavar="NAME", envvar="RECONCILER_ENV", shell_complete=completing.environments,
    help="With --resolved: the environment.",
)  # fmt: skip
@click.option("--config", metavar="FILE", type=options.ANY_PATH, help="With --resolved: the settings.")
@click.option("--overlays", metavar="DIR", type=options.ANY_PATH, help="With --resolved: the overlays.")
@click.option(
    "--needs", is_flag=True,
    help="Print the options that apply needs besides the plan, one per line: --allow-delete, --force, --approval.",
)  # fmt: skip
@options.review
@options.no_color
def show(
    *, planfile: Path | None, resolved: bool, files: tuple[Path, ...], name: str | None, config: Path | None,
    overlays: Path | None, needs: bool, review: Review,
) -> None:  # fmt: skip
    """Print the plan that "plan --out PLANFILE" saved, in any format. No server is needed.

    PLANFILE may also be the report that "drift --json" printed.

    With --resolved, print the manifests at PATH as an environment with its overlays resolves them, as one YAML stream:
    with the values of profiles and the partners of groups, each with the file and line that says it.
    """
    if resolved == (planfile is not None):
        hint = " For what manifests say: --resolved." if is_said("files") else " For what is managed: list."
        raise click.UsageError(f"Name either a PLANFILE, or --resolved.{hint}")
    if planfile is None:
        click.echo(_resolved(files if is_said("files") else None, overlays, config, name), nl=False)
        return
    from reconciler.adapters.plan_file import read_plan_file
    from reconciler.app.review import needs as needed
    from reconciler.app.review import shown
    from reconciler.review.saved_text import provenance_text

    text, source = read_plan_file(planfile), str(planfile)
    if needs:
        click.echo("".join(f"{option}\n" for option in needed(text, source)), nl=False)
        return
    saved, subject = shown(text, source)
    # As it is: a file of another version of the program stays what it was.
    output = text if review.form is Format.JSON else review.text_of(saved.plan, subject, source)
    if subject is Subject.PLAN and review.form is Format.TEXT and not review.only_summary:
        output += f"\n{provenance_text(saved)}"
    click.echo(output, nl=False)


def _resolved(files: tuple[Path, ...] | None, overlays: Path | None, config: Path | None, name: str | None) -> str:
    from reconciler.adapters.environment import said_by
    from reconciler.manifest.load import load
    from reconciler.manifest.write import resolved_text

    found = said_by(config, name)
    said = found.defaults
    places = files or tuple(map(Path, said.get("files", (".",))))
    folder = overlays or (Path(said["overlays"]) if "overlays" in said else None)
    loaded = load(places, overlays=folder, allow_empty=found.allows_empty(places))
    return resolved_text(loaded.desired, loaded.sources)
