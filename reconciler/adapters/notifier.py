"""Send a notification. Its URL is a secret: no error, and nothing else, names more of it than the variable."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from reconciler.model.url import LOOPBACK, http_parts

_TIMEOUT: Final = 15.0
_ATTEMPTS: Final = 3


async def notify(variable: str, url: str, body: Mapping[str, Any]) -> str:
    """Send the body as JSON; return why it could not be delivered, empty if it was."""
    if problem := _problem(url):
        return f"{variable} {problem}"
    said = ""
    is_remote = urlsplit(url).hostname not in LOOPBACK
    async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=is_remote) as client:
        for _ in range(_ATTEMPTS):
            try:
                # What is answered besides is not read, however much it is.
                async with asyncio.timeout(_TIMEOUT), client.stream("POST", url, json=dict(body)) as response:
                    pass
            except (httpx.HTTPError, TimeoutError) as error:
                # The words of an error may quote the URL; its class does not.
                said = f"the address in {variable} does not answer ({type(error).__name__})"
                continue
            if response.is_success:
                return ""
            said = f"the address in {variable} answered {response.status_code}"
            if response.status_code not in {429, 502, 503, 504}:
                break
    return said


def _problem(url: str) -> str:
    if not url:
        return "is not set"
    parts = http_parts(url)
    if parts is None:
        return "holds no URL"
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return "must be an https:// URL"
    return ""
