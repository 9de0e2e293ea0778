"""The client in Keycloak that is the lock: read, created, renewed and deleted.

Creating it is atomic: of twenty at once, one is answered 201 and nineteen 409 (measured on Keycloak 26.7.5). Each
one created has an id of its own, so that deleting a lock by its id never hits the next one.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from nt24_tokens.token import Token
from reconciler.adapters.admin.answers import created_id, read_as
from reconciler.adapters.clock import Stopwatch
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.keycloak import authorized
from reconciler.adapters.login import AdminLogin
from reconciler.adapters.server_time import ServerTime
from reconciler.model.errors import NotFound, OutcomeUnknown
from reconciler.model.layout import LOCK_PREFIX, MAX_VALUE_LENGTH
from reconciler.model.lock import LockInfo
from reconciler.model.scalars import utf16_units
from reconciler.model.url import realm_path, segment
from reconciler.model.value import fingerprint
from reconciler.ports import Clock

_RUN: Final = "reconciler/lock.run"
_HOLDER: Final = "reconciler/lock.holder"
_SINCE: Final = "reconciler/lock.since"
_UNTIL: Final = "reconciler/lock.until"


@dataclass(frozen=True, slots=True)
class StoredLock:
    """The lock as it is now; ``id`` is Keycloak's."""

    id: str
    claim: LockInfo


class LockStore:
    """Keep the lock as a client of the realm that can do nothing."""

    def __init__(self, http: ApiClient, realm: str, owner: str, gate: "RenewalGate") -> None:
        self._http = http
        self._gate = gate
        self._path = realm_path(realm, "/clients")
        self._owner = owner
        self.client_id = client_id_of(owner)

    async def read(self) -> StoredLock | None:
        """Return the lock, or None where nobody holds it. Raises NotFound where there is no realm."""
        response = await self._http.get(self._path, params={"clientId": self.client_id})
        return read_as(self._http.system, response, list, self._among)

    def _among(self, clients: list[dict[str, Any]]) -> StoredLock | None:
        return next((StoredLock(rep["id"], _claim(rep)) for rep in clients if rep["clientId"] == self.client_id), None)

    async def create(self, claim: LockInfo) -> str:
        """Take the lock and return its id. Raises Conflict where somebody has it."""
        response = await self._http.post(self._path, json=self._representation(claim))
        lock_id = created_id(response)
        if not lock_id:
            raise OutcomeUnknown("Keycloak created the lock, but did not name it (no Location header).")
        return lock_id

    async def renew(self, lock_id: str, claim: LockInfo, check: Callable[[], None]) -> None:
        """Write the claim into the lock, merged with all that it holds, unless the ``check`` right before that raises.

        Raises:
            NotFound: The lock is gone, or another run's.
        """
        path = f"{self._path}/{segment(lock_id)}"
        response = await self._http.get(path)
        live: dict[str, Any] = read_as(self._http.system, response, dict, dict)
        found = _claim(live)
        if found.run != claim.run:
            raise NotFound(f"The lock is another run's: {found}.")
        # Without its secret: Keycloak keeps it.
        live.pop("secret", None)
        ours = self._representation(claim)
        attributes = {**(live.get("attributes") or {}), **ours["attributes"]}
        with self._gate.asking(check):
            await self._http.put(path, json={**live, **ours, "attributes": attributes})

    async def delete(self, lock_id: str) -> None:
        """Remove the lock of that id. Raises NotFound where it is gone."""
        await self._http.delete(f"{self._path}/{segment(lock_id)}")

    def _representation(self, claim: LockInfo) -> dict[str, Any]:
        attributes = {_RUN: claim.run, _HOLDER: claim.holder, _SINCE: _text(claim.since), _UNTIL: _text(claim.until)}
        return {
            "clientId": self.client_id,
            "name": "Lock of the reconciler",
            "description": f"Run {claim.run} of {claim.holder} is writing. See: reconciler force-unlock"[
                :MAX_VALUE_LENGTH
            ],
            "enabled": False,
            "protocol": "openid-connect",
            "bearerOnly": True,
            "publicClient": False,
            "standardFlowEnabled": False,
            "implicitFlowEnabled": False,
            "directAccessGrantsEnabled": False,
            "serviceAccountsEnabled": False,
            "fullScopeAllowed": False,
            "defaultClientScopes": [],
            "optionalClientScopes": [],
            "attributes": attributes,
        }


class RenewalGate:
    """Let a renewal leave only before the end of what it renews; to take the lock is free. Implement ``Gate``."""

    def __init__(self) -> None:
        self._check: Callable[[], None] | None = None

    @contextmanager
    def asking(self, check: Callable[[], None]) -> Iterator[None]:
        """Ask this meanwhile."""
        self._check = check
        try:
            yield
        finally:
            self._check = None

    async def check(self, method: str) -> None:  # noqa: ARG002
        """Return where the request may leave."""
        if self._check is not None:
            self._check()


def client_id_of(owner: str) -> str:
    """Return the clientId of the lock that the runs of one owner share."""
    client_id = LOCK_PREFIX + owner
    return client_id if utf16_units(client_id) <= MAX_VALUE_LENGTH else LOCK_PREFIX + fingerprint(owner)


@asynccontextmanager
async def connect(
    connection: Connection, login: AdminLogin, realm: str, owner: str, clock: Clock
) -> AsyncIterator[tuple[LockStore, ServerTime]]:
    """Open the lock of one realm and owner, by connections of its own: a long queue must not delay a renewal."""
    time, gate = ServerTime(clock), RenewalGate()

    def seen(token: Token, asked: Stopwatch) -> None:
        time.learn(token.value, asked=asked)

    async with authorized(replace(connection, gate=gate), login, clock, seen) as http:
        yield LockStore(http, realm, owner, gate), time


def _claim(representation: dict[str, Any]) -> LockInfo:
    attributes = representation.get("attributes") or {}
    since, until = _moment(attributes.get(_SINCE)), _moment(attributes.get(_UNTIL))
    return LockInfo(attributes.get(_RUN, ""), attributes.get(_HOLDER, ""), since, until)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
