"""A code host's issuer of tokens on this machine: its public keys, and a token for each job that asks for one."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from reconciler.model.pipeline import FORGES

_KEY: Final = rsa.generate_private_key(65537, 2048)


class TokenIssuer:
    """Sign tokens; ``subject`` says what a job of an environment is called, as GitHub does where nobody says more."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.subject: Callable[[str], str] = "repo:acme@1/integrations@2:environment:{}".format

    def token(self, environment: str, audience: str) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "sub": self.subject(environment), "aud": audience, "jti": uuid4().hex}
        return jwt.encode({**claims, "iat": now, "exp": now + 300}, _KEY, algorithm="RS256", headers={"kid": "ci"})


@contextmanager
def issuing() -> Iterator[TokenIssuer]:
    """Serve an issuer for a while."""
    keys = {
        "keys": [{**RSAAlgorithm.to_jwk(_KEY.public_key(), as_dict=True), "kid": "ci", "use": "sig", "alg": "RS256"}]
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            if parts.path in {forge.keys for forge in FORGES.values()}:
                self._answer(keys)
            elif parts.path == "/token" and self.headers["Authorization"] == "bearer of-the-job":
                self._answer({"value": issuer.token(query["environment"][0], query["audience"][0])})
            else:
                self.send_error(404)

        def _answer(self, document: Any) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = TokenIssuer(f"http://127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
