"""Me: what is in force for clients, each asked by its own token."""

from dataclasses import dataclass

from reconciler.model.address import is_uuid
from reconciler.model.errors import NotFound, ReconcilerError
from reconciler.model.observed import Effective
from reconciler.ports import AdminApi, Events, PlatformApi
from reconciler.ports.run_events import Reading


@dataclass(frozen=True, slots=True)
class MeRequest:
    """Ask ``GET /v1/me`` as each of these clients."""

    client_ids: tuple[str, ...]
    realm: str


@dataclass(frozen=True, slots=True)
class MePorts:
    """The platform, and what clients' secrets are read from; None where the platform has them already."""

    platform: PlatformApi
    admin: AdminApi | None = None


@dataclass(frozen=True, slots=True)
class MeResult:
    """The answer to each client, in the order of the request, or why there is none; those of a mock prove nothing."""

    answers: tuple[tuple[str, Effective | ReconcilerError], ...]
    on_mock: bool


async def me(request: MeRequest, ports: MePorts, events: Events) -> MeResult:
    """Ask for every client; what fails for one does not stop the others."""
    with events.during(Reading(len(request.client_ids))):
        answers = [await _answer(name, request.realm, ports) for name in request.client_ids]
        answered = any(not isinstance(answer, ReconcilerError) for _, answer in answers)
        return MeResult(tuple(answers), answered and await ports.platform.is_mock())


async def _answer(name: str, realm: str, ports: MePorts) -> tuple[str, Effective | ReconcilerError]:
    """Return the answer to a client, which is named by its clientId or its id in Keycloak, with the clientId."""
    client_id = name
    try:
        # Reading the client is what makes its secret known to the adapter.
        if ports.admin is not None and await ports.admin.find_client(client_id) is None:
            client_id = await _by_id(name, ports.admin) or name
            if client_id == name or await ports.admin.find_client(client_id) is None:
                remedy = "reconciler list names the clients."
                raise NotFound(f"The realm {realm} has no client '{name}'.", remedy=remedy)
        return client_id, await ports.platform.me(client_id)
    except ReconcilerError as error:
        return client_id, error


async def _by_id(text: str, admin: AdminApi) -> str | None:
    """Return the clientId of the client that has the id in Keycloak; None where none has."""
    realm = await admin.realm() if is_uuid(text) else None
    return None if realm is None else await admin.name_of_client(text, str(realm["id"]))
