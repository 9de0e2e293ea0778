"""What the commands of ``rotate`` do alike: find the clients, take the lock, act on one after the other, and report."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import click

from reconciler.cli.diagnostics import say
from reconciler.cli.interrupt import Interruption
from reconciler.cli.live import LiveOptions
from reconciler.model.errors import ExitCode, ManifestError, NotFound, WrongUsage

if TYPE_CHECKING:
    from reconciler.cli.progress import Counting
    from reconciler.model.address import Address
    from reconciler.model.manifest import DesiredState
    from reconciler.model.observed import RealmObservation
    from reconciler.model.rotation import RotationOutcome
    from reconciler.ports import AdminApi, SecretSink
    from reconciler.rotate.run import Act
    from reconciler.rotate.survey import Surveyed
    from reconciler.rotate.tools import Tools

_HERE: Final = (Path(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotating:
    """One run of a command of ``rotate``, with its options."""

    settings: LiveOptions
    files: tuple[Path, ...]
    client_ids: tuple[str, ...]
    effective: bool
    as_json: bool
    journal: Path | None
    lock_timeout: int
    lock_lease: int

    async def run(
        self,
        interruption: Interruption,
        sink: "SecretSink | None",
        choose: Callable[["Surveyed"], bool],
        act: Callable[["Tools", "Surveyed"], "Act"],
    ) -> ExitCode:
        """Act on the chosen clients under the lock, and print how each went."""
        from reconciler.cli.locking import locked, new_run
        from reconciler.cli.progress import counting, reading
        from reconciler.rotate.survey import survey

        async with AsyncExitStack() as stack:
            run = new_run()
            tools = await stack.enter_async_context(self._tools(interruption, sink, run))
            locking = locked(self.settings, self.lock_timeout, self.lock_lease, interruption, run)
            lock = await stack.enter_async_context(locking)
            tools = tools.allowed_by(interruption, lock)
            look = partial(survey, tools.admin, self._desired(), self.settings.owner, tools.clock, self.client_ids)
            with reading(self.settings.meter):
                seen = await look()
            if await _undo_trials(tools, seen):
                seen = await look()
            chosen = [each for each in seen if choose(each)]
            with interruption.writing(), counting("Rotating", len(chosen)) as bar:
                outcomes = await self._act(tools, chosen, act, bar)
        return self._report(outcomes, halted=interruption.is_requested or lock.is_lost)

    async def _act(
        self, tools: "Tools", chosen: Iterable["Surveyed"], act: Callable[["Tools", "Surveyed"], "Act"], bar: "Counting"
    ) -> "tuple[RotationOutcome, ...]":
        from reconciler.review.rotation_text import outcome_text
        from reconciler.rotate.run import each

        by_address = {one.rotation.address: one for one in chosen}

        async def one(address: "Address") -> tuple[str, ...]:
            return await act(tools, by_address[address])(address)

        def watch(outcome: "RotationOutcome") -> None:
            if not self.as_json:
                with bar.aside():
                    click.echo(outcome_text(outcome), nl=False, color=self.settings.color)
            bar.advance()

        return await each(by_address, one, watch)

    def _report(self, outcomes: "tuple[RotationOutcome, ...]", *, halted: bool) -> ExitCode:
        from reconciler.model.rotation import RotationStatus
        from reconciler.review.rotation_text import outcomes_json

        if self.as_json:
            click.echo(outcomes_json(outcomes), nl=False)
        elif not outcomes:
            click.echo("No secret is due.")
        left = {outcome.status for outcome in outcomes} - {RotationStatus.DONE}
        if not left:
            return ExitCode.DONE
        if halted or len(left) > 1 or len(outcomes) > 1:
            return ExitCode.PARTIAL
        return ExitCode.REFUSED if left == {RotationStatus.REFUSED} else ExitCode.ERROR

    @asynccontextmanager
    async def _tools(self, interruption: Interruption, sink: "SecretSink | None", run: str) -> "AsyncIterator[Tools]":
        from reconciler.adapters.journal import FileJournal, default_folder
        from reconciler.cli.live import secret_proof, systems
        from reconciler.cli.watchdog import ProcessWatchdog
        from reconciler.rotate.tools import Tools

        async with (
            systems(self.settings, effective=False) as live,
            secret_proof(self.settings, effective=self.effective) as proof,
        ):
            if live.secrets is None:
                raise WrongUsage("Secrets cannot be read here.")
            realm = await needed_realm(live.admin, self.settings.realm)
            name = f"{live.clock.now():%Y%m%dT%H%M%SZ}-rotate-{uuid4().hex[:8]}.jsonl"
            with FileJournal(self.journal or default_folder() / name, live.clock) as journal:
                yield Tools(
                    admin=live.admin,
                    secrets=live.secrets,
                    proof=proof,
                    sink=sink,
                    clock=live.clock,
                    journal=journal,
                    gates=(interruption,),
                    realm=realm,
                    owner=self.settings.owner,
                    watchdog=partial(ProcessWatchdog.begin, self.settings, run, self.lock_lease),
                    say=lambda address, text: say(f"{address}: {text}", "rotation", address=str(address)),
                )

    def _desired(self) -> "DesiredState":
        return declared(self.files, self.settings)


async def _undo_trials(tools: "Tools", seen: Iterable["Surveyed"]) -> bool:
    """Open the old secrets that runs which died have left closed; under the lock there is no other kind."""
    from reconciler.model.rotation import Phase
    from reconciler.rotate.usage import undo_trial

    found = [each.rotation.address for each in seen if each.rotation.phase is Phase.TRIAL]
    for address in found:
        await undo_trial(tools, address)
        tools.say(address, "a trial was interrupted here: the old secret is open again")
    return bool(found)


def declared(files: tuple[Path, ...], settings: LiveOptions) -> "DesiredState":
    """Return what the manifests say; nothing where none were named, and there are none here.

    A rotation is ended wherever somebody is, with or without the repository.
    """
    from reconciler.cli.inputs import desired_state
    from reconciler.model.manifest import DesiredState

    try:
        return desired_state(files, settings)
    except ManifestError as error:
        if files == _HERE and all(problem.message.startswith("No manifest was found") for problem in error.problems):
            return DesiredState()
        raise


async def needed_realm(admin: "AdminApi", name: str) -> "RealmObservation":
    """Return the realm with its rotation policy.

    Raises:
        NotFound: There is none.
    """
    from reconciler.kinds.realm import fields as realm

    found = await realm.read(admin)
    if found is None:
        raise NotFound(f"Keycloak has no realm '{name}'.", remedy="Name another by NT24_REALM.")
    return found
