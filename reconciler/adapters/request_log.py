"""What -v tells of each request: no body, no header, of a query nothing that may be secret, and that only with -vv.

Loggers are Python's own; what they write, and where, is set up by the command line.
"""

import logging
import time
from collections.abc import Iterable
from typing import Final

import httpx

from reconciler.adapters.connecting import detail_of

REQUEST_ID: Final = "X-Request-Id"
_TRACE: Final = 5
_ATTEMPTS: Final = "reconciler.attempts"
_LOG: Final = logging.getLogger(__name__)
_HIDDEN: Final = ("secret", "token", "password", "assertion", "code", "key", "signature")
"""Parts of the names of query parameters whose values are not told."""
_BUDGET: Final = ("X-RateLimit-Remaining", "X-RateLimit-Limit", "Retry-After")


def asked(request: httpx.Request) -> str:
    """Return what was asked, as errors quote it: ``GET /v1/me (request 0a5a136341e1491b)``."""
    return f"{request.method} {request.url.path} (request {request.headers.get(REQUEST_ID, 'without an id')})"


class Exchange:
    """One request of a live system, from the moment that it is sent."""

    def __init__(self, system: str, request: httpx.Request) -> None:
        self._system = system
        self._request = request
        self._started = time.monotonic()

    def answered(self, response: httpx.Response) -> None:
        """Tell the answer."""
        self._tell(str(response.status_code), status=response.status_code, bytes=len(response.content))

    def failed(self, error: Exception) -> None:
        """Tell that there is none."""
        self._tell(f"no answer ({type(error).__name__})", failure=type(error).__name__)

    def _tell(self, ending: str, **more: object) -> None:
        if not _LOG.isEnabledFor(logging.DEBUG):
            return
        request = self._request
        milliseconds = round(1000 * (time.monotonic() - self._started))
        retries = max(0, request.extensions.get(_ATTEMPTS, 1) - 1)
        detail = _LOG.isEnabledFor(_TRACE)
        query = _shown(request.url.params.multi_items()) if detail else ""
        fields = {
            "system": self._system,
            "method": request.method,
            "path": request.url.path,
            **({"query": query} if query else {}),
            **more,
            "duration_ms": milliseconds,
            "retries": retries,
            "request_id": request.headers.get(REQUEST_ID, ""),
        }
        told = f"{request.method} {request.url.path}{f'?{query}' if query else ''}: {ending} in {milliseconds} ms"
        again = f", {retries} {'retry' if retries == 1 else 'retries'}" if retries else ""
        extra = {"event": "request", "fields": fields}
        _LOG.debug("%s: %s (request %s%s)", self._system, told, fields["request_id"], again, extra=extra)


class Attempts(httpx.AsyncBaseTransport):
    """Count the attempts of each request, below the retries; with -vv, tell those that say more than the request."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request once."""
        number = request.extensions.get(_ATTEMPTS, 0) + 1
        request.extensions[_ATTEMPTS] = number
        started = time.monotonic()
        try:
            response = await self._transport.handle_async_request(request)
        except Exception as error:
            _tell_attempt(request, number, started, f"no answer ({type(error).__name__}: {detail_of(error)})")
            raise
        budget = "".join(f", {name}: {response.headers[name]}" for name in _BUDGET if name in response.headers)
        if budget or number > 1 or not response.is_success:
            _tell_attempt(request, number, started, f"{response.status_code}{budget}")
        return response

    async def aclose(self) -> None:
        """Close what it sends by."""
        await self._transport.aclose()


def _tell_attempt(request: httpx.Request, number: int, started: float, ending: str) -> None:
    if not _LOG.isEnabledFor(_TRACE):
        return
    milliseconds = round(1000 * (time.monotonic() - started))
    request_id = request.headers.get(REQUEST_ID, "")
    fields = {"attempt": number, "outcome": ending, "duration_ms": milliseconds, "request_id": request_id}
    extra = {"event": "attempt", "fields": fields}
    _LOG.log(_TRACE, "  attempt %d of request %s: %s in %d ms", number, request_id, ending, milliseconds, extra=extra)


def _shown(query: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{name}={'…' if _is_hidden(name) else value}" for name, value in query)


def _is_hidden(name: str) -> bool:
    return any(part in name.lower() for part in _HIDDEN)
