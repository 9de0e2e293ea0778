"""``reconciler fmt``: give manifests one layout."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.diagnostics import report
from reconciler.model.errors import ExitCode, ManifestError

if TYPE_CHECKING:
    from reconciler.model.errors import Problem

_STDIN = Path("-")


@click.command(cls=CliCommand)
@options.files_or_paths
@options.from_environment
@click.option("--check", is_flag=True, help="Change nothing; exit with 2 where a file would change.")
@click.option("--diff", "shows_diff", is_flag=True, help="Change nothing; print what would change.")
@options.without_effect("--write", "--recursive", is_flag=True)
def fmt(*, files: tuple[Path, ...], overlays: Path | None, check: bool, shows_diff: bool) -> ExitCode:
    """Format manifests and overlays: indentation, spaces, quotes.

    Comments, the order of lines and the meaning stay. "--file -" formats standard input to
    standard output, for editors. Other programs' YAML files are skipped.
    """
    from reconciler.adapters.manifest_files import write_files
    from reconciler.manifest.format import formatted
    from reconciler.manifest.load import texts_at

    if _STDIN in files:
        click.echo(formatted("standard input", sys.stdin.read()), nl=False)
        return ExitCode.DONE
    texts, found = texts_at((*files, *([overlays] if overlays else ())))
    problems: list[Problem] = list(found)
    changed: list[Path] = []
    for path, text in texts.items():
        try:
            after = formatted(path.as_posix(), text)
        except ManifestError as error:
            problems += error.problems
            continue
        if after == text:
            continue
        changed.append(path)
        if shows_diff:
            click.echo(_diff(path, text, after), nl=False)
        elif not check:
            real = path.resolve()
            write_files(real.parent, {real.name: after}, "Allow writing there, or see what would change: --diff.")
        if not shows_diff:
            click.echo(path.as_posix())
    if problems:
        report(ManifestError(problems))
        return ExitCode.ERROR
    return ExitCode.CHANGES if changed and (check or shows_diff) else ExitCode.DONE


def _diff(path: Path, before: str, after: str) -> str:
    from difflib import unified_diff

    name = path.as_posix()
    return "".join(unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), name, name))
