"""One token for many threads and tasks: one request however many wait for it, and one failure, too."""

import os
import secrets
import threading
import time
import weakref
from concurrent.futures import Future
from hashlib import blake2b
from typing import Final

from nt24_tokens.cache import TokenCache
from nt24_tokens.endpoint import TokenEndpoint
from nt24_tokens.errors import TokenError, Unreachable
from nt24_tokens.token import Token

_REFUSED_FOR: Final = 5.0
"""Seconds for which a refusal is repeated to whoever asks with the same secret, without asking Keycloak again."""
_SILENT_FOR: Final = 1.0
"""The same for a Keycloak that does not answer."""

Flight = Future[str | TokenError]
"""A request on its way. It ends with a value: an error that many raise is made anew for each of them."""


class TokenSource:
    """Share one client's token. Each caller waits ``deadline`` seconds at most, whatever the network does.

    The request runs in a thread of its own, so that no caller hangs on it; after a fork the child asks for itself.
    """

    def __init__(self, endpoint: TokenEndpoint, deadline: float) -> None:
        self.endpoint = endpoint
        self.deadline = deadline
        self._cache = TokenCache(time)
        self._salt = secrets.token_bytes(16)
        self._failure: tuple[bytes, TokenError, float] | None = None
        """Of which secret, what was said, and until when it holds."""
        self.start_over()
        _SOURCES.add(self)

    def start_over(self) -> None:
        """Wait for nobody any more: in a child process, the thread that asked is not there."""
        self._lock = threading.Lock()
        self._flight: Flight | None = None
        self._until = 0.0

    def fresh(self) -> str | None:
        """Return the token that is there, if it is good enough."""
        with self._lock:
            return self._cache.fresh()

    def forget(self, value: str) -> None:
        """Drop the token if it is still ``value``: a server refused it."""
        with self._lock:
            self._cache.forget(value)

    def flight(self) -> Flight:
        """Return the request that is on its way, or start one.

        Raises whatever the function raises that returns the secret.
        """
        with self._lock:
            # One that hangs beyond everybody's deadline is waited for by nobody else.
            if self._flight is not None and time.monotonic() < self._until:
                return self._flight
            flight: Flight = Future()
            # A task that is cancelled cannot cancel what others wait for.
            flight.set_running_or_notify_cancel()
            if (value := self._cache.fresh()) is not None:
                flight.set_result(value)
                return flight
            self._flight, self._until = flight, time.monotonic() + self.deadline
        try:
            secret = self.endpoint.secret()
            mark = blake2b(secret.encode(), key=self._salt).digest()
        except BaseException:
            self._land(flight, Unreachable("The function that returns the client's secret failed."))
            raise
        if (known := self._known(mark)) is not None:
            self._land(flight, known)
            return flight
        try:
            threading.Thread(target=self._fetch, args=(flight, secret, mark), daemon=True, name="nt24-tokens").start()
        except RuntimeError as error:
            self._land(flight, Unreachable(f"No thread could be started for the token request: {error}."))
        return flight

    def late(self) -> Unreachable:
        """Return the error for a caller who has waited long enough."""
        return Unreachable(
            f"Keycloak gave no token at {self.endpoint.url} within {self.deadline:g} s.",
            remedy="Check the network; deadline= waits longer.",
        )

    def _known(self, mark: bytes) -> TokenError | None:
        with self._lock:
            if self._failure is None or self._failure[0] != mark or time.monotonic() >= self._failure[2]:
                return None
            return self._failure[1]

    def _fetch(self, flight: Flight, secret: str, mark: bytes) -> None:
        asked = time.monotonic()
        try:
            answer = self.endpoint.ask(secret, asked + self.deadline)
        except Exception as error:  # noqa: BLE001  (whoever waits must hear of it, and not of the frames)
            answer = Unreachable(f"The token request failed: {type(error).__name__}.")
        with self._lock:
            if isinstance(answer, Token):
                result: str | TokenError = self._cache.keep(answer, asked)
            else:
                pause = _SILENT_FOR if isinstance(answer, Unreachable) else _REFUSED_FOR
                self._failure = (mark, answer, time.monotonic() + pause)
                old = self._cache.make_do() if isinstance(answer, Unreachable) else None
                result = answer if old is None else old
        self._land(flight, result)

    def _land(self, flight: Flight, result: str | TokenError) -> None:
        with self._lock:
            if self._flight is flight:
                self._flight = None
        flight.set_result(result)


def value_of(result: str | TokenError) -> str:
    """Return the token, or raise the failure anew, with no frame of another caller."""
    if isinstance(result, TokenError):
        raise result.again() from None
    return result


_SOURCES: Final[weakref.WeakSet[TokenSource]] = weakref.WeakSet()


def _after_fork() -> None:
    for source in _SOURCES:
        source.start_over()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
