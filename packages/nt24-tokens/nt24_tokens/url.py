"""Which URLs are taken: no secret crosses a network in clear.

The reconciler has the same rule in ``reconciler.model.url``: importing it from here would load httpx for every command,
and this distribution knows nothing of the reconciler.
"""

from typing import Final
from urllib.parse import SplitResult, urlsplit

from nt24_tokens.errors import WrongUsage

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Host names of this very machine."""


def checked_url(system: str, url: str, *, allow_http: bool, unless: str) -> str:
    """Return the URL without a trailing slash; ``unless`` is how a person allows plain HTTP.

    Raises:
        WrongUsage: It is no http(s) URL, or plain HTTP to another machine without ``allow_http``.
    """
    parts = _parts(url)
    if parts is None:
        raise WrongUsage(f"'{url}' is not a URL of {system}.", remedy="Write it as https://host[:port].")
    if parts.username or parts.password:
        raise WrongUsage(
            f"The URL of {system} holds a user name or password.", remedy="Give credentials by their own settings."
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not allow_http:
        raise WrongUsage(
            f"{system} is addressed by plain HTTP ({url}): tokens and secrets would cross the network in clear.",
            remedy=f"Use https://, or {unless} if the network in between is trusted.",
        )
    return url.rstrip("/")


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        is_server = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if is_server else None
