"""Run workflows in this process against the sandbox, with the real adapters."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from reconciler.adapters import keycloak, platform_api
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.http import Connection
from reconciler.adapters.login import PasswordLogin
from reconciler.adapters.vault import SecretVault
from reconciler.app import workflow
from reconciler.model.address import Address
from reconciler.model.change import Change, Verb
from reconciler.model.manifest import DesiredState
from reconciler.model.outcome import Applied, Outcome
from reconciler.model.plan import Plan
from reconciler.model.rotation import RotationStep
from reconciler.plan.context import Context
from reconciler.ports import Systems
from reconciler.sandbox.lifecycle import Running

_Result = TypeVar("_Result")


class Silent:
    """Watch and record nothing."""

    def record(self, address: Address, verb: Verb | RotationStep, event: str, detail: str = "") -> None:
        """Forget."""

    def started(self, change: Change) -> None:
        """Forget."""

    def finished(self, outcome: Outcome) -> None:
        """Forget."""

    def waiting(self, left: int, waited: float) -> None:
        """Forget."""


@asynccontextmanager
async def systems(sandbox: Running, *, effective: bool = False, parallelism: int = 8) -> AsyncIterator[Systems]:
    """Open the sandbox's Keycloak and, where wanted, its platform API."""
    clock, vault = SystemClock(), SecretVault()
    admin_side = Connection("Keycloak", sandbox.keycloak_url, timeout=60, parallelism=parallelism)
    login = PasswordLogin("master", "admin-cli", sandbox.admin_user, sandbox.admin_password)
    api = Connection("The NT24 Integration API", sandbox.api_url)
    async with (
        keycloak.connect(admin_side, login, sandbox.realm, vault, clock) as admin,
        platform_api.connect(api, admin_side, sandbox.realm, vault, clock) as platform,
    ):
        yield Systems(admin, platform if effective else None, clock)


def run(sandbox: Running, act: Callable[[Systems], Awaitable[_Result]], *, effective: bool = False) -> _Result:
    """Return what ``act`` returns, with the systems open."""

    async def inside() -> _Result:
        async with systems(sandbox, effective=effective) as live:
            return await act(live)

    return asyncio.run(inside())


def context(sandbox: Running, owner: str = "reconciler") -> Context:
    """Return what plans on the sandbox are made for."""
    return Context(realm=sandbox.realm, owner=owner)


def plan(sandbox: Running, desired: DesiredState, *, effective: bool = False) -> Plan:
    """Plan against the sandbox."""
    return run(sandbox, lambda live: workflow.plan(desired, live, context(sandbox)), effective=effective)


def apply(sandbox: Running, planned: Plan) -> Applied:
    """Apply a plan to the sandbox."""
    return run(sandbox, lambda live: workflow.apply(planned, live, Silent(), Silent(), 8))
