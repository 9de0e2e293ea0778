"""Who changed what, as real admin events tell: never the reconciler's own login, and nobody for another change."""

from pathlib import Path

import httpx
import pytest

from reconciler.model.manifest import AdminEvents
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command

SECRET = "a-secret-for-a-test-only"
QUIET = "--no-effective"


@pytest.fixture
def command(sandbox: Running, admin: httpx.Client, no_realm: str, tmp_path: Path) -> Command:
    """The reconciler as a service account of the realm, as CI runs it."""
    found, by_hand = Command(tmp_path, sandbox), ByHand(admin, no_realm)
    found.declare(a_realm(no_realm, admin_events=AdminEvents(enabled=True, details=True)))
    found.apply(QUIET)
    by_hand.make_client("the-reconciler", secret=SECRET)
    client, management = by_hand.client("the-reconciler"), by_hand.client("realm-management")
    assert client is not None
    assert management is not None
    user = by_hand.get(f"/clients/{client['id']}/service-account-user")["id"]
    role = by_hand.get(f"/clients/{management['id']}/roles/realm-admin")
    path = f"/{no_realm}/users/{user}/role-mappings/clients/{management['id']}"
    admin.post(path, json=[role]).raise_for_status()
    found.settings |= {
        "KEYCLOAK_USER": "",
        "KEYCLOAK_PASSWORD": "",
        "KEYCLOAK_REALM": no_realm,
        "KEYCLOAK_CLIENT_ID": "the-reconciler",
        "KEYCLOAK_CLIENT_SECRET": SECRET,
    }
    found.declare(an_organization("acme"), an_organization("beta"))
    found.apply(QUIET)
    return found


def test_what_the_reconciler_deleted_is_told_as_its_own_doing_and_is_not_made_again(command: Command) -> None:
    command.withdraw("beta")
    command.apply(QUIET, "--allow-delete", "--force")
    command.declare(an_organization("beta"))
    done = command("drift", QUIET, "--fix")
    said = done.stdout + done.stderr
    assert "deleted by the reconciler itself: service-account-the-reconciler" in said, said
    assert said.count("deleted by") == said.count("deleted by the reconciler itself"), said
    assert "organization/beta" in command("plan", QUIET).stdout, "it is still to be created"


def test_somebody_who_gave_another_role_is_not_named_for_one_that_nobody_is_seen_to_give(
    command: Command, admin: httpx.Client, no_realm: str
) -> None:
    by_hand = ByHand(admin, no_realm)
    client = by_hand.client("api-client-acme")
    # A login of the realm cannot read the names of administrators of the realm master.
    me = admin.get("/master/users", params={"username": "admin", "exact": "true"}).json()[0]["id"]
    assert client is not None
    user = by_hand.get(f"/clients/{client['id']}/service-account-user")["id"]
    path = f"/{no_realm}/users/{user}/role-mappings/realm"
    admin.post(path, json=[by_hand.get("/roles/offline_access")]).raise_for_status()
    admin.delete(f"/{no_realm}/admin-events").raise_for_status()
    other = by_hand.get("/roles/uma_authorization")
    admin.post(path, json=[other]).raise_for_status()
    admin.request("DELETE", path, json=[other]).raise_for_status()
    said = command("drift", QUIET).stdout
    assert "offline_access" in said
    assert f"by {me}" not in said, said

    admin.post(path, json=[other]).raise_for_status()
    assert f"by {me}" in command("drift", QUIET).stdout
