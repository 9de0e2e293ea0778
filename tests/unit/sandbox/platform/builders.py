"""A platform API in this process: its own keys, organizations in a dictionary, and a clock that stands still."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from reconciler.sandbox.platform.app import create_app
from reconciler.sandbox.platform.directory import PartnerDirectory
from reconciler.sandbox.platform.gate import Gate
from reconciler.sandbox.platform.limits import Limits, RateLimiter
from reconciler.sandbox.platform.organizations import Organization
from reconciler.sandbox.platform.problems import KeycloakUnavailable
from reconciler.sandbox.platform.tokens import TokenVerifier

ISSUER = "http://keycloak.test/realms/nt24-idp"
PARTNER = "3b0d12ab-5d0c-4d0a-9d0e-0d3a5b6c7d8e"
OTHER_PARTNER = "9c2f4e10-1111-4222-8333-444455556666"
ENTERPRISE = Limits(5000, 1000, 100)
NOON = 1_800_000_000.0  # a whole minute


@cache
def a_key(name: str = "realm") -> rsa.RSAPrivateKey:
    """Return a private key, always the same for the same name."""
    assert name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def a_jwk(kid: str, key: rsa.RSAPrivateKey) -> dict[str, object]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}


def an_organization(
    *,
    enabled: bool = True,
    uuid: str = "0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01",
    partners: tuple[str, ...] = (PARTNER,),
    tier: str = "STANDARD",
    flags: frozenset[str] = frozenset(),
    dpa_version: str | None = "2026-01",
    dpa_accepted_at: str | None = "2026-01-15T10:00:00Z",
) -> Organization:
    return Organization(
        id="org-1",
        name="Acme Motors GmbH",
        enabled=enabled,
        uuid=uuid,
        partners=partners,
        rate_limit_tier=tier,
        flags=flags,
        dpa_version=dpa_version,
        dpa_accepted_at=dpa_accepted_at,
    )


def some_claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    return {
        "iss": ISSUER,
        "iat": now,
        "exp": now + 300,
        "typ": "Bearer",
        "azp": "api-client-acme",
        "organization": {"acme": {"id": "org-1"}},
    } | changes


def a_token(
    *, key: rsa.RSAPrivateKey | None = None, kid: str = "key-1", without: str | None = None, **claims: object
) -> str:
    payload = some_claims(**claims)
    if without is not None:
        del payload[without]
    return jwt.encode(payload, key or a_key(), algorithm="RS256", headers={"kid": kid})


class Keys:
    """The realm's keys: one."""

    async def find(self, kid: str) -> jwt.PyJWK | None:
        return jwt.PyJWK(a_jwk("key-1", a_key())) if kid == "key-1" else None


@dataclass
class Organizations:
    """What Keycloak would say."""

    known: dict[str, Organization] = field(default_factory=dict)
    down: bool = False

    async def find(self, organization_id: str) -> Organization | None:
        if self.down:
            raise KeycloakUnavailable("refused")
        return self.known.get(organization_id)


class Platform:
    """The API with one organization, and a way to call it."""

    def __init__(self, folder: Path, organization: Organization | None = None, enterprise: Limits = ENTERPRISE) -> None:
        self.now = NOON
        self.organizations = Organizations({"org-1": organization or an_organization()})
        self.partners_file = folder / "partners.json"
        gate = Gate(
            tokens=TokenVerifier(Keys(), issuer=ISSUER, realm="nt24-idp"),
            organizations=self.organizations,
            limiter=RateLimiter(enterprise, clock=lambda: self.now),
            current_dpa_version="2026-01",
        )
        self.app = create_app(gate, PartnerDirectory(self.partners_file))

    def request(
        self,
        method: str,
        path: str,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> httpx.Response:
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return asyncio.run(self._request(method, path, sent, body))

    def get(self, path: str, token: str | None = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.request("GET", path, token, headers)

    def me(self, token: str | None = None) -> httpx.Response:
        return self.get("/v1/me", token or a_token())

    async def _request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://platform.test") as client:
            return await client.request(method, path, headers=headers, content=body)


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    assert document["instance"] == response.request.url.path
    assert {"type", "title", "detail", "traceId"} <= document.keys()
    return response.status_code, document["type"].removeprefix("https://api.novatrade24.com/problems/")
