"""The URLs of live systems."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from reconciler.model.errors import WrongUsage

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Host names of this very machine."""
_LABEL: Final = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_NAME: Final = re.compile(rf"(?=.{{1,254}}$){_LABEL}(\.{_LABEL})*\.?")
_HOW: Final = "Write it as https://host[:port][/path], without spaces, and an international host name as xn--…."
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "postgresql": 5432}


def checked_url(system: str, url: str, *, allow_http: bool, name: str = "") -> str:
    """Return the URL without a trailing slash; ``name`` is the variable or option that it came by.

    Raises:
        WrongUsage: It is no http(s) URL, or plain HTTP to another machine without ``allow_http``.
    """
    parts = http_parts(url)
    if parts is None or parts.query or parts.fragment:
        where = f"Check {name}. " if name else ""
        raise WrongUsage(f"'{url}' is not a valid URL for {system}.", remedy=f"{where}{_HOW}")
    if parts.username or parts.password:
        raise WrongUsage(
            f"The URL of {system} holds a user name or password.",
            remedy=f"Take it out{f' of {name}' if name else ''}: credentials have their own variables.",
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not allow_http:
        raise WrongUsage(
            f"{system} is addressed by plain HTTP ({url}): tokens and secrets would cross the network unencrypted.",
            remedy=f"Use https://{f' in {name}' if name else ''}, or --allow-http if the network is trusted.",
        )
    return url.rstrip("/")


def normalized_url(url: str) -> str:
    """Return a URL in one spelling, without login: what names the same server and path is equal.

    RFC 3986, section 6.2.2.1 and 6.2.3: scheme and host ignore case, and the default port may be left out. A slash at
    the end means nothing to us. What cannot be parsed stays as it is.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    host = f"[{host}]" if ":" in host else host
    netloc = host if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f"{host}:{port}"
    return parts._replace(netloc=netloc, path=parts.path.rstrip("/")).geturl()


def shown_url(url: str) -> str:
    """Return a URL for people: without login and query, which may hold a secret."""
    shown = re.sub(r"//.*@", "//…@", url)
    return shown.partition("?")[0] + ("?…" if "?" in shown else "")


def segment(name: str) -> str:
    """Return ``name`` as one part of a URL's path; no character of it ends the part."""
    return quote(name, safe="")


def realm_path(realm: str, path: str = "") -> str:
    """Return the path of the Admin API of a realm, and of what is at ``path`` below it, whose parts are encoded."""
    return f"/admin/realms/{segment(realm)}{path}"


def climbs(path: str) -> bool:
    """Tell whether a part of a URL's path is ``.`` or ``..``, written as it is or encoded: a step, and no name.

    Whoever handles the URL takes such a step (RFC 3986, section 5.2.4), and a proxy may after decoding: what was meant
    for an object that is called so would reach the one above it.
    """
    parts = re.split(r"[/\\]", unquote(path.partition("?")[0]))
    return any(part.partition(";")[0] in {".", ".."} for part in parts)


def has_no_path(name: str) -> bool:
    """Tell whether ``name``, encoded as one part of a path, is a step: no request can be about what is called so."""
    return climbs(segment(name))


def fits_a_path(name: str) -> bool:
    """Tell whether every HTTP client, proxy and server takes ``name`` as one part of a path, where it is encoded.

    Some decode what another reads anew: aiohttp sends ``%3B`` as ``;``, which Keycloak 26.7.5 refuses.
    """
    return not climbs(name) and not set(name) & set("/\\;%?#")


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
