"""Measure on a real Keycloak what an apply and a plan cost, against bare concurrent reads of the same URLs.

Counts are bounds, and exceeding one ends with exit code 1. Times depend on the machine: they are shown, as medians of
runs that take turns, but never decide.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from rich.console import Console
from rich.table import Table

from reconciler import workflow
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.journal import FileJournal
from reconciler.adapters.keycloak import KeycloakApi
from reconciler.adapters.login import PasswordLogin, token_form
from reconciler.adapters.secrets import SecretVault
from reconciler.adapters.tokens import BearerAuth, CachedToken, Token, fetch_token
from reconciler.drifting import Watch, look_for_drift
from reconciler.manifest.load import load
from reconciler.model.basis import Reading
from reconciler.model.change import Change
from reconciler.model.manifest import DesiredState
from reconciler.model.outcome import Outcome
from reconciler.model.plan import Plan
from reconciler.observe.recall import Terms
from reconciler.plan.planner import Context
from reconciler.ports import Progress
from reconciler.sandbox.distribution import VERSION
from reconciler.sandbox.lifecycle import Options, Running
from scripts.throwaway import RECONCILER, StepFailed, Throwaway, exit_code_of, throwaway_sandbox

MAX_REQUESTS_PER_CREATION: Final = 6
"""Bound for one organization with its client, verification apart."""
MAX_REQUESTS_BESIDE: Final = 60
"""Bound for a plan, beside one request per organization: 260 for 200 organizations."""
MAX_REQUESTS_OF_DRIFT: Final = 15
"""Bound for an incremental look for drift, beside one more request per 2,000 organizations or clients."""

_REALM: Final = """\
apiVersion: reconciler/v1
kind: Realm
metadata: {{name: {name}}}
"""
_ORGANIZATION: Final = """\
apiVersion: reconciler/v1
kind: IntegrationOrganization
metadata: {{name: bench-{number:05}}}
spec:
  displayName: Bench {number:05} GmbH
  organizationUuid: {uuid}
  clients:
    - clientId: api-client-bench-{number:05}
  authorizedPartners:
    - {{uuid: {partner}}}
  capabilities: {{rateLimitTier: STANDARD}}
  dpa: {{version: "2026-01", acceptedAt: 2026-01-15T10:00:00Z}}
"""


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured: so many organizations, so many requests at once, so many runs."""

    organizations: int
    parallelism: int
    runs: int


class Silent(Progress):
    """Watch without a word."""

    def started(self, change: Change) -> None:
        """Say nothing."""

    def finished(self, outcome: Outcome) -> None:
        """Say nothing."""

    def waiting(self, left: int, waited: float) -> None:
        """Say nothing."""


class Keycloak:
    """The product's own Admin API, and what it was asked."""

    def __init__(self, running: Running, job: Job) -> None:
        self.clock = SystemClock()
        self.running = running
        self.connection = Connection("Keycloak", running.keycloak_url, parallelism=job.parallelism)
        self.token = CachedToken(self._fetch, self.clock)
        self.http = ApiClient(self.connection, auth=BearerAuth(self.token))
        self.http.event_hooks["request"].append(self._record)
        self.systems = workflow.Systems(KeycloakApi(self.http, running.realm, SecretVault()), None, self.clock)
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


def bench(job: Job) -> None:
    """Measure, print the table, and raise StepFailed where a bound is exceeded."""
    with throwaway_sandbox(Options()) as sandbox:
        asyncio.run(_measure(sandbox, job))


async def _measure(sandbox: Throwaway, job: Job) -> None:
    table = Table("", "requests", "bound", "seconds", "ratio", title=_title(job), title_justify="left")
    keycloak = Keycloak(sandbox.running, job)
    async with keycloak.http:
        realm = _manifests(sandbox.folder / "realm", _REALM.format(name=sandbox.running.realm))
        await keycloak.apply(await keycloak.plan(realm), sandbox.folder / "journal", job.parallelism)

        every = (_organization(number) for number in range(job.organizations))
        desired = _manifests(sandbox.folder / "manifests", _REALM.format(name=sandbox.running.realm), *every)
        planned = await keycloak.plan(desired)
        creating = await _timed(lambda: keycloak.apply(planned, sandbox.folder / "journal", job.parallelism))
        created = len(keycloak.asked)
        allowed = MAX_REQUESTS_PER_CREATION * job.organizations
        name = f"apply: create {job.organizations} organizations, a client each"
        table.add_row(name, f"{created} ({created / job.organizations:.2f} each)", f"{allowed}", f"{creating:.2f}")

        seconds, reads = await _plans_and_bare_reads(keycloak, desired, job)
        beside = job.organizations + MAX_REQUESTS_BESIDE
        own = seconds["plan"]
        table.add_row("plan: nothing to do", f"{reads}", f"{beside}", f"{own:.2f}")
        for bare in ("httpx over aiohttp", "aiohttp"):
            ratio = own / seconds[bare]
            table.add_row(f"  the same URLs, bare {bare}", f"{reads}", "", f"{seconds[bare]:.2f}", f"{ratio:.2f}")
        drift_seconds, looked = await _drift(keycloak, desired)
        table.add_row(
            "drift --state: nothing has changed", f"{looked}", f"{MAX_REQUESTS_OF_DRIFT}", f"{drift_seconds:.2f}"
        )
    command = _whole_command(sandbox, job)
    table.add_row("reconciler plan --no-effective, start to end", "", "", f"{command:.2f}")
    Console(width=100).print(table)
    _check(created, allowed, "apply")
    _check(reads, beside, "plan")
    _check(looked, MAX_REQUESTS_OF_DRIFT, "drift")


