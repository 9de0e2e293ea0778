"""Measure on a real Keycloak what an apply and a plan cost, against bare concurrent reads of the same URLs.

Counts and memory are bounds, and exceeding one ends with exit code 1. Times depend on the machine: they are shown, as
medians of runs that take turns, but never decide.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from rich.console import Console
from rich.table import Table

from reconciler.app.drift import DriftRequest, Watch, drift
from reconciler.app.unattended import Unattended
from reconciler.events.incremental import CheckpointTerms
from reconciler.manifest.load import load
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import ReadMode
from reconciler.sandbox.distribution import version
from reconciler.sandbox.lifecycle import Options
from scripts.asked import AskedKeycloak
from scripts.bare import Get, bare_aiohttp, bare_httpx, read_all
from scripts.many_organizations import ManyOrganizations, serving
from scripts.peak import measured
from scripts.throwaway import RECONCILER, StepFailed, Throwaway, exit_code_of, throwaway_sandbox

MAX_REQUESTS_PER_CREATION: Final = 6
"""Bound for one organization with its client, verification apart."""
MAX_REQUESTS_BESIDE: Final = 60
"""Bound for a plan, beside one request per organization: 260 for 200 organizations."""
MAX_REQUESTS_OF_DRIFT: Final = 15
"""Bound for an incremental look for drift, beside one more request per 2,000 organizations or clients."""
MAX_MEMORY: Final = 500
"""Bound for the peak of a plan of 10,000 organizations, in MB."""

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
    """What is measured: growing numbers of organizations, so many requests at once, so many runs.

    Memory is measured with ``many_organizations``, or not at all with none.
    """

    sizes: tuple[int, ...]
    parallelism: int
    runs: int
    many_organizations: int


@dataclass(frozen=True, slots=True)
class Plans:
    """The median seconds of a plan that finds nothing to do, of bare reads, and of the whole command."""

    organizations: int
    requests: int
    plan: float
    bare: dict[str, float]
    command: float


def bench(job: Job) -> None:
    """Measure, print the tables, and raise StepFailed where a bound is exceeded."""
    with throwaway_sandbox(Options()) as sandbox:
        asyncio.run(_measure(sandbox, job))
        if job.many_organizations:
            _measure_memory(sandbox, job)


async def _measure(sandbox: Throwaway, job: Job) -> None:
    columns = ("", "requests", "bound", "seconds", "ms each", "ratio")
    table = Table(*columns, title=_title(job), title_justify="left")
    keycloak = AskedKeycloak(sandbox.running, job.parallelism)
    async with keycloak.http:
        realm = _manifests(sandbox.folder / "realm", _REALM.format(name=sandbox.running.realm))
        await keycloak.apply(await keycloak.plan(realm), sandbox.folder / "journal", job.parallelism)
        there, all_measured = 0, []
        for size in job.sizes:
            folder = sandbox.folder / f"manifests-{size}"
            every = (_organization(number) for number in range(size))
            desired = _manifests(folder, _REALM.format(name=sandbox.running.realm), *every)
            await _measure_apply(table, keycloak, desired, size - there, sandbox.folder / "journal", job)
            all_measured.append(await _measure_plans(table, keycloak, desired, sandbox, folder, job))
            there = size
    _add_growth(table, all_measured)
    Console(width=100).print(table)


async def _measure_apply(
    table: Table, keycloak: AskedKeycloak, desired: DesiredState, count: int, journal: Path, job: Job
) -> None:
    planned = await keycloak.plan(desired)
    took = await _timed(lambda: keycloak.apply(planned, journal, job.parallelism))
    requests, allowed = len(keycloak.asked), MAX_REQUESTS_PER_CREATION * count
    name = f"apply: create {count:,} organizations, a client each"
    table.add_row(name, f"{requests:,} ({requests / count:.2f} each)", f"{allowed:,}", *_seconds(took, count))
    _check(requests, allowed, "apply")


async def _measure_plans(
    table: Table, keycloak: AskedKeycloak, desired: DesiredState, sandbox: Throwaway, folder: Path, job: Job
) -> Plans:
    size = len(desired.organizations)
    seconds, requests = await _plans_and_bare_reads(keycloak, desired, job)
    own = seconds.pop("plan")
    bound = size + MAX_REQUESTS_BESIDE
    table.add_row(f"plan of {size:,}: nothing to do", f"{requests:,}", f"{bound:,}", *_seconds(own, size))
    for name, took in seconds.items():
        table.add_row(f"  the same URLs, bare {name}", "", "", *_seconds(took, size), f"{own / took:.2f}")
    drift_seconds, looked = await _drift(keycloak, desired)
    bound_of_drift = MAX_REQUESTS_OF_DRIFT + 2 * (size // 2000)
    table.add_row(
        "drift --state: nothing has changed", f"{looked}", f"{bound_of_drift}", *_seconds(drift_seconds, size)
    )
    command = await asyncio.to_thread(_whole_command, sandbox, folder, job)
    table.add_row("reconciler plan --no-effective, start to end", "", "", *_seconds(command, size))
    table.add_section()
    _check(requests, bound, "plan")
    _check(looked, bound_of_drift, "drift")
    return Plans(size, requests, own, seconds, command)


def _add_growth(table: Table, found: list[Plans]) -> None:
    """Say how the time per organization grows with their number: linear is 1.00."""
    for first, last in zip(found[:1], found[-1:], strict=True):
        if first is last:
            return
        factor = last.organizations / first.organizations
        growth = {
            "a plan": last.plan / first.plan,
            **{f"bare {name}": last.bare[name] / first.bare[name] for name in last.bare},
        }
        for name, times in growth.items():
            what = f"time per organization, {last.organizations:,} against {first.organizations:,}: {name}"
            table.add_row(what, "", "", "", "", f"{times / factor:.2f}")


def _measure_memory(sandbox: Throwaway, job: Job) -> None:
    """Let the command plan many organizations that only the answers know, and print its peak."""
    folder = sandbox.folder / "many"
    every = (_organization(number) for number in range(job.many_organizations))
    desired = _manifests(folder, _REALM.format(name=sandbox.running.realm), *every)
    started = time.monotonic()
    running = sandbox.running
    with serving(ManyOrganizations(running.keycloak_url, running.realm, desired.organizations, "bench")) as stand_in:
        environment = sandbox.environment() | {"KEYCLOAK_URL": stand_in.url}
        done = measured(_command(folder, job), environment)
    took = time.monotonic() - started
    if done.exit_code or "No changes." not in done.stdout:
        raise StepFailed(f"The plan of many organizations is not empty.\n{done.stdout[-1000:]}\n{done.stderr[-1000:]}")
    peak = done.peak / 1e6
    table = Table("", "peak MB", "bound", "seconds", title="Memory of the whole process", title_justify="left")
    name = f"reconciler plan --no-effective, {job.many_organizations:,} organizations (answers multiplied)"
    table.add_row(name, f"{peak:.0f}", f"{MAX_MEMORY}", f"{took:.1f}")
    Console(width=100).print(table)
    if peak > MAX_MEMORY:
        raise StepFailed(f"The plan needed {peak:.0f} MB; at most {MAX_MEMORY} are allowed.")


async def _plans_and_bare_reads(
    keycloak: AskedKeycloak, desired: DesiredState, job: Job
) -> tuple[dict[str, float], int]:
    """Return the median seconds of each, and the requests of one plan; all take turns, after one run to warm up."""

    async def plan() -> None:
        if not (await keycloak.plan(desired)).is_empty:
            raise StepFailed("The plan after the apply is not empty.")

    await plan()
    urls = [str(request.url) for request in keycloak.asked]
    if other := {request.method for request in keycloak.asked} - {"GET"}:
        raise StepFailed(f"A plan must only read, and sent {', '.join(sorted(other))}.")
    seconds: dict[str, list[float]] = {"plan": [], "httpx over aiohttp": [], "aiohttp": []}
    async with bare_httpx(job.parallelism) as httpx_get, bare_aiohttp(job.parallelism) as aiohttp_get:
        for run in range(job.runs + 1):
            for name, work in (
                ("plan", plan),
                ("httpx over aiohttp", partial(_bare, httpx_get, urls, keycloak, job)),
                ("aiohttp", partial(_bare, aiohttp_get, urls, keycloak, job)),
            ):
                took = await _timed(work)
                if run:
                    seconds[name].append(took)
    return {name: statistics.median(runs) for name, runs in seconds.items()}, len(urls)


async def _bare(get: Get, urls: list[str], keycloak: AskedKeycloak, job: Job) -> None:
    if statuses := await read_all(get, urls, keycloak.token.get, job.parallelism) - {200}:
        raise StepFailed(f"Bare reads were answered with {statuses}.")


async def _drift(keycloak: AskedKeycloak, desired: DesiredState) -> tuple[float, int]:
    """Return the seconds and requests of a look for drift that finds nothing, after one that reads everything."""
    terms = CheckpointTerms(keycloak.running.keycloak_url, keycloak.context.owner, timedelta(days=1))
    first = await drift(
        DriftRequest(desired, keycloak.context, Watch(terms=terms, why="first")), keycloak.systems, Unattended()
    )
    keycloak.asked.clear()
    started = time.monotonic()
    watch = Watch(terms=terms, checkpoint=first.checkpoint, why="")
    second = await drift(DriftRequest(desired, keycloak.context, watch), keycloak.systems, Unattended())
    took = time.monotonic() - started
    coverage = second.drift.coverage
    if second.drift.changes or coverage is None or coverage.reading is not ReadMode.INCREMENTAL:
        raise StepFailed(f"The second look for drift read everything, or found some: {coverage}")
    return took, len(keycloak.asked)


def _whole_command(sandbox: Throwaway, folder: Path, job: Job) -> float:
    """Return the median seconds of the command itself, Python's start and the login included."""
    seconds = []
    for _ in range(job.runs):
        started = time.monotonic()
        subprocess.run(_command(folder, job), env=sandbox.environment(), check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.monotonic() - started)
    return statistics.median(seconds)


