"""``list`` tells what is managed and what is not. On a real Keycloak."""

import json
from pathlib import Path

import httpx
import pytest

from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command

pytestmark = pytest.mark.e2e


def test_list_tells_whose_each_resource_is(
    tmp_path: Path, sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    command, by_hand = Command(tmp_path, sandbox), ByHand(admin, no_realm)
    command.declare(a_realm(sandbox.realm), an_organization("acme"))
    missing = command("list", ".", "--no-effective")
    command.apply("--no-effective")
    by_hand.make_organization("elsewhere")
    done = command("list", ".", "--no-effective", "--json")
    theirs = command("list", ".", "--no-effective", "--json", "--owner", "team-b")

    found = {each["address"]: each["ownership"] for each in json.loads(done.stdout)["resources"]}
    assert (missing.returncode, done.returncode) == (ExitCode.DONE, ExitCode.DONE)
    assert missing.stdout.splitlines()[-1] == "Nothing lives there yet. Declared, and not there yet: 3."
    assert found["organization/acme"] == "managed"
    assert found["organization/elsewhere"] == "unmanaged"
    assert json.loads(done.stdout)["managedShare"] < 1
    assert {each["owner"] for each in json.loads(theirs.stdout)["resources"]} >= {"reconciler"}
