"""What every response has, whatever happened inside: ids to trace it by, and never a bare error."""

import logging
import re
import secrets
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG: Final = logging.getLogger(__name__)
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Envelope:
    """Wrap an application.

    The caller's ``X-Request-Id`` is echoed when it is harmless (at most 128 letters, digits and ``._:-``), and replaced
    when it is not. ``request.state.trace_id`` names the request in problems and in the log; what endpoints put
    into ``request.state.headers`` is added to the response.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = Headers(scope=scope).get("x-request-id", "")
        request_id = wanted if _REQUEST_ID.fullmatch(wanted) else secrets.token_hex(16)
        added: dict[str, str] = {"X-Request-Id": request_id}
        trace_id = f"req_{secrets.token_hex(8)}"
        scope["state"] = {**scope.get("state", {}), "trace_id": trace_id, "headers": added}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(added)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:  # noqa: BLE001
            # Whatever it was: Starlette has answered with our problem document; what is left is to tell the operator.
            _LOG.exception("%s %s failed, traceId %s", scope["method"], scope["path"], trace_id)
