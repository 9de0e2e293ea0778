"""The platform API as the sandbox plays it, on top of the fake Keycloak."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from reconciler.model import layout
from reconciler.model.errors import RequestFailed
from reconciler.model.manifest import CAPABILITIES
from reconciler.model.observed import Effective
from reconciler.ports import Clock, PlatformApi
from reconciler.sandbox.platform.idempotency import IdempotencyStore
from reconciler.sandbox.platform.webhooks import WebhookStore
from tests.fakes.store import Json, Store
from tests.fakes.traffic import Traffic
from tests.fakes.webhooks import FakeWebhooks

_MAPPER: Final = "oidc-organization-membership-mapper"


@dataclass
class FakePlatform(FakeWebhooks, PlatformApi):
    """Answer from what the fake Keycloak stores, and keep webhooks.

    ``lag`` is for how many seconds an organization is kept as it was read; ``override`` changes what is in force,
    whatever is stored, and ``overrides`` for one client; ``directory`` names partners: UUID to name and country, None
    for one that NT24 does not know. ``traffic`` counts what is asked of webhooks.
    """

    store: Store
    clock: Clock
    lag: float = 0.0
    current_dpa: str = "2026-01"
    mock: bool = False
    override: Callable[[Json], Json] = field(default=lambda answer: answer)
    overrides: dict[str, Callable[[Json], Json]] = field(default_factory=dict)
    directory: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The clients that asked, in their order."""
    failure: Exception | None = None
    traffic: Traffic = field(default_factory=Traffic)
    endpoints: WebhookStore = field(default_factory=WebhookStore)
    keys: IdempotencyStore = field(init=False)
    answered: list[Json] = field(default_factory=list)
    _kept: dict[str, tuple[float, Json | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys = IdempotencyStore(self.clock.monotonic)

    async def me(self, client_id: str) -> Effective:
        self.asked.append(client_id)
        await asyncio.sleep(0)
        organization = self.admit(client_id)
        try:
            return Effective.model_validate_json(json.dumps(self._overridden(client_id, organization)))
        except ValidationError as error:
            raise RequestFailed("GET /v1/me returned an undocumented answer.") from error

    def forget_tokens(self, client_ids: Iterable[str]) -> None:
        """Do nothing: each request is answered as one with a new token."""

    def _overridden(self, client_id: str, organization: Json) -> Json:
        answer = self.override(self._answer(organization))
        return self.overrides[client_id](answer) if client_id in self.overrides else answer

    def admit(self, client_id: str) -> Json:
        """Return the organization that the client calls for; raise the platform's refusal."""
        if self.failure is not None:
            raise self.failure
        organization_id = self._log_in(client_id)
        organization = self._read(organization_id) if organization_id else None
        if organization is None or not organization["enabled"] or not _first(organization, layout.UUID):
            detail = f"The client {client_id} is not linked to exactly one active integration organization."
            raise RequestFailed(f"forbidden: {detail}", status=403, code="forbidden")
        self._check_dpa(organization)
        return organization

    def partners(self, organization: Json) -> tuple[str, ...]:
        """Return the partners that the organization may act for."""
        return tuple(sorted(each for each in organization["attributes"].get(layout.PARTNERS) or () if _is_uuid(each)))

    async def is_mock(self) -> bool:
        return self.mock

    def _log_in(self, client_id: str) -> str | None:
        """Return the id of the organization that the client's token names, if it names exactly one."""
        client = self.store.client_named(client_id)
        if client is None or not client["enabled"]:
            raise RequestFailed("Invalid client or Invalid client credentials", status=401, code="invalid_client")
        if client["publicClient"] or not client["serviceAccountsEnabled"]:
            raise RequestFailed(
                "Client not enabled to retrieve service account", status=401, code="unauthorized_client"
            )
        user_id = self.store.accounts.get(client["id"], "")
        if user_id and not self.store.users[user_id]["enabled"]:
            raise RequestFailed(f"User '{user_id}' disabled", status=401, code="invalid_request")
        if not client_id.startswith(layout.CLIENT_PREFIX):
            raise RequestFailed("The token was not issued to an integration client.", status=401, code="unauthorized")
        joined = [organization for organization, user in self.store.members if user == user_id]
        return joined[0] if len(joined) == 1 and self._has_claim(client) else None

    def _has_claim(self, client: Json) -> bool:
        scope = self.store.scope_named(layout.ORGANIZATION_SCOPE) or {}
        mappers = scope.get("protocolMappers") or ()
        maps = any(mapper["protocolMapper"] == _MAPPER for mapper in mappers)
        return maps and layout.ORGANIZATION_SCOPE in client["defaultClientScopes"]

    def _read(self, organization_id: str) -> Json | None:
        now = self.clock.monotonic()
        kept = self._kept.get(organization_id)
        if kept is None or now >= kept[0]:
            found = self.store.organizations.get(organization_id)
            kept = (now + self.lag, {**found, "attributes": dict(found["attributes"])} if found else None)
            self._kept[organization_id] = kept
        return kept[1]

    def _check_dpa(self, organization: Json) -> None:
        version, moment = _first(organization, layout.DPA_VERSION), _first(organization, layout.DPA_ACCEPTED_AT)
        accepted = version if moment else None
        if accepted is None or accepted < self.current_dpa:
            state = "none was accepted" if accepted is None else f"{accepted} was accepted"
            detail = f"The Data Processing Agreement {self.current_dpa} must be accepted first; {state}."
            raise RequestFailed(f"dpa-not-accepted: {detail}", status=403, code="dpa-not-accepted")

    def _answer(self, organization: Json) -> Json:
        return {
            "organizationUuid": _first(organization, layout.UUID),
            "name": organization["name"],
            "authorizedPartners": [
                {"uuid": uuid, "name": known[0], "country": known[1]}
                for uuid in dict.fromkeys(self.partners(organization))
                if (known := self.directory.get(uuid, (f"Trade Partner {uuid[:8]}", "DE"))) is not None
            ],
            "capabilities": {
                layout.RATE_LIMIT_TIER: _first(organization, layout.RATE_LIMIT_TIER) or "STANDARD",
                **{flag: _first(organization, flag) == "true" for flag in CAPABILITIES},
            },
            "dpaVersion": _first(organization, layout.DPA_VERSION),
            "dpaAcceptedAt": _first(organization, layout.DPA_ACCEPTED_AT),
        }


def _first(organization: Json, attribute: str) -> str | None:
    return next(iter(organization["attributes"].get(attribute) or ()), None) or None


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
