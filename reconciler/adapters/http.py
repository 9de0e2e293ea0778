"""The HTTP client under every adapter: time-outs, retries, request ids, and errors translated once."""

import asyncio
import ssl
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit
from urllib.request import getproxies

import aiohttp
import httpx
from aiohttp.connector import Connection as Connected
from aiohttp.tracing import Trace
from httpx_aiohttp import AiohttpTransport
from httpx_retries import Retry, RetryTransport

from reconciler.adapters.bounded import Bounded
from reconciler.adapters.concurrency_limiter import ConcurrencyLimiter
from reconciler.adapters.connecting import detail_of, failure_of
from reconciler.adapters.named_file import read_named
from reconciler.adapters.redaction import redacted
from reconciler.adapters.request_log import REQUEST_ID, Attempts, Exchange, asked
from reconciler.adapters.write_gate import Gate
from reconciler.diagnose.reaching import cause_of
from reconciler.diagnose.standing import KEYCLOAK_IS_API, is_platforms
from reconciler.model.errors import (
    AccessRefused,
    Conflict,
    LiveSystemError,
    NotFound,
    OutcomeUnknown,
    ReconcilerError,
    RequestFailed,
    Unreachable,
    WrongServer,
    WrongUsage,
)
from reconciler.model.probe import ProbeAnswer, System, status_text
from reconciler.model.url import LOOPBACK, climbs, http_parts, shown_url
from reconciler.ports import Traffic

_BUSY: Final = frozenset({429, 502, 503, 504})
_MAX_CERTIFICATES: Final = 16
"""MiB; the bundle of all public CAs has less than one."""
_MAX_MESSAGE: Final = 300
_PAUSE_AFTER_FAILED_READ: Final = 0.2
"""In seconds, and twice as long each time."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one live system.

    ``timeout`` is in seconds, per connect and per read; a whole answer may take ten times as long. ``ca_file``,
    ``certificate_file`` and ``key_file`` are PEM files for a private CA and for a client certificate.
    """

    system: str
    """The system's name in messages: ``Keycloak``."""
    base_url: str
    timeout: float = 30.0
    parallelism: int = 10
    attempts: int = 4
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    traffic: Traffic | None = None
    """Who watches the requests."""
    gate: Gate | None = None
    """What is asked right before the bytes of a request leave."""

    def __post_init__(self) -> None:
        """Refuse a URL that the HTTP client does not take.

        Raises:
            WrongUsage: It is one.
        """
        try:
            _ = httpx.URL(self.base_url).host
        except (httpx.InvalidURL, UnicodeError) as error:
            raise WrongUsage(f"'{self.base_url}' is not a valid URL for {self.system}: {error}.") from error

    def for_tokens(self) -> Self:
        """Return the same for token requests, which nobody counts, and which write nothing."""
        return replace(self, traffic=None, gate=None)


