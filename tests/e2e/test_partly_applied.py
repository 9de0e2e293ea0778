"""Where some changes fail, the rest is proven at once: nobody waits for what was not done."""

from pathlib import Path

import httpx
import pytest

from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command
from tests.e2e.fault_proxy import Act, FaultProxy, fault_proxying


@pytest.fixture
def command(sandbox: Running, no_realm: str, tmp_path: Path) -> Command:
    found = Command(tmp_path, sandbox)
    found.declare(a_realm(no_realm), an_organization("acme"), an_organization("beta"))
    found.apply()
    return found


def refuse_to_write(fault_proxy: FaultProxy, organization_id: str) -> None:
    """Answer every write to the organization as Keycloak answers one of two writers."""
    write = f"/organizations/{organization_id}"
    fault_proxy.choose = lambda _, asked: (
        Act.CONFLICT if asked.startswith("PUT") and asked.endswith(write) else Act.PASS
    )


def organization(hands: ByHand, alias: str) -> dict[str, object]:
    found = hands.organization(alias)
    assert found is not None
    return found


def test_an_apply_proves_what_it_did_and_names_what_it_did_not(
    command: Command, sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    hands = ByHand(admin, no_realm)
    command.declare(*(an_organization(alias, description="Another") for alias in ("acme", "beta")))
    with fault_proxying(sandbox.keycloak_url) as fault_proxy:
        refuse_to_write(fault_proxy, str(organization(hands, "acme")["id"]))
        done = command("apply", "--auto-approve", KEYCLOAK_URL=fault_proxy.url)

    assert done.returncode == ExitCode.PARTIAL, done.stdout + done.stderr
    assert "Resources: 0 added, 1 changed, 0 destroyed. 1 resource not done:" in done.stdout
    assert "Verified: Keycloak and /v1/me say what the manifests say" in done.stdout
    assert "but for 1 resource that was not done." in done.stdout
    assert organization(hands, "beta")["description"] == "Another"
    command.apply()
    assert command.plan_is_empty()


def test_a_fix_of_drift_proves_what_it_put_back_and_names_what_it_did_not(
    command: Command, sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    hands = ByHand(admin, no_realm)
    for alias in ("acme", "beta"):
        live = organization(hands, alias)
        changed = {**live, "description": "By hand"}
        admin.put(f"/{no_realm}/organizations/{live['id']}", json=changed).raise_for_status()
    with fault_proxying(sandbox.keycloak_url) as fault_proxy:
        refuse_to_write(fault_proxy, str(organization(hands, "beta")["id"]))
        done = command("drift", "--fix", KEYCLOAK_URL=fault_proxy.url)

    assert done.returncode == ExitCode.PARTIAL, done.stdout + done.stderr
    assert "Verified: Keycloak and /v1/me say what was last applied" in done.stdout
    assert "but for 1 resource that was not done." in done.stdout
    assert "description" not in organization(hands, "acme")
    assert command("drift", "--fix").returncode == ExitCode.DONE
