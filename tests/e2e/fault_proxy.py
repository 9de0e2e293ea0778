"""A machine between the reconciler and Keycloak that breaks, delays or answers requests itself."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import urlsplit

from tests.e2e.relay import Relay, serving


class Act(Enum):
    """What happens to a request."""

    PASS = auto()
    CUT_BEFORE = auto()
    """The connection breaks before Keycloak sees it."""
    CUT_AFTER = auto()
    """The connection breaks after Keycloak has done it."""
    BUSY = auto()
    """503, not done: Keycloak is overloaded."""
    CONFLICT = auto()
    """409, not done: another writer was faster."""
    FAULT_AFTER = auto()
    """500, although Keycloak has done it."""
    UNAUTHORIZED = auto()
    """401, not done: the token is no good any more."""
    HOLD = auto()
    """It waits, not done, until the proxy is told to let it go; then the connection breaks."""
    HOLD_BUSY = auto()
    """It waits in the same way; then it is answered 503, not done."""
    SLOW = auto()
    """It is done, but the answer waits until the proxy is told to let it go."""


PATIENCE = 300
"""Seconds for which a request is held at most."""
_STATUS = {Act.BUSY: 503, Act.HOLD_BUSY: 503, Act.CONFLICT: 409, Act.FAULT_AFTER: 500, Act.UNAUTHORIZED: 401}


@dataclass
class FaultProxy:
    """Count the writes to one API, by default the Admin API, and choose what happens to each."""

    url: str = ""
    part: str = "/admin/"
    """What the paths of the API contain."""
    choose: Callable[[int, str], Act] = lambda number, write: Act.PASS
    """From the write's number, from 1, and its method and path."""
    choose_read: Callable[[str], Act] = lambda path: Act.PASS
    """From the path of a read."""
    writes: list[str] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    """Set once a request is held, or slow."""
    let_go: threading.Event = field(default_factory=threading.Event)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def only(self, nth: int, act: Act) -> None:
        """Start counting anew; the nth write is meddled with, all others pass."""
        self.writes.clear()
        self.held.clear()
        self.let_go.clear()
        self.choose = lambda number, write: act if number == nth else Act.PASS
        self.choose_read = lambda path: Act.PASS

    def only_read(self, nth: int, act: Act) -> None:
        """Start counting anew; the nth read after the first write is meddled with, all else passes."""
        self.only(0, Act.PASS)
        numbers = itertools.count(1)
        self.choose_read = lambda path: act if self.writes and next(numbers) == nth else Act.PASS

    def act_on(self, method: str, path: str) -> Act:
        if self.part not in path:
            return Act.PASS
        with self._counting:
            if method == "GET":
                return self.choose_read(path)
            self.writes.append(f"{method} {path}")
            return self.choose(len(self.writes), self.writes[-1])


@contextmanager
def fault_proxying(backend: str, part: str = "/admin/") -> Iterator[FaultProxy]:
    """Stand in front of the backend."""
    fault_proxy = FaultProxy(part=part)

    class Handler(Relay):
        target = urlsplit(backend).netloc

        def take(self, body: bytes) -> None:
            act = fault_proxy.act_on(self.command, self.path)
            if act in {Act.HOLD, Act.HOLD_BUSY}:
                fault_proxy.held.set()
                fault_proxy.let_go.wait(PATIENCE)
            if act in {Act.CUT_BEFORE, Act.HOLD}:
                self.close_connection = True
                return
            if act in {Act.BUSY, Act.HOLD_BUSY, Act.CONFLICT, Act.UNAUTHORIZED}:
                self.answer((_STATUS[act], [], b"{}"))
                return
            status, headers, answer = self.forward(body)
            if act is Act.SLOW:
                fault_proxy.held.set()
                fault_proxy.let_go.wait(PATIENCE)
            if act is Act.CUT_AFTER:
                self.close_connection = True
                return
            self.answer((_STATUS.get(act, status), headers, answer))

    with serving(Handler) as fault_proxy.url:
        try:
            yield fault_proxy
        finally:
            fault_proxy.let_go.set()