def _command(folder: Path, job: Job) -> tuple[str, ...]:
    arguments = ("plan", "--no-effective", "--owner", "bench", "--parallelism", str(job.parallelism))
    return (str(RECONCILER), *arguments, "-f", str(folder))


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
    return f"Keycloak {version()} on this machine, {job.parallelism} requests at once, medians of {job.runs} runs"


def _seconds(took: float, count: int) -> tuple[str, str]:
    return f"{took:.2f}", f"{1000 * took / count:.2f}"


def _check(requests: int, bound: int, what: str) -> None:
    if requests > bound:
        raise StepFailed(f"{what} made {requests} requests; at most {bound} are allowed.")


def job(arguments: Sequence[str] | None = None) -> Job:
    """Return what the arguments ask for; those of the command line where there are none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--organizations", type=int, nargs="+", default=[200, 1000], metavar="N", help="growing numbers of them"
    )
    parser.add_argument("--parallelism", type=int, default=10, metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument(
        "--memory", type=int, default=10_000, metavar="N", help="organizations to measure memory with; 0: not at all"
    )
    given = parser.parse_args(arguments)
    return Job(tuple(sorted(set(given.organizations))), given.parallelism, given.runs, given.memory)


if __name__ == "__main__":
    chosen = job()
    sys.exit(exit_code_of(lambda: bench(chosen)))
