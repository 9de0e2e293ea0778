"""Realms that were renamed, or copied under another name: their default role keeps the name that it was made with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command


@pytest.fixture
def other(admin: httpx.Client, no_realm: str) -> Iterator[str]:
    """The other name of the realm; nothing of that name is left behind."""
    name = f"{no_realm}-other"
    admin.delete(f"/{name}")
    yield name
    admin.delete(f"/{name}")


@pytest.fixture
def command(sandbox: Running, no_realm: str, tmp_path: Path) -> Command:
    found = Command(tmp_path, sandbox)
    found.declare(a_realm(no_realm), an_organization("acme"))
    found.apply("--no-effective")
    return found


def as_named(command: Command, before: str, after: str) -> Command:
    """Let the manifests and the command mean the realm by its other name."""
    command.withdraw(before)
    command.declare(a_realm(after))
    command.settings["NT24_REALM"] = after
    return command


def without_ids(exported: Any) -> Any:
    """Return what was exported without Keycloak's keys, which no second realm may have."""
    if isinstance(exported, dict):
        return {key: without_ids(value) for key, value in exported.items() if key not in {"id", "containerId", "_id"}}
    return [without_ids(each) for each in exported] if isinstance(exported, list) else exported


def test_a_renamed_realm_needs_nothing_and_gets_what_is_taken_from_it_back(
    command: Command, admin: httpx.Client, no_realm: str, other: str
) -> None:
    admin.put(f"/{no_realm}", json={"realm": other}).raise_for_status()
    as_named(command, no_realm, other)
    by_hand = ByHand(admin, other)
    assert by_hand.get("")["defaultRole"]["name"] == f"default-roles-{no_realm}"
    assert command.plan_is_empty("--no-effective")

    client = by_hand.client("api-client-acme")
    assert client is not None
    user = by_hand.get(f"/clients/{client['id']}/service-account-user")["id"]
    role = by_hand.get(f"/roles/default-roles-{no_realm}")
    mappings = f"/{other}/users/{user}/role-mappings/realm"
    admin.request("DELETE", mappings, json=[role]).raise_for_status()
    composites = f"/{other}/roles/{role['name']}/composites"
    admin.request("DELETE", composites, json=[by_hand.get("/roles/offline_access")]).raise_for_status()

    command.declare(an_organization("beta"))
    command.apply("--no-effective")
    assert command.plan_is_empty("--no-effective")
    held = by_hand.get(f"/users/{user}/role-mappings/realm")
    assert [each["name"] for each in held] == [role["name"]]
    assert "offline_access" in {each["name"] for each in by_hand.get(f"/roles/{role['name']}/composites")}


def test_a_copy_of_a_realm_needs_no_other_default_role(
    command: Command, admin: httpx.Client, no_realm: str, other: str
) -> None:
    asked = {"exportClients": "true", "exportGroupsAndRoles": "true"}
    exported = admin.post(f"/{no_realm}/partial-export", params=asked).raise_for_status().json()
    admin.post("", json=without_ids(exported) | {"realm": other}).raise_for_status()
    assert ByHand(admin, other).get("")["defaultRole"]["name"] == f"default-roles-{no_realm}"

    as_named(command, no_realm, other).apply("--no-effective")
    assert command.plan_is_empty("--no-effective")
