"""Findings on the real servers: agreements that end, partners that nobody knows, and what the platform decides."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
import yaml

from reconciler.adapters.clock import SystemClock
from reconciler.app import workflow
from reconciler.model import layout
from reconciler.model.finding import Code, FieldStatus
from reconciler.model.manifest import Capabilities, Dpa, IntegrationOrganization, RateLimitTier
from reconciler.model.plan import Plan
from reconciler.ports import Systems
from reconciler.sandbox.lifecycle import Running
from tests.builders import A_DPA, a_client, a_dpa, a_partner, a_realm, an_organization, desired
from tests.e2e import live
from tests.e2e.command import ByHand, Command

pytestmark = pytest.mark.e2e

NORD, LAC = a_partner(), a_partner("Garage du Lac", "CH")
DIRECTORY = {str(each.uuid): {"name": each.name, "country": each.country} for each in (NORD, LAC)}


def day(days: int) -> str:
    """Return the day that is so many days from now."""
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def settings(**environments: object) -> str:
    return yaml.safe_dump({"environments": environments})


@pytest.fixture
def directory(sandbox: Running) -> Iterator[Path]:
    """The platform's directory of partners, with those of these tests."""
    file = sandbox.partners_file
    before = file.read_text(encoding="utf-8")
    file.write_text(json.dumps(DIRECTORY), encoding="utf-8")
    yield file
    file.write_text(before, encoding="utf-8")


@pytest.fixture
def command(sandbox: Running, no_realm: str, directory: Path, tmp_path: Path) -> Command:
    """The command in a folder with the realm's manifest, and environments that expect one thing each."""
    found = Command(tmp_path, sandbox)
    found.declare(a_realm(no_realm))
    text = settings(
        plain={"default": True},
        early={"dpa": {"required": "2099-01", "deadline": day(11)}},
        late={"dpa": {"required": "2099-01", "deadline": day(-3)}},
        platform={"authority": dict.fromkeys(("authorizedPartners", "capabilities", "dpa"), "platform")},
    )
    (tmp_path / "reconciler.yaml").write_text(text, encoding="utf-8")
    return found


def acme(
    *, dpa: Dpa = A_DPA, tier: RateLimitTier = RateLimitTier.STANDARD, personal: bool = False
) -> IntegrationOrganization:
    capabilities = Capabilities(rate_limit_tier=tier, allow_contact_personal_data=personal)
    clients = [a_client(), a_client("api-client-acme-crm")]
    return an_organization(partners=[NORD], dpa=dpa, capabilities=capabilities, clients=clients)


def test_an_agreement_is_counted_down_and_then_overdue_in_every_format(command: Command) -> None:
    command.declare(acme(personal=True))
    command.apply("--env", "early")

    early = command("plan", "--env", "early")
    assert early.returncode == 0
    assert "all calls fail in 10 days. [dpa-due, in-sync," in early.stdout
    assert command("drift", "--env", "early").returncode == 0

    late = command("drift", "--env", "late", "--metrics", "drift.prom")
    assert late.returncode == 0, "nobody changed anything"
    assert "Error: organization/acme: The agreement 2099-01 is required since" in late.stdout
    assert "allowContactPersonalData gives personal data, but the agreement 2026-01 is outdated" in late.stdout
    metrics = (command.folder / "drift.prom").read_text(encoding="utf-8")
    assert 'organization="acme",code="dpa-outdated",severity="error"} 1' in metrics
    assert 'organization="acme",code="personal-data-without-dpa",severity="error"} 1' in metrics
    assert f'drift_dpa_days_left{{realm="{command.realm}",owner="reconciler",organization="acme"}} -3' in metrics

    sarif = json.loads(command("plan", "--env", "late", "--format", "sarif").stdout)
    lines = (command.folder / "acme.yaml").read_text(encoding="utf-8").splitlines()
    found = {
        each["ruleId"]: lines[each["locations"][0]["physicalLocation"]["region"]["startLine"] - 1].strip()
        for each in sarif["runs"][0]["results"]
    }
    assert found["finding/dpa-outdated"].startswith("version: ")
    assert found["finding/personal-data-without-dpa"] == "allowContactPersonalData: true"
    for form in ("markdown", "html", "junit", "json"):
        assert "The agreement 2099-01 is required since" in command("plan", "--env", "late", "--format", form).stdout


def test_a_refusal_is_told_and_nt24_is_asked_to_record_the_acceptance(command: Command) -> None:
    command.declare(acme(dpa=a_dpa("2025-01").model_copy(update={"evidence": "contracts/acme.pdf"}), personal=True))
    refused = command("apply", "--auto-approve", "--verify-timeout", "0")
    assert refused.returncode == 4
    plan = command("plan").stdout
    assert plan.count("[dpa-not-accepted, unknown]") == 2
    assert "[personal-data-without-dpa, in-sync," in plan
    request = command("request")
    assert request.returncode == 0, request.stderr
    assert "Evidence      contracts/acme.pdf (attached)\n  Please record this acceptance" in request.stdout


