"""Me: what is in force for clients, each asked by its own token."""

from dataclasses import dataclass

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
        answers = [(client_id, await _answer(client_id, request.realm, ports)) for client_id in request.client_ids]
        answered = any(not isinstance(answer, ReconcilerError) for _, answer in answers)
        return MeResult(tuple(answers), answered and await ports.platform.is_mock())


async def _answer(client_id: str, realm: str, ports: MePorts) -> Effective | ReconcilerError:
    try:
        # Reading the client is what makes its secret known to the adapter.
        if ports.admin is not None and await ports.admin.find_client(client_id) is None:
            raise NotFound(
                f"The realm {realm} has no client '{client_id}'.", remedy="reconciler list names the clients."
            )
        return await ports.platform.me(client_id)
    except ReconcilerError as error:
        return error
