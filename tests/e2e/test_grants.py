"""A grant that ends is in force until then, and taken back afterwards, on a real Keycloak and with real tokens."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.model.errors import ExitCode
from reconciler.model.manifest import Capabilities, Partner, TimedFlag
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_partner, a_realm, a_uuid, an_organization
from tests.e2e.command import Command

pytestmark = pytest.mark.e2e


def me(command: Command) -> tuple[list[str], bool]:
    """Return the partners that are in force, and whether several VINs can be ordered at once."""
    done = command("me", "api-client-acme", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    partners = sorted(each["uuid"] for each in answer["authorizedPartners"])
    return partners, answer["capabilities"]["allowMultiVinOrders"]


def test_what_was_granted_until_now_is_taken_back_by_a_run_that_does_nothing_else(
    tmp_path: Path, sandbox: Running, no_realm: str
) -> None:
    command = Command(tmp_path, sandbox)
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=40)
    stays, goes = a_partner(), Partner(uuid=a_uuid("Garage du Lac"), until=end)
    flags = Capabilities(allow_multi_vin_orders=TimedFlag(value=True, until=end, reason="pilot"))
    granted = an_organization("acme", partners=[stays, goes], capabilities=flags)
    command.declare(a_realm(no_realm), granted)
    command.apply()
    before = me(command)
    command.declare(an_organization("beta", partners=[goes]))
    command.declare(an_organization("acme", description="new", partners=[stays, goes], capabilities=flags))
    saved = command("plan", "--out", "before.plan")
    assert saved.returncode == 0, saved.stderr
    command.withdraw("beta")

    time.sleep(max(0.0, (end - datetime.now(UTC)).total_seconds()) + 2)
    late = command("apply", "before.plan", "--auto-approve")
    command.apply("--expired")

    assert before == (sorted([str(stays.uuid), str(goes.uuid)]), True)
    assert late.returncode == ExitCode.STALE, late.stdout + late.stderr
    assert "which ended" in late.stderr
    assert me(command) == ([str(stays.uuid)], False)
    left = json.loads(command("plan", "--json").stdout)["resource_changes"]
    assert [field["path"] for part in left for field in part["change"]["field_changes"]] == ["description"]
