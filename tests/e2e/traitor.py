"""A machine in front of a live system that answers in its place, and says every secret that it knows."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


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

    def answer(self, sent: str) -> tuple[int, list[tuple[str, str]], bytes]:
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
    traitor, target = Traitor(), urlsplit(backend).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not traitor.betrays(self.command, self.path):
                self._answer(*self._forward(body))
                return
            traitor.told.append(f"{self.command} {self.path}")
            sent = f"{self.headers.get('Authorization')} {body.decode(errors='replace')}"
            status, headers, answer = traitor.answer(sent)
            self._answer(status, headers, answer, cut=traitor.treason is Treason.CUT)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

        def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection(target, timeout=60)
            try:
                connection.request(self.command, self.path, body or None, dict(self.headers.items()))
                response = connection.getresponse()
                return response.status, response.getheaders(), response.read()
            finally:
                connection.close()

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, *, cut: bool = False) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + (100 if cut else 0)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = cut

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        traitor.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield traitor
        finally:
            server.shutdown()
            thread.join()