class ApiClient(httpx.AsyncClient):
    """An ``httpx.AsyncClient`` that answers with success or raises an error of ours.

    Reads and idempotent writes are retried with backoff and jitter, and ``Retry-After`` is honoured. A POST or PATCH
    is not repeated here, unless ``retry_post`` says that a repeated one does nothing more: only a caller that reads
    again can know whether it took effect.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        auth: httpx.Auth | None = None,
        retry_post: bool = False,
        explain_forbidden: Callable[[str, str], str] | None = None,
        explain_unauthorized: Callable[[], str] | None = None,
        explain_rejection: "Callable[[ApiClient, httpx.Request, ReconcilerError], Awaitable[str]] | None" = None,
    ) -> None:
        methods = ["GET", "HEAD", "PUT", "DELETE", *(["POST", "PATCH"] if retry_post else [])]
        retry = Retry(total=connection.attempts - 1, backoff_factor=0.4, allowed_methods=methods, max_backoff_wait=20)
        super().__init__(
            base_url=connection.base_url,
            auth=auth,
            timeout=httpx.Timeout(connection.timeout),
            transport=RetryTransport(transport=Attempts(transport_to(connection)), retry=retry),
            follow_redirects=False,
            # Proxies are the transport's matter.
            trust_env=False,
        )
        self.system = connection.system
        self._traffic = connection.traffic
        self._repeats_post = retry_post
        self._explain_forbidden = explain_forbidden
        self._explain_unauthorized = explain_unauthorized
        self._explain_rejection = explain_rejection
        self._slots = ConcurrencyLimiter(connection.parallelism)
        self._attempts = connection.attempts
        self.sent = 0
        """How many requests were made, retries and tokens apart."""

    def build_request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Request:
        """Return the request.

        Raises:
            RequestFailed: A name in its path is a step, ``..``: it would reach another object than is meant.
        """
        # docs/decisions.md, 147: whoever adds an endpoint cannot forget it.
        if climbs(str(url)):
            raise RequestFailed(
                f"{self.system} was not sent {method} {url}: an object named '.' or '..' has no path.",
                remedy="Rename or delete it.",
            )
        return super().build_request(method, url, **options)

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send the request.

        Raises:
            Unreachable: No answer, an answer that is not the system's own, or one that says: not now.
            AccessRefused: 401 or 403.
            RequestFailed: Any other answer of 400 and more, and OutcomeUnknown for a write that broke off.
        """
        request.headers.setdefault(REQUEST_ID, uuid.uuid4().hex[:16])
        self.sent += 1
        if self._traffic is None:
            response = await self._answer(request, options)
        else:
            with self._traffic.request(self.system):
                response = await self._answer(request, options)
        if response.is_success and not _is_web_page(response):
            return response
        error = self._refusal(response, asked(request))
        if self._explain_rejection is not None and response.status_code == HTTPStatus.BAD_REQUEST:
            error.remedy = error.remedy or await self._explain_rejection(self, request, error)
        raise error

    async def _answer(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        """Return the answer; a read is sent again where it failed inside of the system."""
        response = await self._exchange(request, options)
        for attempt in range(self._attempts - 1):
            if not _failed_to_answer(request, response):
                break
            await asyncio.sleep(_PAUSE_AFTER_FAILED_READ * 2**attempt)
            response = await self._exchange(request, options)
        return response

    async def _exchange(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        # Waiting here, and not for a connection, keeps a long queue out of the time-outs.
        async with self._slots:
            exchange = Exchange(self.system, request)
            try:
                response = await super().send(request, **options)
            except (httpx.RequestError, aiohttp.ClientError) as error:
                exchange.failed(error)
                raise self._no_answer(request, asked(request), error) from error
        exchange.answered(response)
        return response

    def _no_answer(self, request: httpx.Request, what: str, error: Exception) -> ReconcilerError:
        text = detail_of(error)
        # httpx-aiohttp calls every broken connection a ConnectTimeout; only the cause tells that nothing was sent.
        never_sent = isinstance(error.__cause__ or error, aiohttp.ClientConnectorError | httpx.ConnectError)
        # docs/decisions.md, 8: why a POST is never repeated blind.
        if request.method == "POST" and not never_sent and not self._repeats_post:
            return OutcomeUnknown(f"{what}: the connection to {self.system} broke before an answer came ({text}).")
        origin = f"{request.url.scheme}://{request.url.netloc.decode()}"
        system = System.KEYCLOAK if self.system == System.KEYCLOAK else System.API
        cause = cause_of(failure_of(error), system, origin)
        return Unreachable(
            f"{self.system} cannot be reached at {origin}: {text}. {cause.what} It was asked {what}.",
            remedy=cause.remedy,
        )

    def _refusal(self, response: httpx.Response, what: str) -> ReconcilerError:
        status = response.status_code
        if response.is_redirect or (_is_web_page(response) and status not in _BUSY):
            return not_its_own(self.system, response, what)
        code, text = _reported(response)
        message = f"{self.system} answered {what} with {status_text(status)}" + (f": {text}" if text else "") + "."
        if self.system == System.KEYCLOAK and is_platforms(_problem(response)):
            return WrongServer(f"{message} {KEYCLOAK_IS_API.what}", remedy=KEYCLOAK_IS_API.remedy)
        if status in _BUSY:
            wait = response.headers.get("Retry-After")
            return Unreachable(message, remedy=f"It is overloaded; try again {f'in {wait} s' if wait else 'later'}.")
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            refused = AccessRefused(message, remedy=self._explained(response))
            refused.__cause__ = RequestFailed(message, status=status, code=code)
            return refused
        kinds: dict[int, type[RequestFailed]] = {HTTPStatus.NOT_FOUND: NotFound, HTTPStatus.CONFLICT: Conflict}
        return kinds.get(status, RequestFailed)(message, status=status, code=code)

    def _explained(self, response: httpx.Response) -> str:
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            return self._explain_unauthorized() if self._explain_unauthorized else ""
        explain = self._explain_forbidden
        return explain(response.request.method, response.request.url.path) if explain else ""


def not_its_own(system: str, response: httpx.Response, what: str) -> LiveSystemError:
    """Return the error for an answer that some other machine gave in the system's place."""
    where = redacted(response.headers.get("Location", ""))
    page = "a web page" if _is_web_page(response) else "something else"
    seen = f"a redirect to {where}" if where else f"{page} instead of JSON"
    return WrongServer(
        f"{system} was asked {what}, and the answer is {seen} ({status_text(response.status_code)}).",
        remedy=f"Another server answers in place of {system}: check the URL, and intermediaries (proxy, login page).",
    )


class _GatedConnector(aiohttp.TCPConnector):
    """Ask the gate once the connection is there: after token, slot and TLS, and below all retries, aiohttp's too."""

    def __init__(self, gate: Gate | None, **options: Any) -> None:
        super().__init__(**options)
        self._gate = gate

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  (as aiohttp calls it)
    ) -> Connected:
        connection = await super().connect(req, traces, timeout)
        try:
            if self._gate is not None:
                await self._gate.check(req.method)
        except BaseException:
            connection.close()
            raise
        return connection


def transport_to(connection: Connection) -> Bounded:
    """Return the bare transport: proxies, private CAs, client certificates and bounds, but no retries.

    Raises:
        WrongUsage: A certificate file, or a proxy of the environment, cannot be used.
    """
    is_remote = urlsplit(connection.base_url).hostname not in LOOPBACK
    if is_remote:
        _check_proxies()

    def session() -> aiohttp.ClientSession:
        # trust_env: the standard proxy variables, which a transport of its own would hide from httpx. No proxy can
        # reach this machine's own loopback.
        connector = _GatedConnector(connection.gate, limit=connection.parallelism, ssl=transport.ssl_context)
        return aiohttp.ClientSession(connector=connector, trust_env=is_remote, cookie_jar=aiohttp.DummyCookieJar())

    try:
        transport = AiohttpTransport(verify=_certificates(connection), client=session)
    except OSError as error:
        why = f"{error.filename}: {error.strerror}" if error.filename and error.strerror else error
        raise WrongUsage(f"A certificate file for {connection.system} cannot be used: {why}.") from error
    return Bounded(transport, connection.timeout)


def _check_proxies() -> None:
    for scheme, url in getproxies().items():
        if scheme in {"http", "https"} and http_parts(url) is None and not url.startswith("socks"):
            raise WrongUsage(
                f"{scheme.upper()}_PROXY is not a URL of a proxy: '{shown_url(url)}'.",
                remedy="Write it as http://host:port, or unset it.",
            )


def trusting_nobody() -> ssl.SSLContext:
    """Return a context for what speaks no TLS; loading the public CAs takes 30 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _certificates(connection: Connection) -> ssl.SSLContext:
    for file in (connection.ca_file, connection.certificate_file, connection.key_file):
        if file is not None:
            # What reads it for TLS would read without end.
            read_named(file, _MAX_CERTIFICATES)
    if connection.ca_file:
        context = ssl.create_default_context(cafile=connection.ca_file)
    elif urlsplit(connection.base_url).scheme == "https":
        context = httpx.create_ssl_context()
    else:
        context = trusting_nobody()
    if connection.certificate_file:
        context.load_cert_chain(connection.certificate_file, connection.key_file)
    return context


def _failed_to_answer(request: httpx.Request, response: httpx.Response) -> bool:
    """Tell whether a read failed inside of the system, so that it may well succeed when it is asked again.

    Keycloak gives such a failure while it writes its answer as 400 "Cannot parse the JSON", although a read carries
    none: seen at an organization's members that other requests changed (26.7.5, ``KeycloakErrorHandler``).
    """
    if request.method != "GET":
        return False
    status = response.status_code
    return status == HTTPStatus.INTERNAL_SERVER_ERROR or (
        status == HTTPStatus.BAD_REQUEST and _reported(response)[0] == "unknown_error"
    )


def _is_web_page(response: httpx.Response) -> bool:
    return "html" in response.headers.get("Content-Type", "")


def _problem(response: httpx.Response) -> ProbeAnswer:
    try:
        return ProbeAnswer(response.status_code, document=response.json())
    except ValueError:
        return ProbeAnswer(response.status_code)


def _reported(response: httpx.Response) -> tuple[str, str]:
    """Return the system's own code and words for an error: OAuth's, Keycloak's or RFC 7807's."""
    answer = _problem(response)
    code = answer.code
    trace = f" (trace {answer.trace_id})" if answer.trace_id else ""
    # Keycloak often says no more than "HTTP 403 Forbidden", which the status has said already.
    parts = (code, "" if answer.words.startswith("HTTP ") else answer.words)
    words = ": ".join(dict.fromkeys(part for part in parts if part and not part.startswith("HTTP ")))
    return redacted(code), redacted(words)[:_MAX_MESSAGE].rstrip(".") + redacted(trace)