class Later(SystemClock):
    """A clock that is ten minutes ahead: what was written just now was written long ago."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=10)


def test_a_partner_that_nt24_does_not_know_is_told_from_a_lag(
    sandbox: Running, command: Command, directory: Path
) -> None:
    organization = an_organization(partners=[NORD, LAC])
    wanted = desired(organization, realm=a_realm(sandbox.realm))
    command.declare(organization)
    command.apply()
    directory.write_text(json.dumps(DIRECTORY | {str(LAC.uuid): None}), encoding="utf-8")

    def codes(plan: Plan) -> list[tuple[Code, FieldStatus]]:
        return [(each.code, each.status) for each in plan.findings]

    async def later(systems: Systems) -> Plan:
        return await workflow.plan(wanted, replace(systems, clock=Later()), live.context(sandbox))

    assert codes(live.plan(sandbox, wanted, effective=True)) == [(Code.EFFECTIVE_DIFFERS, FieldStatus.LAGGING)]
    found = live.run(sandbox, later, effective=True)
    assert codes(found) == [(Code.PARTNER_UNKNOWN, FieldStatus.OVERRIDDEN)]
    assert found.is_empty

    directory.write_text(json.dumps(DIRECTORY), encoding="utf-8")
    assert live.plan(sandbox, wanted, effective=True).findings == ()


def test_what_the_platform_decides_is_compared_asked_for_and_never_written(
    command: Command, admin: httpx.Client, no_realm: str
) -> None:
    by_hand = ByHand(admin, no_realm)
    # NT24's platform would refuse every call before it has recorded the agreement.
    command.declare(acme(tier=RateLimitTier.HIGH_VOLUME))
    first = command("apply", "--auto-approve", "--verify-timeout", "0", "--env", "platform")
    assert first.returncode == 4, first.stdout + first.stderr
    created = by_hand.organization("acme")
    assert created is not None
    assert created["attributes"].keys() == {layout.UUID, layout.OWNER_MARK, layout.APPLIED_MARK}

    decided = {
        layout.PARTNERS: [str(NORD.uuid)],
        layout.RATE_LIMIT_TIER: ["STANDARD"],
        layout.DPA_VERSION: ["2026-01"],
        layout.DPA_ACCEPTED_AT: ["2026-01-15T10:00:00Z"],
        "allowMultiVinOrders": ["true"],
    }
    body = {**created, "attributes": created["attributes"] | decided}
    admin.put(f"/{no_realm}/organizations/{created['id']}", json=body).raise_for_status()

    command.apply("--env", "platform")
    assert command.plan_is_empty("--env", "platform")
    drift = command("drift", "--env", "platform")
    assert drift.returncode == 0, drift.stdout
    assert drift.stdout.count("[platform-differs, overridden,") == 2
    after = by_hand.organization("acme")
    assert after is not None
    assert after["attributes"].items() >= decided.items()

    request = command("request", "acme", "--env", "platform")
    assert "  rateLimitTier: HIGH_VOLUME instead of STANDARD\n" in request.stdout
    assert "  allowMultiVinOrders: false instead of true\n" in request.stdout
    assert "1 message for NT24; nothing was sent." in request.stderr
    as_json = json.loads(command("request", "--json", "--env", "platform").stdout)
    assert as_json["requests"][0]["text"] == request.stdout
    assert command("request", "acm", "--env", "platform").returncode == 64

    # What the platform decides is no business of a plan that was made for another environment.
    assert command("plan", "--out", "acme.plan", "--env", "platform").returncode == 0
    bound = command("apply", "acme.plan")
    assert bound.returncode == 64
    assert "the platform decides authorizedPartners, capabilities, dpa" in bound.stderr

    command.declare(acme())
    imported = command("import", "acme", "--out", "imported", "--env", "platform")
    assert imported.returncode == 0, imported.stdout + imported.stderr
    written = yaml.safe_load((command.folder / "imported" / "acme.yaml").read_text(encoding="utf-8"))
    assert written["spec"]["capabilities"]["allowMultiVinOrders"] is True
    assert written["spec"]["authorizedPartners"][0]["name"] == NORD.name


def test_where_all_is_in_force_there_is_nothing_to_ask_for(command: Command) -> None:
    command.declare(acme())
    command.apply()
    done = command("request")
    assert (done.returncode, done.stdout) == (0, "There is nothing to request from NT24.\n")


@pytest.fixture
def mock() -> Iterator[str]:
    """A server that answers everybody with the same example, as a mock made from the published document does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = {"organizationUuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "name": "string", "capabilities": {}}
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_mock_is_recognised_and_proves_nothing(command: Command, mock: str) -> None:
    command.declare(acme())
    applied = command.apply(NT24_API_URL=mock)
    assert "Verified: Keycloak says what the manifests say" in applied.stdout
    plan = command("plan", NT24_API_URL=mock)
    assert plan.stdout.count("Warning: ") == 1
    assert "[platform-is-mock, unknown]" in plan.stdout
    assert command("drift", NT24_API_URL=mock).returncode == 0
    request = command("request", NT24_API_URL=mock)
    assert request.returncode == 1
    assert "The platform API is a mock" in request.stderr
