"""``reconciler import``: write manifests of what lives in the realm, and adopt it."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import options
from reconciler.cli.environment import Said, said_for
from reconciler.cli.interrupt import Interruption, run_interruptible
from reconciler.cli.live import LiveOptions, take
from reconciler.cli.recording import note_plan, recorded
from reconciler.model.errors import ExitCode, WrongUsage

if TYPE_CHECKING:
    from reconciler.manifest.from_live import Imported
    from reconciler.model.manifest import DesiredState
    from reconciler.ports import Lock
    from reconciler.workflow import Systems


@click.command("import")
@click.argument("patterns", metavar="[PATTERN]...", nargs=-1)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="The folder for the manifests: ALIAS.yaml for each organization.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
@click.option("--with-realm", is_flag=True, help="Import the realm's scaffolding too: realm.yaml.")
@click.option("--no-adopt", is_flag=True, help="Only write the manifests; plan then shows the adoption.")
@click.option("--allow-takeover", is_flag=True, help="Import what another reconciler owns, and take it over.")
@click.option("--auto-approve", is_flag=True, help="Do not ask before adopting.")
@click.option(
    "--schema", metavar="REF",
    help="The JSON Schema that the first line of each file names.  [default: manifest.schema.json in DIR or above]",
)  # fmt: skip
@options.no_effective
@click.option(
    "--verify-timeout", type=click.FloatRange(0, 3600), default=60, show_default=True,
    help="Seconds until Keycloak and /v1/me must say what the manifests say.",
)  # fmt: skip
@options.locking
@options.no_replay
@options.history
@options.connection
@click.pass_context
@recorded
def import_(context: click.Context, /, *, no_effective: bool, **given: Any) -> None:
    """Write manifests of the organizations whose alias matches a PATTERN (all, without one), and adopt them.

    Adopting puts our marks on them, and brings to the rules what differs from them; it shows everything first, and
    asks. Afterwards plan is empty. What no manifest can say is left out, with the reason; the exit code is 1 then.

    Where a policy of reconciler.yaml stops the adoption, the manifests are written, nothing is adopted, and the exit
    code is 6.
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
        no_adopt: bool,
        allow_takeover: bool,
        auto_approve: bool,
        schema: str | None,
        verify_timeout: float,
        lock_timeout: int,
        lock_lease: int,
    ) -> None:
        self._settings = settings
        self._said = said
        self._effective = effective
        self._patterns = patterns
        self._out = out
        self._overwrite = overwrite
        self._with_realm = with_realm
        self._adopts = not no_adopt
        self._allow_takeover = allow_takeover
        self._auto_approve = auto_approve
        self._schema = schema
        self._patience = verify_timeout
        self._lock_timeout = lock_timeout
        self._lock_lease = lock_lease
        self._interruption = Interruption()

    async def run(self, interruption: Interruption) -> ExitCode:
        from reconciler import workflow
        from reconciler.cli.importing import left_out_text, without_declared
        from reconciler.cli.live import systems
        from reconciler.cli.locking import locked
        from reconciler.cli.progress import reading
        from reconciler.manifest.from_live import Choice
        from reconciler.model.expectations import NOTHING_EXPECTED

        self._interruption = interruption
        choice = Choice(self._settings.owner, self._patterns, self._allow_takeover, self._with_realm)
        async with systems(self._settings, effective=self._effective) as live:
            expected = self._said.expected or NOTHING_EXPECTED
            with reading(self._settings.meter):
                surveyed = await workflow.survey(live, choice, self._settings.realm, expected)
            found = without_declared(surveyed, self._out)
            adopted = ExitCode.DONE
            if found.addresses:
                names = self._write(found.desired, overwrite=self._overwrite)
                self._say("".join(f"Wrote {(self._out / name).as_posix()}\n" for name in names))
            self._say(left_out_text(found.left_out))
            if found.addresses and self._adopts:
                async with locked(self._settings, self._lock_timeout, self._lock_lease, interruption) as lock:
                    adopted = await self._adopt(found, live, lock)
        if not found.addresses:
            self._say("Nothing was imported.\n")
        elif not self._adopts:
            self._say("Not adopted: plan shows what adopting changes, and apply does it.\n")
        return adopted or (ExitCode.ERROR if found.left_out else ExitCode.DONE)

    def _write(self, desired: "DesiredState", *, overwrite: bool) -> tuple[str, ...]:
        from reconciler.adapters.manifest_files import check_new, write_files
        from reconciler.cli.importing import file_names, schema_file
        from reconciler.manifest.schema import manifest_schema_text
        from reconciler.manifest.write import manifest_text

        schema, is_missing = (self._schema, False) if self._schema is not None else schema_file(self._out)
        realm = (desired.realm,) if desired.realm else ()
        texts = {name: manifest_text(each, schema=schema)
                 for name, each in zip(file_names(desired), (*realm, *desired.organizations), strict=True)}  # fmt: skip
        if not overwrite:
            check_new(self._out / name for name in texts)
        write_files(self._out, {**texts, **({schema: manifest_schema_text()} if is_missing else {})})
        return tuple(texts)

    async def _adopt(self, found: "Imported", live: "Systems", lock: "Lock") -> ExitCode:
        from reconciler import workflow
        from reconciler.cli.approvals import check_approved
        from reconciler.cli.importing import check_adoptable
        from reconciler.cli.planning import Consent, context_of
        from reconciler.cli.progress import reading
        from reconciler.cli.writing import Writing
        from reconciler.plan.guards import check_guards
        from reconciler.plan.policy import evaluated
        from reconciler.review.plan_text import plan_text

        consent = Consent(allow_takeover=self._allow_takeover)
        context = context_of(self._settings, found.addresses, consent, expected=self._said.expected)
        with reading(self._settings.meter):
            planned = await workflow.plan(found.desired, live, context)
        planned = evaluated(planned, self._said.policies, self._said.environment)
        note_plan(planned)
        self._say("\n" + plan_text(planned))
        check_adoptable(planned)
        check_guards(planned, allow_delete=False, force=False)
        if planned.policy_hits:
            self._say("Not adopted: the manifests are written; apply adopts what they say, once no policy stops it.\n")
        check_approved(planned, "", ())
        if planned.changes and not await self._approved():
            self._say("Not adopted: nothing was changed in Keycloak.\n")
            return ExitCode.ERROR
        prove = partial(workflow.prove, planned, found.desired, live, context)
        writing = Writing(self._settings, self._interruption, self._effective, self._patience)
        code = await writing.perform(planned, live, lock, prove)
        if live.platform is not None and planned.changes and code is ExitCode.DONE:
            # Until it was adopted, a client may not have been able to ask for partners' names.
            named = await workflow.name_partners(found.desired, live)
            if named != found.desired:
                self._write(named, overwrite=True)
        return code

    async def _approved(self) -> bool:
        from reconciler.cli.asking import confirmed

        if self._auto_approve:
            return True
        if not sys.stdin.isatty():
            raise WrongUsage(
                "The manifests are written, but there is no terminal to ask on whether to adopt.",
                remedy="Review what adopting changes, then run apply; or use --auto-approve, or --no-adopt.",
            )
        return await confirmed("Do you want to adopt these objects?")

    def _say(self, text: str) -> None:
        click.echo(text, nl=False, color=self._settings.color)
