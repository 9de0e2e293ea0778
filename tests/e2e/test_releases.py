"""Another release of Keycloak, named by RECONCILER_TEST_RELEASE: the main job on it, or why it is refused.

All other tests have the newest one.
"""

import json
import os
from collections.abc import Iterator
from typing import Final

import httpx
import pytest

from reconciler.model.errors import ExitCode
from reconciler.model.manifest import IntegrationOrganization, Realm, SecretRotation
from reconciler.sandbox.distribution import VERSION_VARIABLE
from reconciler.sandbox.folder import ApiSettings
from reconciler.sandbox.keycloak import JVM_VARIABLE
from reconciler.sandbox.lifecycle import Options, Running, Sandbox
from tests.builders import a_partner, a_realm, an_organization
from tests.e2e.command import ByHand, Command
from tests.server import AdminAuth

pytestmark = pytest.mark.e2e

REFUSED: Final = ("26.0.8", "26.1.4", "26.2.5")
NEED_DOMAIN: Final = ("26.3.5",)
RELEASE: Final = os.environ.get("RECONCILER_TEST_RELEASE") or NEED_DOMAIN[0]
"""The oldest that does the main job by default."""
DAY: Final = 86_400
works = pytest.mark.skipif(RELEASE in REFUSED, reason=f"Keycloak {RELEASE} is refused, by name")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox of that release, for this module alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VERSION_VARIABLE, RELEASE)
        patch.setenv(JVM_VARIABLE, "-XX:TieredStopAtLevel=4")
        options = Options(settings=ApiSettings(cache_seconds=0.2))
        with Sandbox(tmp_path_factory.mktemp("release"), options, say=print) as up:
            yield up


@pytest.fixture(scope="module")
def console(running: Running) -> Iterator[httpx.Client]:
    url = f"{running.keycloak_url}/admin/realms"
    with httpx.Client(base_url=url, auth=AdminAuth(running), timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory, running: Running) -> Command:
    return Command(tmp_path_factory.mktemp("manifests"), running)


def the_realm(running: Running) -> Realm:
    return a_realm(running.realm, rotation=SecretRotation(expiration=90 * DAY, overlap=2 * DAY))


def acme(*domains: str, description: str = "") -> IntegrationOrganization:
    return an_organization("acme", partners=[a_partner()], description=description, domains=domains or None)


@pytest.mark.skipif(RELEASE not in REFUSED, reason=f"Keycloak {RELEASE} is supported")
def test_a_release_that_cannot_do_it_is_refused_before_the_first_write(
    command: Command, running: Running, console: httpx.Client
) -> None:
    command.declare(the_realm(running), acme("acme.example"))
    for verb in (("plan",), ("apply", "--auto-approve")):
        refused = command(*verb)
        assert refused.returncode == ExitCode.UNREACHABLE, refused.stdout
        assert "This Keycloak is older than 26.3" in refused.stderr
    assert console.get(f"/{running.realm}").status_code == 404


@works
def test_an_organization_without_a_domain_is_refused_where_the_release_needs_one(
    command: Command, running: Running, console: httpx.Client
) -> None:
    command.declare(the_realm(running), acme())
    planned = command("plan")
    assert planned.returncode == (ExitCode.USAGE if RELEASE in NEED_DOMAIN else ExitCode.DONE), planned.stderr
    assert ("takes no organization without a domain: acme." in planned.stderr) is (RELEASE in NEED_DOMAIN)
    assert console.get(f"/{running.realm}").status_code == 404


@works
def test_the_main_job(command: Command, running: Running, console: httpx.Client) -> None:
    command.declare(the_realm(running), acme("acme.example"))
    applied = command.apply("--sink", "file:secrets/{name}")
    assert "Verified: Keycloak and /v1/me say what the manifests say" in applied.stdout
    assert command.plan_is_empty()
    hands = ByHand(console, running.realm)
    organization = hands.organization("acme")
    assert organization is not None
    assert [domain["name"] for domain in organization["domains"]] == ["acme.example"]


@works
def test_domains_are_added_and_taken_away_and_stay_verified(
    command: Command, running: Running, console: httpx.Client
) -> None:
    hands = ByHand(console, running.realm)
    before = hands.organization("acme")
    assert before is not None
    body = {**before, "domains": [{"name": "acme.example", "verified": True}]}
    console.put(f"/{running.realm}/organizations/{before['id']}", json=body).raise_for_status()
    command.declare(acme("acme.example", "acme.test"))
    command.apply()
    found = hands.organization("acme")
    assert found is not None
    assert {each["name"]: each["verified"] for each in found["domains"]} == {"acme.example": True, "acme.test": False}
    command.declare(acme("acme.example"))
    command.apply()
    assert command.plan_is_empty()


@works
def test_what_is_imported_plans_nothing_but_what_git_alone_holds(command: Command) -> None:
    out = command.folder.parent / "imported"
    done = command("import", "--out", str(out), "--with-realm")
    assert done.returncode == 0, done.stdout + done.stderr
    # Where an organization can be without domains, they are left to people.
    assert ("acme.example" in (out / "acme.yaml").read_text(encoding="utf-8")) is (RELEASE in NEED_DOMAIN)
    planned = command("plan", "-f", str(out))
    assert planned.returncode == 0
    assert "to destroy" not in planned.stdout.replace("0 to destroy", "")


@works
def test_a_secret_is_rotated_and_the_old_one_accepted_meanwhile(command: Command) -> None:
    started = command("rotate", "start", "api-client-acme", "--sink", "file:secrets/{name}")
    assert started.returncode == 0, started.stdout + started.stderr
    ended = command("rotate", "confirm", "api-client-acme", "--auto-approve")
    assert ended.returncode == 0, ended.stdout + ended.stderr


@works
def test_drift_is_found_by_reading_only_what_has_changed(
    command: Command, running: Running, console: httpx.Client
) -> None:
    drift = ("drift", "--state", "state.json", "--json", "-f", "acme.yaml", "-f", f"{running.realm}.yaml")
    assert command(*drift).returncode == 0
    quiet = json.loads(command(*drift).stdout)
    assert quiet["basis"]["reading"] == "incremental", quiet["basis"]
    live = ByHand(console, running.realm).organization("acme")
    assert live is not None
    path = f"/{running.realm}/organizations/{live['id']}"
    console.put(path, json={**live, "description": "by hand"}).raise_for_status()
    user = console.get(f"/{running.realm}/clients", params={"clientId": "api-client-acme"}).json()[0]["id"]
    account = console.get(f"/{running.realm}/clients/{user}/service-account-user").json()["id"]
    console.delete(f"{path}/members/{account}").raise_for_status()
    seen = command(*drift)
    assert seen.returncode == ExitCode.CHANGES
    document = json.loads(seen.stdout)
    assert document["basis"]["reading"] == "incremental", document["basis"]
    found = {each["address"] for each in document["resource_drift"] + document["resource_changes"]}
    assert found == {"organization/acme", "client/acme/api-client-acme"}
