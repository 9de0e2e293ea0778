"""Webhooks on the real servers: created once whatever breaks, paused by the platform and resumed, deleted in order."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from reconciler.model.manifest import RateLimitTier
from reconciler.model.webhook import Webhook
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_partner, a_realm, a_webhook, an_organization
from tests.contract.conftest import auto_pause
from tests.e2e.command import Command
from tests.e2e.fault_proxy import Act, FaultProxy, fault_proxying

pytestmark = pytest.mark.e2e

SINK = ("--sink", "file:secrets/{name}")
REASON = "20 deliveries failed."
PARTNER = a_partner()


@pytest.fixture
def line(sandbox: Running) -> Iterator[FaultProxy]:
    """The line to the platform, which breaks where a test says so."""
    with fault_proxying(sandbox.api_url, "/v1/webhooks") as fault_proxy:
        yield fault_proxy


@pytest.fixture
def command(sandbox: Running, line: FaultProxy, no_realm: str, tmp_path: Path) -> Command:
    """The command in a folder with a realm's manifest, which reaches the platform through the line."""
    found = Command(tmp_path, sandbox)
    found.settings["NT24_API_URL"] = line.url
    found.declare(a_realm(no_realm))
    return found


def declare(command: Command, *webhooks: Webhook) -> None:
    command.declare(an_organization(webhooks=webhooks, partners=[PARTNER], tier=RateLimitTier.ENTERPRISE))


def endpoints(command: Command, admin: httpx.Client, sandbox: Running) -> dict[str, str]:
    """Return the status of each endpoint by its URL, asked with the client's own token; each URL is there once."""
    client = admin.get(f"/{sandbox.realm}/clients", params={"clientId": "api-client-acme"}).json()[0]
    form = {"grant_type": "client_credentials", "client_id": client["clientId"], "client_secret": client["secret"]}
    token_url = f"{sandbox.keycloak_url}/realms/{sandbox.realm}/protocol/openid-connect/token"
    token = httpx.post(token_url, data=form, trust_env=False).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    found = httpx.get(f"{sandbox.api_url}/v1/webhooks", headers=headers, trust_env=False).json()["data"]
    by_url = {each["url"]: each["status"] for each in found}
    assert len(by_url) == len(found), found
    return by_url


def test_a_creation_whose_answer_is_lost_is_made_once_and_its_secret_is_delivered(
    command: Command, line: FaultProxy, admin: httpx.Client, sandbox: Running
) -> None:
    declare(command, a_webhook(), a_webhook("leads", events=("prospect.submitted",), partners=[PARTNER]))
    line.only(1, Act.CUT_AFTER)
    assert "5 added" in command.apply(*SINK).stdout
    assert line.writes == ["POST /v1/webhooks"] * 3
    assert set(endpoints(command, admin, sandbox).values()) == {"ACTIVE"}
    assert len(endpoints(command, admin, sandbox)) == 2
    secrets = {file.name: file.read_text(encoding="ascii") for file in (command.folder / "secrets").iterdir()}
    assert secrets.keys() == {"acme.compliance", "acme.leads", "api-client-acme"}
    assert len(set(secrets.values())) == 3
    assert command.plan_is_empty()


def test_an_apply_whose_line_stays_broken_is_finished_by_the_next(
    command: Command, line: FaultProxy, admin: httpx.Client, sandbox: Running
) -> None:
    declare(command, a_webhook())
    line.choose = lambda _number, _write: Act.CUT_AFTER
    broken = command("apply", "--auto-approve", *SINK, "--verify-timeout", "0")
    assert broken.returncode == 4, broken.stdout + broken.stderr
    line.choose = lambda _number, _write: Act.PASS
    command.apply(*SINK)
    assert len(endpoints(command, admin, sandbox)) == 1
    assert command.plan_is_empty()


def test_what_the_platform_paused_is_drift_with_its_reason_and_is_resumed(
    command: Command, line: FaultProxy, admin: httpx.Client, sandbox: Running
) -> None:
    declare(command, a_webhook())
    unnamed = command.apply()
    assert "without a sink: webhook/acme/compliance" in unnamed.stderr
    auto_pause(sandbox, a_webhook().url, REASON)
    drift = command("drift")
    assert drift.returncode == 2
    assert '~ status: "PAUSED" -> "ACTIVE"  # changed on the platform' in drift.stdout
    assert f"The platform paused it: {REASON}" in drift.stdout
    assert "webhooks were not read" in command("plan", "--no-effective").stdout

    # Somebody is faster, once: it is read again, and written.
    line.only(1, Act.CONFLICT)
    command.apply()
    assert endpoints(command, admin, sandbox) == {a_webhook().url: "ACTIVE"}
    assert command.plan_is_empty()

    declare(command, a_webhook("moved", url=a_webhook().url, events=("kyc.*",)))
    assert command("plan", "--out", "webhooks.plan").returncode == 0
    assert command("apply", "webhooks.plan").returncode == 0
    assert command("apply", "webhooks.plan").returncode == 5

    declare(command)
    assert command("apply", "--auto-approve").returncode == 6
    command.apply("--allow-delete")
    assert endpoints(command, admin, sandbox) == {}
    assert command.plan_is_empty()


def test_a_saved_plan_renames_a_client_and_changes_a_webhook_through_it(
    command: Command, admin: httpx.Client, sandbox: Running
) -> None:
    renamed = a_client("api-client-acme", previous=("api-client-acme-old",))
    command.declare(an_organization(clients=[a_client("api-client-acme-old")], webhooks=[a_webhook()]))
    command.apply(*SINK)
    command.declare(an_organization(clients=[renamed], webhooks=[a_webhook(events=("kyc.*",))]))
    assert command("plan", "--out", "renamed.plan").returncode == 0
    applied = command("apply", "renamed.plan")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert endpoints(command, admin, sandbox) == {a_webhook().url: "ACTIVE"}
    assert command.plan_is_empty()


def test_an_organization_that_is_suspended_softly_has_its_webhooks_paused_first(
    command: Command, admin: httpx.Client, sandbox: Running
) -> None:
    declare(command, a_webhook())
    command.apply(*SINK)
    command.withdraw("acme")
    done = command.apply("--soft-delete")
    assert '~ status: "ACTIVE" -> "PAUSED"' in done.stdout
    assert command.plan_is_empty("--soft-delete")

    # Back in the manifests, its client is admitted first; what it may ask for is put right by the next run.
    declare(command, a_webhook())
    command("apply", "--auto-approve", "--verify-timeout", "1")
    assert endpoints(command, admin, sandbox) == {a_webhook().url: "PAUSED"}
    command.apply()
    assert endpoints(command, admin, sandbox) == {a_webhook().url: "ACTIVE"}
    assert command.plan_is_empty()
