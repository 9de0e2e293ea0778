"""Two environments of one repository, each a realm of the same server, on a real Keycloak."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import Command

pytestmark = pytest.mark.e2e

OVERLAY = """\
apiVersion: reconciler/v1
kind: OrganizationOverlay
metadata: {name: acme}
spec:
  clients:
    - {clientId: api-client-acme, accessTokenLifespan: 60}
    - {clientId: api-client-acme-test, $patch: add, description: Staging only}
"""


@pytest.fixture
def command(tmp_path: Path, sandbox: Running, admin: httpx.Client, no_realm: str) -> Iterator[Command]:
    """The repository: staging is the realm that the platform API trusts, production another one."""
    command = Command(tmp_path, sandbox)
    for variable in ("KEYCLOAK_URL", "NT24_REALM", "NT24_API_URL"):
        del command.settings[variable]
    (tmp_path / ".git").mkdir()
    (tmp_path / "overlays").mkdir()
    (tmp_path / "overlays" / "acme.yaml").write_text(OVERLAY, encoding="utf-8")
    keycloak = f"url: {sandbox.keycloak_url}"
    (tmp_path / "reconciler.yaml").write_text(
        "environments:\n"
        "  staging:\n"
        f"    keycloak: {{{keycloak}, realm: {no_realm}}}\n"
        f"    api: {{url: {sandbox.api_url}}}\n"
        "    manifests: [organizations, staging]\n"
        "    overlays: overlays\n"
        "    owner: team-a\n"
        "  production:\n"
        f"    keycloak: {{{keycloak}, realm: {no_realm}-prod}}\n"
        "    manifests: [organizations, production]\n",
        encoding="utf-8",
    )
    command.declare(an_organization("acme"), folder="organizations")
    command.declare(a_realm(no_realm), folder="staging")
    command.declare(a_realm(f"{no_realm}-prod"), folder="production")
    yield command
    admin.delete(f"/{no_realm}-prod")


def test_each_environment_has_its_server_its_realm_and_its_overlays(
    command: Command, admin: httpx.Client, no_realm: str
) -> None:
    command.apply("--env", "staging")
    command.apply("--env", "production", "--no-effective")
    for realm, expected in (
        (no_realm, {"api-client-acme": "60", "api-client-acme-test": "300"}),
        (f"{no_realm}-prod", {"api-client-acme": "300"}),
    ):
        clients = admin.get(f"/{realm}/clients").json()
        found = {c["clientId"]: c["attributes"]["access.token.lifespan"] for c in clients if "acme" in c["clientId"]}
        assert found == expected
    staging = admin.get(f"/{no_realm}/organizations", params={"briefRepresentation": "false"}).json()
    assert staging[0]["attributes"]["reconciler/owner"] == ["team-a"]
    assert command.plan_is_empty("--env", "staging")
    assert command.plan_is_empty("--env", "production", "--no-effective")
    assert command("drift", "--env", "staging").returncode == 0
    assert '"organizationUuid"' in command("me", "api-client-acme", "--json", "--env", "staging").stdout


def test_the_variables_of_the_shell_win_on_demand_only(command: Command, no_realm: str) -> None:
    done = command("plan", "--env", "staging", NT24_REALM="nowhere")
    assert done.returncode == 64
    assert "NT24_REALM is nowhere, but environments.staging.keycloak.realm (reconciler.yaml:3)" in done.stderr
    done = command("plan", "--env", "staging", "--override-target", NT24_REALM="nowhere")
    assert done.returncode == 64
    assert f"The manifests declare the realm '{no_realm}', but 'nowhere' is managed." in done.stderr


def test_a_command_without_an_environment_says_which_ones_there_are(command: Command) -> None:
    done = command("plan")
    assert done.returncode == 64
    assert "none is the default: production, staging" in done.stderr


def test_import_goes_to_the_environment_that_is_named(command: Command) -> None:
    command.apply("--env", "staging")
    done = command("import", "--env", "staging", "--out", "live")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "api-client-acme-test" in (command.folder / "live" / "acme.yaml").read_text(encoding="utf-8")
