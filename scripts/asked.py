"""The product's own Admin API, opened as the command opens it, and what it was asked."""

from pathlib import Path

import httpx

from nt24_tokens.cached import BearerAuth, CachedToken
from nt24_tokens.token import Token
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.journal import FileJournal
from reconciler.adapters.keycloak import KeycloakApi
from reconciler.adapters.login import PasswordLogin, token_form
from reconciler.adapters.tokens import fetch_token
from reconciler.adapters.vault import SecretVault
from reconciler.app import workflow
from reconciler.model.change import Change
from reconciler.model.manifest import DesiredState
from reconciler.model.outcome import Outcome
from reconciler.model.plan import Plan
from reconciler.plan.context import Context
from reconciler.ports import Progress, Systems
from reconciler.sandbox.lifecycle import Running
from scripts.throwaway import StepFailed


class Silent(Progress):
    """Watch without a word."""

    def started(self, change: Change) -> None:
        """Say nothing."""

    def finished(self, outcome: Outcome) -> None:
        """Say nothing."""

    def waiting(self, left: int, waited: float) -> None:
        """Say nothing."""


class AskedKeycloak:
    """The product's own Admin API, and what it was asked."""

    def __init__(self, running: Running, parallelism: int) -> None:
        self.clock = SystemClock()
        self.running = running
        self.connection = Connection("Keycloak", running.keycloak_url, parallelism=parallelism)
        self.token = CachedToken(self._fetch, self.clock)
        self.http = ApiClient(self.connection, auth=BearerAuth(self.token))
        self.http.event_hooks["request"].append(self._record)
        self.systems = Systems(KeycloakApi(self.http, running.realm, SecretVault()), None, self.clock)
        self.context = Context(realm=running.realm, owner="bench")
        self.asked: list[httpx.Request] = []

    async def _fetch(self) -> Token:
        login = PasswordLogin("master", "admin-cli", self.running.admin_user, self._password)
        async with ApiClient(self.connection, retry_post=True) as http:
            return await fetch_token(http, login.realm, token_form(login, self.connection.base_url, self.clock))

    @property
    def _password(self) -> str:
        return self.running.admin_password

    async def _record(self, request: httpx.Request) -> None:
        self.asked.append(request)

    async def plan(self, desired: DesiredState) -> Plan:
        """Plan, and remember the requests of this plan only."""
        self.asked.clear()
        return await workflow.plan(desired, self.systems, self.context)

    async def apply(self, planned: Plan, journal: Path, parallelism: int) -> None:
        """Apply, and remember the requests of this apply only."""
        self.asked.clear()
        with FileJournal(journal, self.clock) as file:
            applied = await workflow.apply(planned, self.systems, file, Silent(), parallelism)
        if not applied.is_complete:
            raise StepFailed(next(outcome.detail for outcome in applied.outcomes if outcome.detail))
