"""The lock, on a real Keycloak: one run writes; killed, interrupted and waiting runs leave things in order."""

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from reconciler.adapters.clock import SystemClock
from reconciler.adapters.http import Connection
from reconciler.adapters.lock import GRACE, Holder, KeycloakLock
from reconciler.adapters.lock_store import LockStore, connect
from reconciler.adapters.login import PasswordLogin
from reconciler.manifest.write import manifest_text
from reconciler.model.errors import LockHeld
from reconciler.model.lock import LockInfo
from reconciler.sandbox.lifecycle import Running
from tests.builders import an_organization
from tests.e2e.fault_proxy import FaultProxy
from tests.e2e.shell import A_CREATION, APPLY, LOCK, SHORT, Realm, Shell, ended, slow_at

pytestmark = pytest.mark.e2e

# One of many.


def with_locks(sandbox: Running, count: int, act: Callable[[list[KeycloakLock], LockStore], Awaitable[None]]) -> None:
    """Open the lock ``count`` times, each with connections of its own."""

    async def inside() -> None:
        login = PasswordLogin("master", "admin-cli", sandbox.admin_user, sandbox.admin_password)
        connection, clock = Connection("Keycloak", sandbox.keycloak_url, parallelism=1), SystemClock()
        async with AsyncExitStack() as stack:
            opened = [
                await stack.enter_async_context(connect(connection, login, sandbox.realm, "reconciler", clock))
                for _ in range(count)
            ]
            locks = [
                KeycloakLock(store, Holder(f"run-{number}", f"runner-{number}@host", 60), clock, there, lambda _: None)
                for number, (store, there) in enumerate(opened)
            ]
            await act(locks, opened[0][0])

    asyncio.run(inside())


async def taken(locks: list[KeycloakLock]) -> tuple[list[KeycloakLock], list[str]]:
    """Let all take the lock at once; return who has it, and what the others were told."""
    results = await asyncio.gather(*(lock.acquire(0) for lock in locks), return_exceptions=True)
    told = [str(result) for result in results if isinstance(result, LockHeld)]
    assert all(result is None or isinstance(result, LockHeld) for result in results), results
    return [lock for lock, result in zip(locks, results, strict=True) if result is None], told


def test_of_twenty_at_once_one_gets_the_lock_and_the_others_are_told_who(sandbox: Running, realm: Realm) -> None:
    realm.create()

    async def race(locks: list[KeycloakLock], _: LockStore) -> None:
        winners, told = await taken(locks)
        assert len(winners) == 1
        holder = realm.run_that_holds()
        assert len(told) == 19
        assert all(f"run {holder}, since" in text for text in told)
        await winners[0].release()

    with_locks(sandbox, 20, race)
    assert realm.lock() is None


def test_of_twenty_that_take_over_a_dead_lock_one_gets_it(sandbox: Running, realm: Realm) -> None:
    realm.create()

    async def race(locks: list[KeycloakLock], store: LockStore) -> None:
        now = SystemClock().now()
        for _ in range(3):
            ended_at = now - timedelta(seconds=GRACE + 2)
            await store.create(LockInfo("dead", "dead@host", ended_at - timedelta(seconds=60), ended_at))
            winners, told = await taken(locks)
            assert (len(winners), len(told)) == (1, 19)
            assert realm.run_that_holds().startswith("run-")
            await winners[0].release()

    with_locks(sandbox, 20, race)
    assert realm.lock() is None


def test_those_that_wait_write_one_after_the_other(sandbox: Running, realm: Realm) -> None:
    realm.create()
    inside: list[int] = []

    async def write(lock: KeycloakLock) -> None:
        await lock.acquire(120)
        inside.append(1)
        assert sum(inside) == 1
        await asyncio.sleep(0.05)
        inside.append(-1)
        await lock.release()

    async def race(locks: list[KeycloakLock], _: LockStore) -> None:
        await asyncio.gather(*map(write, locks))

    with_locks(sandbox, 6, race)
    assert len(inside) == 12


