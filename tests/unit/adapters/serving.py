"""A server in this process that answers as it is told."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str


HANG_UP = None
"""Instead of an answer: close the connection."""


class Script:
    """Give the replies in turn, the last of them for ever; remember the requests."""

    def __init__(self, *replies: Reply | None) -> None:
        self._replies = list(replies)
        self.seen: list[Seen] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode()
        self.seen.append(Seen(request.method, request.path_qs, request.headers.copy(), body))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if reply is None:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        headers = {"Content-Type": "application/json", **reply.headers}
        return web.Response(status=reply.status, body=reply.body.encode(), headers=headers)


class Answering(Protocol):
    """Whatever answers requests."""

    async def answer(self, request: web.Request) -> web.StreamResponse: ...


@asynccontextmanager
async def serving(script: Answering) -> AsyncIterator[str]:
    """Serve on loopback; yield the URL."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
