"""What every step of a rotation needs: the live systems, the sink, the journal, and how a step is made."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from reconciler.kinds.client.representation import marks_of
from reconciler.kinds.client.secret_times import rotation_of
from reconciler.kinds.patch import merged
from reconciler.model.address import Address
from reconciler.model.duration import about
from reconciler.model.errors import GuardRefused, NotFound, ReconcilerError, RequestFailed
from reconciler.model.layout import ROTATION_MARK
from reconciler.model.observed import RealmObservation
from reconciler.model.rotation import ClientRotation, RotationMark, RotationStep
from reconciler.model.value import Representation
from reconciler.ports import AdminApi, Clock, Journal, Secret, SecretApi, SecretProof, SecretSink, Watchdog, WriteGate

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Tools:
    """The live systems of one run; ``sink`` is None for what delivers nothing."""

    admin: AdminApi
    secrets: SecretApi
    proof: SecretProof
    sink: SecretSink | None
    clock: Clock
    journal: Journal
    gates: tuple[WriteGate, ...]
    realm: RealmObservation
    owner: str
    say: Callable[[Address, str], None]
    watchdog: Callable[[Address], Awaitable[Watchdog]]
    """Lets somebody else look after an old secret while it is closed."""

    async def step(self, address: Address, name: RotationStep, act: Callable[[], Awaitable[_Result]]) -> _Result:
        """Make one step: allowed, written into the journal before it begins, and after it."""
        for gate in self.gates:
            await gate.check()
        self.journal.record(address, name, "STARTED")
        try:
            result = await act()
        except ReconcilerError as error:
            self.journal.record(address, name, "FAILED", error.message)
            raise
        self.journal.record(address, name, "DONE")
        return result

    async def read(self, address: Address) -> tuple[ClientRotation, Representation]:
        """Read the client, and how far its rotation is.

        Raises:
            NotFound: There is no such client.
            GuardRefused: It is not ours.
        """
        found = await self.admin.find_client(address.name)
        if found is None:
            raise NotFound(f"Keycloak has no client '{address.name}'.", remedy="Apply its manifest first.")
        marks = marks_of(found)
        if not marks.is_of(self.owner):
            whose = f"belongs to the reconciler '{marks.owner}'" if marks.proves_owner else "is not managed"
            raise GuardRefused(f"{address} {whose}: its secret is left alone.", remedy="Apply its manifest first.")
        return rotation_of(address, found, self.clock.now()), found

    async def mark(self, address: Address, change: RotationMark | None, **more: str | None) -> None:
        """Write the mark as a step, on top of the client as it is now."""
        _, live = await self.read(address)
        await self.step(address, RotationStep.MARK_ROTATION, lambda: write_mark(self.admin, live, change, **more))

    async def prove(self, address: Address, secret: Secret | None, which: str) -> str:
        """Prove that a secret is accepted, and return the id of the token.

        Raises:
            RequestFailed: It is not accepted, or cannot be read.
        """
        if secret is None:
            raise RequestFailed(
                f"The {which} secret of {address.name} cannot be read in Keycloak.",
                remedy="Give the reconciler's login the role view-clients of the client realm-management.",
            )
        login = await self.proof.try_login(address.name, secret)
        if not login.accepted:
            raise RequestFailed(f"The {which} secret of {address.name} is not accepted: {login.detail}")
        return login.token_id


async def write_mark(admin: AdminApi, live: Representation, mark: RotationMark | None, **more: str | None) -> None:
    """Write, or with None remove, our mark, and ``more`` attributes with it, in one request."""
    attributes = {ROTATION_MARK: None if mark is None else str(mark), **more}
    whole = merged(live, {})
    whole["attributes"] = {**(whole.get("attributes") or {}), **attributes}
    await admin.update_client(str(live["id"]), whole)


def until_text(at: datetime | None, now: datetime) -> str:
    """Return a moment for people, with how far away it is."""
    if at is None:
        return "for ever"
    return f"until {at:%Y-%m-%d %H:%M} UTC ({about(at - now)})" if at > now else f"until {at:%Y-%m-%d %H:%M} UTC"
