"""Bare concurrent reads of given URLs: what no client of Keycloak can do faster."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

Get = Callable[[str, str], Awaitable[int]]
"""Read a URL with a token, and return the status."""


async def read_all(get: Get, urls: Iterable[str], token: Callable[[], Awaitable[str]], parallelism: int) -> set[int]:
    """Read every URL, so many at once, and return the statuses."""
    slots = asyncio.Semaphore(parallelism)

    async def one(url: str) -> int:
        async with slots:
            return await get(url, await token())

    return set(await asyncio.gather(*map(one, urls)))


@asynccontextmanager
async def bare_httpx(parallelism: int) -> AsyncIterator[Get]:
    """Open the HTTP stack that the reconciler has, without anything of the reconciler."""

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=parallelism))

    async with httpx.AsyncClient(transport=AiohttpTransport(client=session), timeout=60) as client:

        async def get(url: str, token: str) -> int:
            return (await client.get(url, headers={"Authorization": f"Bearer {token}"})).status_code

        yield get


@asynccontextmanager
async def bare_aiohttp(parallelism: int) -> AsyncIterator[Get]:
    """Open what is below that stack: the limit of what Python does."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=parallelism)) as session:

        async def get(url: str, token: str) -> int:
            async with session.get(url, headers={"Authorization": f"Bearer {token}"}) as response:
                await response.read()
                return response.status

        yield get
