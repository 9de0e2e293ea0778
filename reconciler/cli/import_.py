"""``reconciler import``: write manifests of what lives in the realm; nothing is written to Keycloak."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import options
from reconciler.cli.environment import Said, said_for
from reconciler.cli.interrupt import Interruption, run_interruptible
from reconciler.cli.live import LiveOptions, take
from reconciler.cli.recording import recorded
from reconciler.model.errors import ExitCode

if TYPE_CHECKING:
    from reconciler.model.manifest import DesiredState


@click.command("import")
@click.argument("patterns", metavar="[PATTERN]...", nargs=-1)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="The folder for the manifests: ALIAS.yaml for each organization.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
@click.option("--with-realm", is_flag=True, help="Import the realm's scaffolding too: realm.yaml.")
@click.option("--allow-takeover", is_flag=True, help="Import what another reconciler owns, too.")
@click.option(
    "--schema", metavar="REF",
    help="The JSON Schema that the first line of each file names.  [default: manifest.schema.json in DIR or above]",
)  # fmt: skip
@options.no_effective
@options.without_effect("--no-adopt", "--auto-approve", is_flag=True)
@options.without_effect("--verify-timeout", "--lock-timeout", "--lock-lease")
@options.no_replay
@options.history
@options.connection
@click.pass_context
@recorded
def import_(context: click.Context, /, *, no_effective: bool, **given: Any) -> None:
    """Write manifests of the organizations whose alias matches a PATTERN (all, without one).

    Nothing is written to Keycloak. plan then shows, field by field, what adopting the organizations would change,
    and apply adopts them. What no manifest can say is left out, with the reason; the exit code is 1 then.
    """
    settings = take(given)
    run = _Run(settings=settings, said=said_for(context), effective=not no_effective, **given)
    context.exit(run_interruptible(run.run))


class _Run:
    """One run of the command, with its options."""

    def __init__(
        self,
        *,
        settings: LiveOptions,
        said: Said,
        effective: bool,
        patterns: tuple[str, ...],
        out: Path,
        overwrite: bool,
        with_realm: bool,
        allow_takeover: bool,
        schema: str | None,
    ) -> None:
        self._settings = settings
        self._said = said
        self._effective = effective
        self._patterns = patterns
        self._out = out
        self._overwrite = overwrite
        self._with_realm = with_realm
        self._allow_takeover = allow_takeover
        self._schema = schema

    async def run(self, _interruption: Interruption) -> ExitCode:
        from reconciler.app.import_ import import_live
        from reconciler.cli.importing import left_out_text, without_declared
        from reconciler.cli.live import systems
        from reconciler.cli.progress import reading
        from reconciler.manifest.from_live import Choice
        from reconciler.model.expectations import NOTHING_EXPECTED

        choice = Choice(self._settings.owner, self._patterns, self._allow_takeover, self._with_realm)
        async with systems(self._settings, effective=self._effective) as live:
            expected = self._said.expected or NOTHING_EXPECTED
            with reading(self._settings.meter):
                surveyed = await import_live(live, choice, self._settings.realm, expected)
        found = without_declared(surveyed, self._out)
        names = self._write(found.desired) if found.addresses else ()
        self._say("".join(f"Wrote {(self._out / name).as_posix()}\n" for name in names))
        self._say(left_out_text(found.left_out))
        self._say(
            "Keycloak is unchanged: plan shows what adopting these objects would change, and apply does it.\n"
            if names
            else "Nothing was imported.\n"
        )
        return ExitCode.ERROR if found.left_out else ExitCode.DONE

    def _write(self, desired: "DesiredState") -> tuple[str, ...]:
        from reconciler.adapters.manifest_files import check_new, write_files
        from reconciler.cli.importing import file_names, schema_file
        from reconciler.manifest.schema import manifest_schema_text
        from reconciler.manifest.write import manifest_text

        schema, is_missing = (self._schema, False) if self._schema is not None else schema_file(self._out)
        realm = (desired.realm,) if desired.realm else ()
        texts = {name: manifest_text(each, schema=schema)
                 for name, each in zip(file_names(desired), (*realm, *desired.organizations), strict=True)}  # fmt: skip
        if not self._overwrite:
            check_new(self._out / name for name in texts)
        write_files(self._out, {**texts, **({schema: manifest_schema_text()} if is_missing else {})})
        return tuple(texts)

    def _say(self, text: str) -> None:
        click.echo(text, nl=False, color=self._settings.color)
