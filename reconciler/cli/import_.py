"""``reconciler import``: write manifests of what lives in the realm; nothing is written to Keycloak."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.adapters.interruption import SignalInterruption, run_interruptible
from reconciler.cli import options
from reconciler.cli.live import LiveOptions
from reconciler.cli.run_record import Recorded
from reconciler.model.errors import ExitCode

if TYPE_CHECKING:
    from reconciler.manifest.from_live import LeftOut
    from reconciler.model.manifest import DesiredState


def _folder(context: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    if value is None and not context.resilient_parsing:
        raise click.UsageError(
            "Missing option '--out', the folder for the manifests. Nothing else is imported: apply adopts what is "
            "declared and exists.",
            context,
        )
    return value


@click.command("import", cls=Recorded)
@click.argument("patterns", metavar="[PATTERN]...", nargs=-1, type=options.ORGANIZATION)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", callback=_folder,
    help="The folder for the manifests: ALIAS.yaml for each organization.  [required]",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Overwrite existing files.")
@click.option("--with-realm", is_flag=True, help="Import the realm's scaffolding too: realm.yaml.")
@click.option("--allow-takeover", is_flag=True, help="Also import what another reconciler owns.")
@click.option(
    "--schema", metavar="REF",
    help="The JSON Schema that the first line of each file names.  [default: manifest.schema.json in DIR or above]",
)  # fmt: skip
@options.effective
@options.without_effect("--no-adopt", "--auto-approve", is_flag=True)
@options.without_effect("--verify-timeout", "--lock-timeout", "--lock-lease")
@options.no_replay
@options.history
@options.connection
def import_(
    *, patterns: tuple[str, ...], out: Path, overwrite: bool, with_realm: bool, allow_takeover: bool,
    schema: str | None, effective: bool, settings: LiveOptions,
) -> ExitCode:  # fmt: skip
    """Generate manifests of the organizations whose alias matches a PATTERN (all, without one).

    Nothing is written to Keycloak. plan then shows, field by field, what adopting the organizations would change,
    and apply adopts them. What a manifest cannot express is left out, with the reason, and the exit code is 1.
    """
    from reconciler.app.import_ import ImportRequest
    from reconciler.app.import_ import import_ as use_case
    from reconciler.cli.inputs import ask
    from reconciler.manifest.from_live import Choice
    from reconciler.model.expectations import NOTHING_EXPECTED

    choice = Choice(settings.owner, patterns, allow_takeover, with_realm)
    request = ImportRequest(choice, settings.realm, settings.said.expected or NOTHING_EXPECTED, out)

    async def main(_interruption: SignalInterruption) -> ExitCode:
        found = await ask(use_case, request, settings, effective=effective)
        names = _write(found.desired, out, schema, overwrite=overwrite) if found.addresses else ()
        click.echo("".join(f"Wrote {(out / name).as_posix()}\n" for name in names), nl=False)
        click.echo(left_out_text(found.left_out), nl=False)
        click.echo(
            "Keycloak is unchanged: plan shows what adopting these objects would change, and apply does it."
            if names
            else "Nothing was imported."
        )
        return ExitCode.ERROR if found.left_out else ExitCode.DONE

    return run_interruptible(main)


def _write(desired: "DesiredState", out: Path, schema: str | None, *, overwrite: bool) -> tuple[str, ...]:
    from reconciler.adapters.manifest_files import check_new, schema_reference, write_files
    from reconciler.app.import_ import file_names
    from reconciler.manifest.schema import manifest_schema_text
    from reconciler.manifest.write import manifest_text

    schema, is_missing = (schema, False) if schema is not None else schema_reference(out)
    realm = (desired.realm,) if desired.realm else ()
    texts = {name: manifest_text(each, schema=schema)
             for name, each in zip(file_names(desired), (*realm, *desired.organizations), strict=True)}  # fmt: skip
    if not overwrite:
        check_new(out / name for name in texts)
    write_files(out, {**texts, **({schema: manifest_schema_text()} if is_missing else {})})
    return tuple(texts)


def left_out_text(left_out: "Iterable[LeftOut]") -> str:
    """Return what was left out, with every reason; empty if nothing was."""
    from reconciler.model.text import counted, visible

    items = list(left_out)
    if not items:
        return ""
    lines = [f"Left out: {counted(len(items), 'object')}."]
    for item in items:
        lines += [f"  {item.address}", *(f"    {visible(reason)}" for reason in item.reasons)]
    return "\n".join([*lines, "Correct them in Keycloak, then import again.", ""])