def test_the_lock_can_do_nothing_and_no_plan_shows_it(sandbox: Running, shell: Shell, realm: Realm) -> None:
    assert shell(*APPLY)[0] == 0

    async def hold(locks: list[KeycloakLock], _: LockStore) -> None:
        await locks[0].acquire(0)
        held = realm.lock()
        assert held is not None
        assert held["enabled"] is False
        assert held["bearerOnly"] is True
        assert held["defaultClientScopes"] == held["optionalClientScopes"] == []
        for switch in ("standardFlow", "implicitFlow", "directAccessGrants", "serviceAccounts"):
            assert held[f"{switch}Enabled"] is False
        assert (held["publicClient"], held["fullScopeAllowed"]) == (False, False)
        code, out, _err = await asyncio.to_thread(shell, "plan", "--no-effective", "--json", "--detailed-exitcode")
        assert code == 0
        assert LOCK not in out
        assert json.loads(out)["unmanaged"] == []
        await locks[0].release()

    with_locks(sandbox, 1, hold)


# A run that meets another one.


def test_a_second_apply_leaves_at_once_with_a_clear_message(
    shell: Shell, realm: Realm, fault_proxy: FaultProxy
) -> None:
    slow_at(fault_proxy, A_CREATION)
    first = shell.start(*APPLY)
    assert fault_proxy.held.wait(60)
    code, out, err = shell(*APPLY)
    assert (code, out) == (1, "")
    run = realm.run_that_holds()
    assert "Another run is writing to this realm: " in err
    assert f"(process {first.pid}), run {run}, since " in err
    assert "Nothing was written." in err
    assert "--lock-timeout" in err
    assert f"reconciler force-unlock {run}" in err

    # Another owner's reconciler is not in the way.
    (shell.folder / "other").mkdir()
    (shell.folder / "other" / "gamma.yaml").write_text(manifest_text(an_organization("gamma")), encoding="utf-8")
    assert shell(*APPLY, "-f", "other", RECONCILER_OWNER="other")[0] == 0
    (shell.folder / "other" / "gamma.yaml").unlink()

    fault_proxy.let_go.set()
    assert ended(first)[0] == 0
    assert realm.lock() is None


def test_an_apply_that_waits_goes_on_when_the_first_has_ended(
    shell: Shell, realm: Realm, fault_proxy: FaultProxy
) -> None:
    slow_at(fault_proxy, A_CREATION)
    first = shell.start(*APPLY)
    assert fault_proxy.held.wait(60)
    second = shell.start(*APPLY, "--lock-timeout", "2m")
    time.sleep(3)
    fault_proxy.let_go.set()
    assert ended(first)[0] == 0
    code, out, err = ended(second)
    assert code == 0
    assert "Waiting for the lock of " in err
    assert "No changes." in out
    assert realm.lock() is None


def test_a_lock_is_removed_by_force_only_where_it_is_the_run_s(
    shell: Shell, realm: Realm, fault_proxy: FaultProxy
) -> None:
    slow_at(fault_proxy, A_CREATION)
    first = shell.start(*APPLY, *SHORT)
    assert fault_proxy.held.wait(60)
    run = realm.run_that_holds()
    code, _, err = shell("force-unlock", "another", "--force")
    assert (code, f"run {run}" in err) == (6, True)
    assert realm.run_that_holds() == run
    assert shell("force-unlock", run)[0] == 64
    code, out, _ = shell("force-unlock", run, "--force")
    assert (code, "The lock was removed." in out) == (0, True)
    assert realm.lock() is None
    assert "nothing was removed" in shell("force-unlock")[1]

    # Its heartbeat, once a second here, notices; what was in flight is finished, and nothing more is begun.
    time.sleep(2)
    fault_proxy.let_go.set()
    code, out, err = ended(first)
    assert code == 4
    assert "The lock was lost: it was removed" in err
    assert "client/acme/api-client-acme skipped: the lock was lost" in out
    assert [each["alias"] for each in realm.get("/organizations")] == ["acme"]


def test_the_lock_of_a_killed_run_ends_and_the_next_run_finishes_its_work(
    shell: Shell, realm: Realm, fault_proxy: FaultProxy
) -> None:
    slow_at(fault_proxy, r"POST .*/members$")
    first = shell.start(*APPLY, *SHORT)
    assert fault_proxy.held.wait(60)
    first.kill()
    first.communicate()
    killed_at = time.monotonic()
    assert realm.lock() is not None
    assert shell(*APPLY)[0] == 1
    code, _, err = shell(*APPLY, "--lock-timeout", "60s")
    waited = time.monotonic() - killed_at
    assert code == 0, err
    assert "Took over the lock of " in err
    assert waited < 3 + GRACE + 15
    assert realm.lock() is None
    assert "No changes." in shell("plan", "--no-effective")[1]


