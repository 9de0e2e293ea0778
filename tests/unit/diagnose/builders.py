"""A session whose systems answer as they are told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from reconciler.adapters.prober import HiddenToken
from reconciler.adapters.vault import PlainSecret
from reconciler.diagnose.session import Asked, Credentials, Session
from reconciler.diagnose.stored import SecretMatch, Stored
from reconciler.model import layout
from reconciler.model.diagnosis import CheckResult, Diagnosis, DiagnosisSubject
from reconciler.model.probe import Certificate, NoAnswer, ProbeAnswer, System
from reconciler.ports import AccessToken, Prober, Secret
from tests.builders import a_uuid
from tests.fakes.runtime import START, FakeClock

KEYCLOAK = "https://idp.example"
API = "https://api.example"
REALM = "nt24-idp"
CLIENT = "api-client-acme"
ISSUER = f"{KEYCLOAK}/realms/{REALM}"
NOW = int(START.timestamp())
SECRET = "a-secret-as-long-as-novatrade24-gives-them-out-to-its-integrators-1"


class TextToken(HiddenToken):
    """A token that says what a test wants."""

    def __init__(self, claims: Mapping[str, Any] | None) -> None:
        super().__init__("header.payload.signature")
        self.claims = claims


def claims(**changes: Any) -> dict[str, Any]:
    """Build what a good token says; None takes a claim away."""
    said = {
        "iss": ISSUER,
        "azp": CLIENT,
        "iat": NOW,
        "exp": NOW + 300,
        "typ": "Bearer",
        "organization": {"acme": {"id": str(a_uuid("acme"))}},
        **changes,
    }
    return {name: value for name, value in said.items() if value is not None}


def discovery(issuer: str = ISSUER) -> ProbeAnswer:
    return ProbeAnswer(200, document={"issuer": issuer}, request_id="r-discovery")


def problem(kind: str, status: int, detail: str = "No.", **headers: str) -> ProbeAnswer:
    """Build an RFC 7807 answer of the platform."""
    document = {
        "type": f"https://api.novatrade24.com/problems/{kind}",
        "status": status,
        "detail": detail,
        "traceId": "req_1",
    }
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return ProbeAnswer(status, names, document, "r-api")


def oauth(code: str, words: str = "", status: int = 401) -> ProbeAnswer:
    """Build an error of the token endpoint."""
    return ProbeAnswer(status, document={"error": code, "error_description": words}, request_id="r-token")


def me(**changes: Any) -> ProbeAnswer:
    """Build what ``GET /v1/me`` answers."""
    document = {
        "organizationUuid": str(a_uuid("acme")),
        "name": "Acme",
        "authorizedPartners": [{"uuid": str(a_uuid("nord")), "name": "Nord", "country": "DE"}],
        "capabilities": {"rateLimitTier": "STANDARD", "allowMultiVinOrders": True, "allowContactPersonalData": False},
        "dpaVersion": "2026-01",
        **changes,
    }
    headers = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "290", "x-ratelimit-reset": str(NOW + 30)}
    return ProbeAnswer(200, headers, document, "r-me")


GIVEN = ProbeAnswer(200, document={"expires_in": 300}, request_id="r-token", received=START)
REFUSES_NONSENSE = problem("unauthorized", 401)


@dataclass
class FakeProber(Prober):
    """Give the answers that it was built with, and remember who was asked."""

    on_discovery: ProbeAnswer | NoAnswer = field(default_factory=discovery)
    on_token: ProbeAnswer | NoAnswer = GIVEN
    token: AccessToken | None = field(default_factory=lambda: TextToken(claims()))
    accepted: str | None = None
    """The only secret that gets a token; None: any does, unless ``on_token`` refuses."""
    on_nonsense: ProbeAnswer | NoAnswer = REFUSES_NONSENSE
    on_me: ProbeAnswer | NoAnswer = field(default_factory=me)
    certificates: Mapping[System, Certificate] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def discovery(self) -> ProbeAnswer | NoAnswer:
        self.asked.append("discovery")
        return self.on_discovery

    async def certificate(self, system: System) -> Certificate | None:
        return self.certificates.get(system)

    async def ask_token(self, client_id: str, secret: Secret) -> tuple[ProbeAnswer | NoAnswer, AccessToken | None]:
        self.asked.append("token")
        if self.accepted is not None:
            is_accepted = secret.reveal() == self.accepted
            return (GIVEN, self.token) if is_accepted else (oauth("unauthorized_client", _WRONG), None)
        is_success = isinstance(self.on_token, ProbeAnswer) and self.on_token.is_success
        return self.on_token, self.token if is_success else None

    async def me(self, token: Secret) -> ProbeAnswer | NoAnswer:
        self.asked.append("me")
        return self.on_nonsense if isinstance(token, Nonsense) else self.on_me


_WRONG = "Invalid client or Invalid client credentials"


class Nonsense(PlainSecret):
    """What is no token."""


def a_session(
    prober: FakeProber | None = None,
    *,
    stored: Stored | None = None,
    asked: Asked | None = None,
    api: str | None = API,
    client_id: str = CLIENT,
    trimmed: tuple[str, Secret] | None = None,
    program_token: AccessToken | None = None,
) -> Session:
    async def read() -> Stored:
        assert stored is not None
        return stored

    return Session(
        subject=DiagnosisSubject(client_id, KEYCLOAK, REALM, api),
        credentials=Credentials(PlainSecret(SECRET), len(SECRET), trimmed, program_token),
        prober=prober or FakeProber(),
        nonsense=Nonsense("no-token"),
        clock=FakeClock(),
        asked=asked or Asked(),
        read_stored=read if stored else None,
    )


def stored(
    *,
    secret: SecretMatch = SecretMatch.CURRENT,
    organizations: tuple[dict[str, Any], ...] | None = None,
    realm: dict[str, Any] | None = None,
    logins: tuple[dict[str, Any], ...] = (),
    **client: Any,
) -> Stored:
    """Build a healthy client's record, with changes."""
    record = {
        "enabled": True,
        "serviceAccountsEnabled": True,
        "defaultClientScopes": list(layout.DEFAULT_CLIENT_SCOPES),
        **client,
    }
    return Stored(
        realm={"enabled": True, "organizationsEnabled": True, **(realm or {})},
        client=record,
        secret=secret,
        account={"enabled": True},
        organizations=(an_organization(),) if organizations is None else organizations,
        logins=logins,
    )


def an_organization(
    attributes: Mapping[str, list[str]] | None = None, *, alias: str = "acme", enabled: bool = True
) -> dict[str, Any]:
    """Build an organization as Keycloak has it."""
    said = {
        layout.UUID: [str(a_uuid(alias))],
        layout.PARTNERS: [str(a_uuid("nord"))],
        layout.DPA_VERSION: ["2026-01"],
        layout.DPA_ACCEPTED_AT: ["2026-01-15T10:00:00Z"],
        **(attributes or {}),
    }
    return {"alias": alias, "enabled": enabled, "attributes": said}


def a_certificate(ends_in: timedelta = timedelta(days=90), names: tuple[str, ...] = ("idp.example",)) -> Certificate:
    return Certificate(names, "A Private CA", START - timedelta(days=1), START + ends_in)


def check(diagnosis: Diagnosis, name: str) -> CheckResult:
    """Return one check of a diagnosis."""
    return next(each for each in diagnosis.checks if each.name == name)


def codes(result: CheckResult) -> list[str]:
    return [cause.code for cause in result.causes]
