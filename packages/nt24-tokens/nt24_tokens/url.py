"""Which URLs are taken: no secret crosses a network in clear.

The reconciler has the same rule in ``reconciler.model.url``: importing it from here would load httpx for every command,
and this distribution knows nothing of the reconciler.
"""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from nt24_tokens.errors import WrongUsage

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Host names of this very machine."""
_LABEL: Final = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_NAME: Final = re.compile(rf"(?=.{{1,254}}$){_LABEL}(\.{_LABEL})*\.?")
_HOW: Final = "Write it as https://host[:port][/path], without spaces, and an international host name as xn--…."


def checked_url(system: str, url: str, *, allow_http: bool, unless: str) -> str:
    """Return the URL without a trailing slash; ``unless`` is how a person allows plain HTTP.

    Raises:
        WrongUsage: It is no http(s) URL, or plain HTTP to another machine without ``allow_http``.
    """
    parts = http_parts(url)
    if parts is None or parts.query or parts.fragment:
        raise WrongUsage(f"'{url}' is not a valid URL for {system}.", remedy=_HOW)
    if parts.username or parts.password:
        raise WrongUsage(
            f"The URL of {system} holds a user name or password.", remedy="Give credentials by their own settings."
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not allow_http:
        raise WrongUsage(
            f"{system} is addressed by plain HTTP ({url}): tokens and secrets would cross the network unencrypted.",
            remedy=f"Use https://, or {unless} if the network is trusted.",
        )
    return url.rstrip("/")


def http_parts(url: str) -> SplitResult | None:
    """Return the parts of an http(s) URL; None where it is none, or where a host or a character is in no URL."""
    try:
        parts = urlsplit(url)
        has_port, host = parts.port != 0, parts.hostname or ""
        is_host = bool(ip_address(host)) if ":" in host else bool(_NAME.fullmatch(host))
        # Some clients write it as other letters, and fail where it stands for none.
        host.encode().decode("idna" if "xn--" in host else "ascii")
    except ValueError:
        return None
    is_plain = url.isascii() and url.isprintable() and " " not in url
    return parts if parts.scheme in {"http", "https"} and has_port and is_host and is_plain else None
