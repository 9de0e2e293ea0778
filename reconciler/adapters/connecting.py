"""Why no connection came about, and what certificate a server shows."""

import asyncio
import os
import socket
import ssl
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from cryptography import x509
from cryptography.x509.oid import NameOID

from reconciler.adapters.bounded import TooMuch
from reconciler.adapters.redaction import redacted
from reconciler.model.probe import Certificate, ProbeFailure
from reconciler.model.url import LOOPBACK

_HTTPS: Final = 443
_BY_VERIFY_CODE: Final = {
    9: ProbeFailure.NOT_YET_VALID,
    10: ProbeFailure.EXPIRED,
    18: ProbeFailure.UNTRUSTED,
    19: ProbeFailure.UNTRUSTED,
    20: ProbeFailure.UNTRUSTED,
    21: ProbeFailure.UNTRUSTED,
    62: ProbeFailure.WRONG_HOST,
    64: ProbeFailure.WRONG_HOST,
}
"""OpenSSL's X509_V_ERR codes (openssl-verify(1), "Diagnostics")."""
_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"})


def failure_of(error: BaseException) -> ProbeFailure:
    """Return why no answer came; what says it best is often deep in the chain."""
    found = ProbeFailure.BROKEN
    for each in _chain(error):
        match each:
            case aiohttp.ClientSSLError():
                continue  # it is one of ssl's by name only; what it wraps comes next
            case ssl.SSLCertVerificationError():
                return _BY_VERIFY_CODE.get(each.verify_code, ProbeFailure.CERTIFICATE)
            case ssl.SSLError():
                return ProbeFailure.NOT_TLS if getattr(each, "reason", "") in _NO_TLS else ProbeFailure.TLS
            case httpx.ProxyError() | aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
                return ProbeFailure.PROXY
            case socket.gaierror():
                return ProbeFailure.UNKNOWN_HOST
            case ConnectionRefusedError():
                return ProbeFailure.CONNECTION_REFUSED
            case TimeoutError() | httpx.ReadTimeout():
                found = ProbeFailure.TIMED_OUT
            case TooMuch():
                return ProbeFailure.ENDLESS
    return found


def detail_of(error: BaseException) -> str:
    """Return the words of whoever knew: TLS, the name service or the system, and not of the client around it."""
    for each in _chain(error):
        match each:
            case aiohttp.ClientError():
                continue  # some are errors of the system by name; what they wrap comes next
            case ssl.SSLCertVerificationError():
                return str(each.verify_message)
            case ssl.SSLError() if each.reason:
                return each.reason.replace("_", " ").lower()
            case TooMuch():
                return str(each)  # the time-out that it may wrap says less
            case TimeoutError() | httpx.ReadTimeout():
                return "timed out"
            case socket.gaierror():
                return str(each.strerror).lower()
            case OSError() if each.errno:
                return os.strerror(each.errno).lower()
    return redacted(str(error)) or type(error).__name__


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


async def certificate_at(url: str, seconds: float) -> Certificate | None:
    """Return the certificate that the server of ``url`` shows, trusted or not; nothing is sent.

    None where there is none to be had: plain HTTP, a proxy in between, or no connection.
    """
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme != "https" or host is None or _is_behind_proxy(host):
        return None
    # Nothing is trusted here, and nothing is sent: the certificate is only looked at.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(host, parts.port or _HTTPS, ssl=context)
            try:
                der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            finally:
                writer.close()
        return None if der is None else _read(der)
    except (OSError, ValueError):
        return None


def _is_behind_proxy(host: str) -> bool:
    return host not in LOOPBACK and "https" in getproxies() and not proxy_bypass(host)


def _read(der: bytes) -> Certificate:
    certificate = x509.load_der_x509_certificate(der)
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = tuple(str(name.value) for name in san)
    except x509.ExtensionNotFound:
        names = _common_names(certificate.subject)
    return Certificate(
        names=names,
        issuer=next(iter(_common_names(certificate.issuer)), certificate.issuer.rfc4514_string()),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _common_names(name: x509.Name) -> tuple[str, ...]:
    return tuple(str(each.value) for each in name.get_attributes_for_oid(NameOID.COMMON_NAME))