def test_two_that_create_the_realm_at_once_leave_it_whole(shell: Shell, realm: Realm) -> None:
    both = [shell.start(*APPLY) for _ in range(2)]
    codes = [ended(process)[0] for process in both]
    assert set(codes) <= {0, 1, 4}
    assert shell(*APPLY)[0] == 0
    assert realm.lock() is None
    assert sorted(each["alias"] for each in realm.get("/organizations")) == ["acme", "beta"]


def test_a_login_that_may_not_write_is_told_which_role_the_lock_needs(shell: Shell, realm: Realm) -> None:
    assert shell(*APPLY)[0] == 0
    reader = {"clientId": "reader", "secret": "r", "serviceAccountsEnabled": True, "publicClient": False}
    realm.post("/clients", reader)
    uuid = realm.get("/clients", clientId="reader")[0]["id"]
    user = realm.get(f"/clients/{uuid}/service-account-user")["id"]
    management = realm.get("/clients", clientId="realm-management")[0]["id"]
    role = realm.get(f"/clients/{management}/roles/view-clients")
    realm.post(f"/users/{user}/role-mappings/clients/{management}", [role])
    login = {"KEYCLOAK_CLIENT_ID": "reader", "KEYCLOAK_CLIENT_SECRET": "r", "KEYCLOAK_REALM": realm.name}
    code, _, err = shell(*APPLY, **login, KEYCLOAK_USER="", KEYCLOAK_PASSWORD="")
    assert code == 3
    assert "The lock cannot be taken." in err
    assert "manage-clients" in err


# A run that is interrupted.


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_write_in_flight_finish_and_begins_no_other(
    shell: Shell, realm: Realm, fault_proxy: FaultProxy, number: signal.Signals
) -> None:
    slow_at(fault_proxy, A_CREATION)
    apply = shell.start(*APPLY)
    assert fault_proxy.held.wait(60)
    apply.send_signal(number)
    time.sleep(0.5)
    fault_proxy.let_go.set()
    code, out, err = ended(apply)
    assert code == 4
    assert "Interrupted: finishing the writes in flight." in err
    assert "organization/acme: Creation complete" in err
    assert "organization/beta skipped: interrupted" in out
    assert "client/acme/api-client-acme skipped: interrupted" in out
    assert "Apply incomplete. Resources: 2 added" in out
    assert "Run apply again to resume." in out
    assert realm.lock() is None
    assert shell(*APPLY)[0] == 0
    assert "No changes." in shell("plan", "--no-effective")[1]


def test_a_second_signal_stops_at_once_and_the_lock_ends_by_itself(
    shell: Shell, realm: Realm, fault_proxy: FaultProxy
) -> None:
    slow_at(fault_proxy, A_CREATION)
    apply = shell.start(*APPLY)
    assert fault_proxy.held.wait(60)
    apply.send_signal(signal.SIGINT)
    time.sleep(0.5)
    apply.send_signal(signal.SIGINT)
    started = time.monotonic()
    code, _, err = ended(apply)
    assert time.monotonic() - started < 10
    assert code == 4
    assert "Stopped at once: run plan to see what is left." in err
    assert realm.lock() is not None


def test_a_signal_before_the_first_write_leaves_no_lock_behind(
    shell: Shell, realm: Realm, fault_proxy: FaultProxy
) -> None:
    assert shell(*APPLY)[0] == 0
    # The lock is being taken; the answer is on its way.
    slow_at(fault_proxy, r"POST .*/clients$")
    apply = shell.start(*APPLY)
    assert fault_proxy.held.wait(60)
    apply.send_signal(signal.SIGTERM)
    code, _, err = ended(apply)
    assert (code, "Interrupted: nothing was written to Keycloak." in err) == (130, True)
    assert realm.lock() is None


def test_the_lock_is_renewed_while_a_person_thinks(shell: Shell, realm: Realm) -> None:
    realm.create()
    ours, theirs = pty.openpty()
    apply = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "apply", "--no-effective", *SHORT],
        cwd=shell.folder,
        env=shell.settings,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    until: set[str] = set()
    deadline = time.monotonic() + 90
    while len(until) < 2 and time.monotonic() < deadline:
        time.sleep(0.5)
        if (held := realm.lock()) is not None:
            until.add(held["attributes"]["reconciler/lock.until"])
        else:
            assert not until, "the lock was given up"
    assert len(until) == 2
    os.write(ours, b"no\n")
    code, out, _ = ended(apply)
    os.close(ours)
    assert (code, "Apply cancelled: nothing was changed." in out) == (1, True)
    assert realm.lock() is None
    assert realm.get("/clients", clientId="api-client-acme") == []
