"""Ports of 127.0.0.1, and waiting until something answers there."""

import http
import http.client
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from reconciler.model.errors import ReconcilerError

HOST: Final = "127.0.0.1"
_POLL_SECONDS: Final = 0.2


def listen(port: int) -> socket.socket:
    """Return a socket that listens on ``port`` of the loopback interface; 0 lets the system choose.

    Raises:
        ReconcilerError: The port is taken.
    """
    try:
        return socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        raise ReconcilerError(
            f"Port {port} of {HOST} cannot be used: {error.strerror or error}.",
            remedy="Choose another port, or leave it out to get a free one.",
        ) from error


def is_free(port: int) -> bool:
    """Tell whether nobody listens on ``port`` at this moment."""
    try:
        listen(port).close()
    except ReconcilerError:
        return False
    return True


def free_ports(*wanted: int) -> tuple[int, ...]:
    """Return one distinct port for each of ``wanted``: that very port, or a free one where it is 0.

    Raises:
        ReconcilerError: A wanted port is taken.
    """
    with ExitStack() as open_sockets:
        ports = []
        for port in wanted:
            listener = open_sockets.enter_context(listen(port))
            ports.append(int(listener.getsockname()[1]))
        return tuple(ports)


def answers(port: int, path: str) -> bool:
    """Tell whether ``GET path`` on ``port`` answers 200 within two seconds."""
    # Not httpx: this is asked five times a second while Java needs the processor.
    connection = http.client.HTTPConnection(HOST, port, timeout=2.0)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until(ready: Callable[[], bool], *, alive: Callable[[], bool], seconds: float) -> bool:
    """Wait until ``ready``; return False when it is no longer ``alive`` or ``seconds`` have passed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        if not alive():
            return False
        time.sleep(_POLL_SECONDS)
    return False