async def _plans_and_bare_reads(keycloak: Keycloak, desired: DesiredState, job: Job) -> tuple[dict[str, float], int]:
    """Return the median seconds of each, and the requests of one plan; all take turns, after one run to warm up."""

    async def plan() -> None:
        if not (await keycloak.plan(desired)).is_empty:
            raise StepFailed("The plan after the apply is not empty.")

    await plan()
    urls = [str(request.url) for request in keycloak.asked]
    if other := {request.method for request in keycloak.asked} - {"GET"}:
        raise StepFailed(f"A plan must only read, and sent {', '.join(sorted(other))}.")
    seconds: dict[str, list[float]] = {"plan": [], "httpx over aiohttp": [], "aiohttp": []}
    async with _bare_httpx(job) as httpx_get, _bare_aiohttp(job) as aiohttp_get:
        for run in range(job.runs + 1):
            token = await keycloak.token.get()
            for name, work in (
                ("plan", plan),
                ("httpx over aiohttp", partial(_concurrently, httpx_get, urls, token, job)),
                ("aiohttp", partial(_concurrently, aiohttp_get, urls, token, job)),
            ):
                took = await _timed(work)
                if run:
                    seconds[name].append(took)
    return {name: statistics.median(runs) for name, runs in seconds.items()}, len(urls)


async def _drift(keycloak: Keycloak, desired: DesiredState) -> tuple[float, int]:
    """Return the seconds and requests of a look for drift that finds nothing, after one that reads everything."""
    terms = Terms(keycloak.running.keycloak_url, keycloak.context.owner, timedelta(days=1))
    first = await look_for_drift(desired, keycloak.systems, keycloak.context, Watch(terms=terms, why="first"))
    keycloak.asked.clear()
    started = time.monotonic()
    watch = Watch(terms=terms, memory=first.memory, why="")
    second = await look_for_drift(desired, keycloak.systems, keycloak.context, watch)
    took = time.monotonic() - started
    basis = second.drift.basis
    if second.drift.changes or basis is None or basis.reading is not Reading.INCREMENTAL:
        raise StepFailed(f"The second look for drift read everything, or found some: {basis}")
    return took, len(keycloak.asked)


_Get = Callable[[str, str], Awaitable[int]]


async def _concurrently(get: _Get, urls: list[str], token: str, job: Job) -> None:
    slots = asyncio.Semaphore(job.parallelism)

    async def one(url: str) -> int:
        async with slots:
            return await get(url, token)

    if statuses := set(await asyncio.gather(*map(one, urls))) - {200}:
        raise StepFailed(f"Bare reads were answered with {statuses}.")


@asynccontextmanager
async def _bare_httpx(job: Job) -> AsyncIterator[_Get]:
    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=job.parallelism))

    async with httpx.AsyncClient(transport=AiohttpTransport(client=session), timeout=60) as client:

        async def get(url: str, token: str) -> int:
            return (await client.get(url, headers={"Authorization": f"Bearer {token}"})).status_code

        yield get


@asynccontextmanager
async def _bare_aiohttp(job: Job) -> AsyncIterator[_Get]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=job.parallelism)) as session:

        async def get(url: str, token: str) -> int:
            async with session.get(url, headers={"Authorization": f"Bearer {token}"}) as response:
                await response.read()
                return response.status

        yield get


def _whole_command(sandbox: Throwaway, job: Job) -> float:
    """Return the median seconds of the command itself, Python's start and the login included."""
    arguments = ("plan", "--no-effective", "--owner", "bench", "--parallelism", str(job.parallelism))
    command = (str(RECONCILER), *arguments, "-f", str(sandbox.folder / "manifests"))
    seconds = []
    for _ in range(job.runs):
        started = time.monotonic()
        subprocess.run(command, env=sandbox.environment(), check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.monotonic() - started)
    return statistics.median(seconds)


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    started = time.monotonic()
    await work()
    return time.monotonic() - started


def _manifests(folder: Path, *documents: str) -> DesiredState:
    folder.mkdir()
    for number, document in enumerate(documents):
        (folder / f"{number:05}.yaml").write_text(document, encoding="utf-8")
    return load((folder,)).desired


def _organization(number: int) -> str:
    return _ORGANIZATION.format(number=number, uuid=UUID(int=(1 << 100) + number), partner=UUID(int=2 << 100))


def _title(job: Job) -> str:
    return f"Keycloak {VERSION} on this machine, {job.parallelism} requests at once, medians of {job.runs} runs"


def _check(requests: int, bound: int, what: str) -> None:
    if requests > bound:
        raise StepFailed(f"{what} made {requests} requests; at most {bound} are allowed.")


def _job() -> Job:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organizations", type=int, default=200, metavar="N")
    parser.add_argument("--parallelism", type=int, default=10, metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    given = parser.parse_args()
    return Job(given.organizations, given.parallelism, given.runs)


if __name__ == "__main__":
    chosen = _job()
    sys.exit(exit_code_of(lambda: bench(chosen)))
