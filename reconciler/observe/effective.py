"""Ask ``GET /v1/me`` as each client: what is in force."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.model.errors import LiveSystemError, RequestFailed, Unreachable, WrongServer
from reconciler.model.observed import MOCK, ClientObservation, Effective, ReadFailure
from reconciler.observe.scope import Scope
from reconciler.ports import PlatformApi

DISABLED: Final = "client-disabled"


async def observe_effective(
    platform: PlatformApi, scope: Scope, clients: Iterable[ClientObservation]
) -> Mapping[str, Effective | ReadFailure]:
    """Return the answer for each declared client that exists, or the reason why there is none.

    Raises:
        Unreachable: The platform, or the token endpoint, answered none of them, or something else answers there.
    """
    wanted = [c for c in clients if c.client_id in scope.clients and scope.wants_client(c.representation)]
    # Where no client is there yet, it is known before the first write, too, that nobody could look at its effect.
    if scope.clients and await _is_mock(platform, may_be_silent=bool(wanted)):
        return {client.client_id: mocked() for client in wanted}
    answers = await asyncio.gather(*(_ask(platform, client) for client in wanted))
    silent = [answer for answer in answers if isinstance(answer, Unreachable)]
    if silent and not any(isinstance(answer, Effective) for answer in answers):
        raise silent[0]
    pairs = zip(wanted, answers, strict=True)
    return {client.client_id: _without(client, a) if isinstance(a, Unreachable) else a for client, a in pairs}


async def _is_mock(platform: PlatformApi, *, may_be_silent: bool) -> bool:
    try:
        return await platform.is_mock()
    except WrongServer:
        raise
    except Unreachable:
        if not may_be_silent:
            raise
        # One silence means little: the clients' own requests tell more.
        return False


def mocked() -> ReadFailure:
    """Return the read failure of whatever a mock would answer."""
    return ReadFailure(
        "what is in force",
        "The platform API is a mock: it answers GET /v1/me even without a token, which proves nothing.",
        "Name the real one by NT24_API_URL, or pass --no-effective.",
        MOCK,
    )


async def _ask(platform: PlatformApi, client: ClientObservation) -> Effective | ReadFailure | Unreachable:
    if not client.representation.get("enabled"):
        return ReadFailure(_what(client), "the client is disabled, so that it gets no token", code=DISABLED)
    try:
        return await platform.me(client.client_id)
    except Unreachable as error:
        return error
    except (RequestFailed, LiveSystemError) as error:
        code = error.code if isinstance(error, RequestFailed) else ""
        return ReadFailure(_what(client), error.message, error.remedy, code)


def _without(client: ClientObservation, error: Unreachable) -> ReadFailure:
    return ReadFailure(_what(client), error.message, error.remedy, "unreachable")


def _what(client: ClientObservation) -> str:
    return f"GET /v1/me as {client.client_id}"
