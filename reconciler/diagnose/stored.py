"""What Keycloak has stored of the client, read with an administrator's login: it names the very cause."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from reconciler.kinds.client.secret_times import times_of
from reconciler.model.errors import ReconcilerError
from reconciler.model.layout import ORGANIZATION_SCOPE
from reconciler.model.observed import ReadFailure
from reconciler.model.rotation import SecretTimes
from reconciler.model.value import Representation
from reconciler.ports import AdminApi, Secret, SecretApi

_Result = TypeVar("_Result")
_NO_TIMES: Final = SecretTimes(None, None, None, None)


class SecretMatch(StrEnum):
    """Compare the program's secret with those that Keycloak has."""

    CURRENT = "current"
    OLD = "old"
    NEITHER = "neither"
    UNKNOWN = "unknown"
    """Keycloak shows us no secret."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What Keycloak has of one client; a ReadFailure for what our login may not read."""

    realm: Representation | ReadFailure | None
    """None: there is no such realm."""
    client: Representation | None
    """None: there is no such client."""
    secret: SecretMatch = SecretMatch.UNKNOWN
    times: SecretTimes = _NO_TIMES
    account: Representation | ReadFailure | None = None
    organizations: tuple[Representation, ...] | ReadFailure = ()
    """The organizations that its service account is a member of, whole, sorted by alias."""
    scope: Representation | ReadFailure | None = None
    """The client scope that puts the organization into tokens."""
    logins: tuple[Representation, ...] | ReadFailure = ()
    """Recorded logins, newest first."""
    release: str | None = None
    """The server's release; None where it does not tell our login."""

    @property
    def organization(self) -> Representation | None:
        """Return the client's only organization; None where it has none or several, or nobody may read it."""
        found = self.organizations
        return found[0] if isinstance(found, tuple) and len(found) == 1 else None


async def read_stored(admin: AdminApi, secrets: SecretApi, client_id: str, own: Secret) -> Stored:
    """Read what there is of the client.

    Raises:
        LiveSystemError: The login is not accepted, or may not read clients.
    """
    realm = await _or_failure("the realm", admin.realm)
    if realm is None:
        return Stored(None, None)
    client = await admin.find_client(client_id)
    logins = await _or_failure("recorded logins", lambda: secrets.logins(client_id))
    if client is None:
        return Stored(realm, None, logins=logins, release=await admin.release())
    current, old = await secrets.secrets_of(client_id)
    account = await _account(admin, client)
    return Stored(
        realm=realm,
        client=client,
        secret=_match(own, current, old),
        times=times_of(client),
        account=account,
        organizations=await _organizations(admin, account),
        scope=await _or_failure("the client scope", lambda: admin.client_scope(ORGANIZATION_SCOPE)),
        logins=logins,
        release=await admin.release(),
    )


def _match(own: Secret, current: Secret | None, old: Secret | None) -> SecretMatch:
    if current is None:
        return SecretMatch.UNKNOWN
    if own == current:
        return SecretMatch.CURRENT
    return SecretMatch.OLD if old is not None and own == old else SecretMatch.NEITHER


async def _account(admin: AdminApi, client: Representation) -> Representation | ReadFailure | None:
    # Keycloak makes a missing service account when it is asked for one: only where there should be one.
    if not client.get("serviceAccountsEnabled"):
        return None
    return await _or_failure("the service account", lambda: admin.service_account(str(client["id"])))


async def _organizations(
    admin: AdminApi, account: Representation | ReadFailure | None
) -> tuple[Representation, ...] | ReadFailure:
    if account is None or isinstance(account, ReadFailure):
        return () if account is None else account

    async def read() -> tuple[Representation, ...]:
        aliases = set(await admin.organizations_of(str(account["id"])))
        found = [each for each in await admin.organizations() if each["alias"] in aliases]
        return tuple(sorted(found, key=lambda each: str(each["alias"])))

    return await _or_failure("organizations", read)


async def _or_failure(what: str, read: Callable[[], Awaitable[_Result]]) -> _Result | ReadFailure:
    try:
        return await read()
    except ReconcilerError as error:
        return ReadFailure(what, error.message, error.remedy)
