"""Several owners share a realm: the rotation policy that one of them declares keeps the old secrets of all alive."""

import json
from pathlib import Path

import httpx
import pytest

from reconciler.model.errors import ExitCode
from reconciler.model.manifest import SecretRotation
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command

DAY = 86_400
SINK = ("--sink", "file:secrets/{name}")
QUIET = "--no-effective"


class Owner(Command):
    """One team with manifests and an owner's name of its own."""

    def __init__(self, folder: Path, sandbox: Running, name: str) -> None:
        folder.mkdir()
        super().__init__(folder, sandbox)
        self.settings["RECONCILER_OWNER"] = name

    def rotates(self, client_id: str, by_hand: ByHand) -> str:
        """Start a rotation, and return what is wrong with it; empty where both secrets live."""
        before = by_hand.client(client_id)
        assert before is not None
        done = self("rotate", "start", client_id, *SINK, QUIET)
        after = by_hand.client(client_id)
        assert after is not None
        if done.returncode != ExitCode.DONE:
            assert after["secret"] == before["secret"], "a refused rotation changes nothing"
            return done.stdout + done.stderr
        assert after["attributes"]["client.secret.rotated"] == before["secret"]
        assert after["secret"] != before["secret"]
        return ""


@pytest.fixture
def owners(sandbox: Running, no_realm: str, tmp_path: Path) -> tuple[Owner, Owner]:
    """Who declares the realm, and another one."""
    first, second = Owner(tmp_path / "first", sandbox, "first"), Owner(tmp_path / "second", sandbox, "second")
    first.declare(
        a_realm(no_realm, rotation=SecretRotation(expiration=90 * DAY, overlap=2 * DAY)), an_organization("acme")
    )
    second.declare(an_organization("beta"))
    first.apply(QUIET)
    second.apply(QUIET)
    return first, second


def test_every_owner_in_the_realm_can_rotate(owners: tuple[Owner, Owner], admin: httpx.Client, no_realm: str) -> None:
    by_hand = ByHand(admin, no_realm)
    first, second = owners
    assert first.rotates("api-client-acme", by_hand) == ""
    assert second.rotates("api-client-beta", by_hand) == ""
    assert first.plan_is_empty(QUIET)
    assert second.plan_is_empty(QUIET)


def test_a_realm_of_an_older_version_says_who_has_to_apply_what(
    owners: tuple[Owner, Owner], admin: httpx.Client, no_realm: str
) -> None:
    by_hand = ByHand(admin, no_realm)
    first, second = owners
    matching = json.dumps([{"key": "reconciler/owner", "value": "first"}])
    (policy,) = by_hand.get("/client-policies/policies")["policies"]
    policy["conditions"] = [{"condition": "client-attributes", "configuration": {"attributes": matching}}]
    admin.put(f"/{no_realm}/client-policies/policies", json={"policies": [policy]}).raise_for_status()
    for client_id in ("api-client-acme", "api-client-beta"):
        client = by_hand.client(client_id)
        assert client is not None
        by_hand.change_client(client_id, attributes=client["attributes"] | {"reconciler/managed": ""})

    assert "applied by the owner who declares it" in second.rotates("api-client-beta", by_hand)
    first.apply(QUIET)
    assert "apply the client's manifest" in second.rotates("api-client-beta", by_hand)
    second.apply(QUIET)
    assert second.rotates("api-client-beta", by_hand) == ""
    assert first.rotates("api-client-acme", by_hand) == ""
