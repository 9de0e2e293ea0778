"""A token endpoint on loopback, in a thread of its own, that answers as it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

Answer = tuple[int, object]


def a_token(value: str, lifetime: float = 300) -> Answer:
    return 200, {"access_token": value, "expires_in": lifetime}


@dataclass
class Endpoint:
    """Give out tokens 1, 2, 3, … to whoever asks for one; ``/api`` accepts those in ``good``, if there are any."""

    url: str = ""
    answer: Callable[[int], Answer] = lambda number: a_token(str(number))
    """From the number of the token request, from 1."""
    good: set[str] = field(default_factory=set)
    me: object = field(default_factory=dict)
    """What the API answers."""
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    """The tokens that the API got."""
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, path: str, token: str, body: str) -> Answer:
        if path.endswith("/token"):
            with self._counting:
                self.forms.append(parse_qs(body))
                number = len(self.forms)
            return self.answer(number)
        with self._counting:
            self.sent.append(token)
            return (401, {}) if self.good and token not in self.good else (200, self.me)


@contextmanager
def issuing() -> Iterator[Endpoint]:
    """Serve on loopback."""
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            status, answer = endpoint.serve(self.path, token, body)
            content = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        endpoint.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield endpoint
        finally:
            server.shutdown()
            thread.join()
