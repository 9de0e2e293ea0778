"""``reconciler validate``: check manifests offline."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.reviewing import chosen
from reconciler.model.errors import ExitCode
from reconciler.model.user_folders import current_folder
from reconciler.review.formats import Format

if TYPE_CHECKING:
    from reconciler.app.validate import Validation

_FORMATS: Final = (Format.TEXT, Format.JSON, Format.SARIF, Format.JUNIT)


@click.command(cls=CliCommand)
@options.files_or_paths
@options.from_environment
@click.option(
    "--format", "form", type=click.Choice([form.value for form in _FORMATS]),
    help="Output format.  [default: text]",
)  # fmt: skip
@options.as_json
def validate(*, files: tuple[Path, ...], overlays: Path | None, form: str | None, as_json: bool) -> ExitCode:
    """Check manifests offline.

    Every problem of every file is printed with its line, its column and a remedy. Exit code 0: valid, 1: invalid;
    64: reconciler.yaml is.
    """
    from reconciler.app.validate import validate as use_case
    from reconciler.cli.environment import said

    found = use_case(files, overlays, allow_empty=said().allows_empty(files))
    click.echo(_text_of(found, chosen(form, as_json=as_json)), nl=False)
    return ExitCode.ERROR if found.loaded is None else ExitCode.DONE


def _text_of(found: "Validation", form: str) -> str:
    from reconciler.manifest.places import below
    from reconciler.manifest.report import loaded_as_json, loaded_as_text, problems_as_json, problems_as_text
    from reconciler.review.validation import problems_junit, problems_sarif, valid_junit

    loaded, problems = found.loaded, found.problems
    match form:
        case Format.JSON:
            return problems_as_json(problems) if loaded is None else loaded_as_json(loaded)
        case Format.SARIF:
            # Code hosts name files from the repository's root, where this is meant to be called.
            root = current_folder() or Path()
            return problems_sarif([replace(problem, file=below(problem.file, root)) for problem in problems])
        case Format.JUNIT:
            return problems_junit(problems) if loaded is None else valid_junit(loaded.desired)
        case _:
            return problems_as_text(problems) if loaded is None else loaded_as_text(loaded)
