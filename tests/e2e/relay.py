"""An HTTP server between the reconciler and a live system: what becomes of each request is its subclass's choice."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})

Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body."""


class Relay(BaseHTTPRequestHandler):
    """Take requests of any method."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Head and body are two writes: the second would wait for the other side's delayed acknowledgement, 40 ms."""
    target: ClassVar[str]
    """Host and port of the live system."""

    def take(self, body: bytes) -> None:
        """Answer the request, or let the connection break."""
        raise NotImplementedError

    def do_GET(self) -> None:
        self.take(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def forward(self, body: bytes) -> Answer:
        """Return what the live system answers."""
        connection = http.client.HTTPConnection(self.target, timeout=60)
        try:
            connection.request(self.command, self.path, body or None, dict(self.headers.items()))
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    def answer(self, answer: Answer, *, cut: bool = False) -> None:
        """Send the answer; ``cut`` breaks off before its announced end."""
        status, headers, body = answer
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + (100 if cut else 0)))
        self.end_headers()
        self.wfile.write(body)
        if cut:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            # The reconciler was killed, or gave up.
            self.close_connection = True


@contextmanager
def serving(relay: type[Relay]) -> Iterator[str]:
    """Yield the URL at which the relay answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), relay) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
