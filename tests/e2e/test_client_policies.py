"""Client policies of the realm's administrators beside ours, on a real Keycloak: named, with the way out."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command

ANY: dict[str, Any] = {"condition": "any-client", "configuration": {}}
MANAGED = json.dumps([{"key": "reconciler/managed", "value": "true"}])
EXEMPTING: dict[str, Any] = {
    "condition": "client-attributes",
    "configuration": {"attributes": MANAGED, "is-negative-logic": True},
}
AUTO = {"auto-configure": True}


class Policies:
    """The client policies that somebody else makes."""

    def __init__(self, admin: httpx.Client, realm: str) -> None:
        self._url = f"/{realm}/client-policies"
        self._admin = admin

    def declare(self, executor: str, settings: dict[str, Any], *conditions: dict[str, Any]) -> None:
        executors = [{"executor": executor, "configuration": settings}]
        profile = {"name": "theirs", "description": "", "executors": executors}
        policy = {"name": "theirs", "description": "", "enabled": True, "profiles": ["theirs"]}
        self._put("profiles", profile)
        self._put("policies", {**policy, "conditions": list(conditions or (ANY,))})

    def _put(self, kind: str, one: dict[str, Any]) -> None:
        kept = [each for each in self._admin.get(f"{self._url}/{kind}").json()[kind] if each["name"] != one["name"]]
        self._admin.put(f"{self._url}/{kind}", json={kind: [*kept, one]}).raise_for_status()


@pytest.fixture
def policies(admin: httpx.Client, no_realm: str) -> Policies:
    return Policies(admin, no_realm)


@pytest.fixture
def command(sandbox: Running, no_realm: str, tmp_path: Path) -> Command:
    found = Command(tmp_path, sandbox)
    found.declare(a_realm(no_realm))
    found.apply("--no-effective")
    return found


def test_what_a_policy_sets_is_named_by_plan_apply_and_drift_and_exempting_ends_it(
    command: Command, policies: Policies, admin: httpx.Client, no_realm: str
) -> None:
    policies.declare("consent-required", AUTO)
    command.declare(an_organization("acme"))
    applied = command("apply", "--auto-approve", "--no-effective", "--verify-timeout", "5")
    assert applied.returncode == ExitCode.PARTIAL, applied.stdout + applied.stderr
    assert "policy 'theirs' (executor consent-required) sets keycloak.consentRequired" in applied.stdout
    again = command("plan", "--no-effective", "--detailed-exitcode")
    assert "No changes, but 1 error." in again.stdout, again.stdout
    assert "[policy-overrides, overridden]" in again.stdout
    assert command("drift", "--no-effective").returncode == ExitCode.CHANGES

    policies.declare("consent-required", AUTO, ANY, EXEMPTING)
    command.apply("--no-effective")
    assert command.plan_is_empty("--no-effective")
    client = ByHand(admin, no_realm).client("api-client-acme")
    assert client is not None
    assert client["consentRequired"] is False


@pytest.mark.parametrize(
    ("executor", "attribute"),
    [
        ("dpop-bind-enforcer", "dpop.bound.access.tokens"),
        ("holder-of-key-enforcer", "tls.client.certificate.bound.access.tokens"),
        ("pkce-enforcer", "pkce.code.challenge.method"),
        ("secure-signature-algorithm", "access.token.signed.response.alg"),
    ],
)
def test_attributes_that_a_policy_sets_are_no_drift_for_ever(
    command: Command, policies: Policies, executor: str, attribute: str
) -> None:
    policies.declare(executor, {"default-algorithm": "ES256"} if "algorithm" in executor else AUTO)
    command.declare(an_organization("acme"))
    command("apply", "--auto-approve", "--no-effective", "--verify-timeout", "5")
    again = command("plan", "--no-effective")
    assert "No changes, but 1 error." in again.stdout, again.stdout
    assert f"keycloak.attributes.{attribute}" in again.stdout


def test_what_a_policy_refuses_is_blocked_before_the_first_write(command: Command, policies: Policies) -> None:
    settings = {"allowed-client-authenticators": ["client-jwt"], "default-client-authenticator": "client-jwt"}
    policies.declare("secure-client-authenticator", settings, EXEMPTING | {"configuration": {"attributes": MANAGED}})
    command.declare(an_organization("acme"))
    command.apply("--no-effective")
    acme = an_organization("acme", description="new")
    clients = tuple(client.model_copy(update={"description": "new"}) for client in acme.spec.clients)
    command.declare(acme.model_copy(update={"spec": acme.spec.model_copy(update={"clients": clients})}))
    planned = command("plan", "--no-effective")
    assert "the realm's client policy 'theirs' refuses it (secure-client-authenticator)" in planned.stdout


def test_a_saved_plan_is_proven_with_the_policy_as_the_cause(command: Command, policies: Policies) -> None:
    policies.declare("consent-required", AUTO)
    command.declare(an_organization("acme"))
    assert command("plan", "--no-effective", "--out", "p.plan").returncode == ExitCode.DONE
    applied = command("apply", "p.plan", "--auto-approve", "--no-effective", "--verify-timeout", "5")
    assert "policy 'theirs' (executor consent-required)" in applied.stdout, applied.stdout + applied.stderr
    assert applied.returncode == ExitCode.PARTIAL


def test_a_policy_that_rejects_every_request_is_named_as_the_cause(command: Command, policies: Policies) -> None:
    policies.declare("reject-request", {})
    for name in ("plan", "drift", "apply"):
        done = command(name, "--no-effective", *(["--auto-approve"] if name == "apply" else []))
        assert done.returncode == ExitCode.ERROR, done.stdout + done.stderr
        assert "Request not allowed" in done.stderr
        assert "The realm's client policies reject it (executor reject-request: 'theirs')" in done.stderr
