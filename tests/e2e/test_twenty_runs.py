"""Twenty processes that apply the same manifests at once: one writes, the others leave or wait their turn."""

import re

import pytest

from tests.e2e.fault_proxy import FaultProxy
from tests.e2e.fork_server import Process
from tests.e2e.shell import A_CREATION, APPLY, Realm, Shell, ended, slow_at

pytestmark = pytest.mark.e2e

MANY = 20
PATIENT = 4
"""As many of them have a ``--lock-timeout``."""


def wait_until_it_waits(process: Process) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if "Waiting for the lock of " in line:
            return
    pytest.fail("It ended without waiting.")


def test_of_twenty_applies_at_once_one_writes_and_the_others_leave_or_wait(
    shell: Shell, realm: Realm, fault_proxy: FaultProxy
) -> None:
    # Where there is no realm yet, or one without organizations, the first run writes no organization.
    assert shell(*APPLY, "-f", "realm.yaml")[0] == 0
    slow_at(fault_proxy, A_CREATION)
    shell.options = ()
    patient = [shell.start(*APPLY, "--lock-timeout", "10m") for _ in range(PATIENT)]
    hasty = [shell.start(*APPLY) for _ in range(MANY - PATIENT)]
    assert fault_proxy.held.wait(240)
    holder = realm.process_that_holds()
    (writer,) = (each for each in (*patient, *hasty) if f"(process {each.pid})" in holder)

    for process in (each for each in hasty if each is not writer):
        code, out, err = ended(process, 240)
        assert (code, out) == (1, "")
        assert f"Another run is writing to this realm: {holder}, run {realm.run_that_holds()}, since " in err
        assert "Nothing was written." in err
        assert "--lock-timeout" in err
    waiting = [each for each in patient if each is not writer]
    for process in waiting:
        wait_until_it_waits(process)

    fault_proxy.let_go.set()
    code, out, _ = ended(writer, 240)
    assert (code, "Apply complete! Resources: 4 added" in out) == (0, True), out
    for process in waiting:
        code, out, _ = ended(process, 240)
        assert (code, "No changes." in out) == (0, True), out

    assert len([write for write in fault_proxy.writes if re.search(A_CREATION, write)]) == 2
    assert realm.lock() is None
    assert "No changes." in shell("plan", "--no-effective")[1]
