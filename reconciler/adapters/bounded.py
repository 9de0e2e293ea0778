"""Answers of live systems, read whole within bounds: whoever answers may send without end, or a byte a second."""

import asyncio
import json
import re
from typing import Any, Final

import httpx

from reconciler.model.text import whole_text

MAX_MEBIBYTES: Final = 256
"""Of one answer, decoded. A page of 2,000 large clients has some 40."""
PATIENCE: Final = 10
"""How many times the time-out of one read one answer may take, from asking to its last byte."""
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_ENCODED: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers that are not true of a body that was read and decoded."""


class TooMuch(httpx.TransportError):
    """Say that an answer is larger, or takes longer, than any should; it is not asked for again."""


class WholeAnswer(httpx.Response):
    """An answer that was read."""

    def json(self, **options: Any) -> Any:
        """Return the JSON, in which no text holds half of a surrogate pair: nothing could be written that does.

        UTF-8 cannot carry one, but an escape of JSON can. Where one stands, there is U+FFFD, as decoders have it.
        """
        text = self.content.decode(json.detect_encoding(self.content), "surrogatepass")
        found = json.loads(text, **options)
        return _mended(found) if _HALF.search(text) else found


class Bounded(httpx.AsyncBaseTransport):
    """Read each answer whole before it is handed on; ``timeout`` is in seconds, of one read."""

    def __init__(self, transport: httpx.AsyncBaseTransport, timeout: float) -> None:
        self._transport = transport
        self._seconds = PATIENCE * timeout

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, and read its answer.

        Raises:
            TooMuch: It has more bytes, or takes longer, than is allowed.
        """
        limit = asyncio.timeout(self._seconds)
        try:
            async with limit:
                response = await self._transport.handle_async_request(request)
                content = await _content(response)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise TooMuch(f"the answer was not complete after {self._seconds:g} s", request=request) from error
        headers = [(name, value) for name, value in response.headers.raw if name.decode().lower() not in _ENCODED]
        return WholeAnswer(
            response.status_code, headers=headers, content=content, request=request, extensions=response.extensions
        )

    async def aclose(self) -> None:
        """Close what it sends by."""
        await self._transport.aclose()


async def _content(response: httpx.Response) -> bytes:
    parts, size = [], 0
    try:
        async for part in response.aiter_bytes():
            parts.append(part)
            size += len(part)
            if size > MAX_MEBIBYTES * 1024**2:
                raise TooMuch(f"the answer has more than {MAX_MEBIBYTES} MiB", request=response.request)
    finally:
        await response.aclose()
    return b"".join(parts)


def _mended(value: Any) -> Any:
    match value:
        case str():
            return whole_text(value)
        case list():
            return [*map(_mended, value)]
        case dict():
            return {_mended(key): _mended(inner) for key, inner in value.items()}
        case _:
            return value
