"""A machine in front of a live system that answers in its place, and says every secret that it knows."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit

from tests.e2e.relay import Answer, Relay, serving


class Treason(StrEnum):
    """How the secrets are said."""

    FAULT = "a fault that repeats them"
    REFUSAL = "a refusal that repeats them"
    FORBIDDEN = "a 403 that repeats them"
    CONFLICT = "a conflict that repeats them"
    OVERLOAD = "a 503 that repeats them"
    WEB_PAGE = "a web page with them"
    REDIRECT = "a redirect with them"
    NO_JSON = "no JSON, but them"
    WRONG_SHAPE = "JSON of another form, with them"
    CUT = "an answer that breaks off within them"


_STATUS = {
    Treason.FAULT: 500,
    Treason.REFUSAL: 400,
    Treason.FORBIDDEN: 403,
    Treason.CONFLICT: 409,
    Treason.OVERLOAD: 503,
    Treason.WEB_PAGE: 502,
    Treason.REDIRECT: 302,
}


@dataclass
class Traitor:
    """Answer itself what ``betrays`` picks by method and path; all else goes through."""

    url: str = ""
    secrets: list[str] = field(default_factory=list)
    """What it says, beside what it was sent."""
    treason: Treason = Treason.FAULT
    betrays: Callable[[str, str], bool] = lambda method, path: False
    told: list[str] = field(default_factory=list)
    """What it answered itself."""

    def answer(self, sent: str) -> Answer:
        """Return the status, the headers and the body, from the secrets and what was sent."""
        said = " ".join([*self.secrets, sent])
        body: Any = {"error": "unknown_error", "error_description": said, "title": said, "traceId": said}
        kind, text = "application/json", json.dumps(body)
        headers: list[tuple[str, str]] = []
        match self.treason:
            case Treason.WEB_PAGE:
                kind, text = "text/html", f"<html><title>{said}</title>{said}</html>"
            case Treason.REDIRECT:
                headers = [("Location", f"https://elsewhere.example/?next={quote(said)}")]
            case Treason.NO_JSON:
                text = said
            case Treason.WRONG_SHAPE:
                text = json.dumps({"secret": said, "clientId": [said], "attributes": said, "access_token": [said]})
            case _:
                pass
        return _STATUS.get(self.treason, 200), [("Content-Type", kind), *headers], text.encode()


@contextmanager
def betraying(backend: str) -> Iterator[Traitor]:
    """Stand in front of the backend."""
    echo_server = Traitor()

    class Handler(Relay):
        target = urlsplit(backend).netloc

        def take(self, body: bytes) -> None:
            if not echo_server.betrays(self.command, self.path):
                self.answer(self.forward(body))
                return
            echo_server.told.append(f"{self.command} {self.path}")
            sent = f"{self.headers.get('Authorization')} {body.decode(errors='replace')}"
            self.answer(echo_server.answer(sent), cut=echo_server.treason is Treason.CUT)

    with serving(Handler) as echo_server.url:
        yield echo_server
