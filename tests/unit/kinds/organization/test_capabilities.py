"""A capability is one line: declared in the manifest's model, every stage knows it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import reconciler

PACKAGE = Path(reconciler.__file__).parent
AFTER = '    """May download KYC documents; needs a current DPA."""\n'
LINE = '    allow_fleet_leasing: Annotated[bool, Capability("leases of whole fleets")] = False\n'
PROOF = """
import json
from datetime import UTC, datetime
from uuid import UUID

from reconciler.kinds.organization.representation import effective_fields, observed_fields
from reconciler.kinds.registry import kind_of
from reconciler.kinds.organization.live_documents import organization_document
from reconciler.model.address import Address
from reconciler.model.manifest import CAPABILITIES, DesiredState, parse_document
from reconciler.model.observed import Effective, OrganizationObservation, Snapshot
from reconciler.plan.context import Context
from reconciler.kinds.effective import effective_findings
from reconciler.plan.planner import make_plan, situation_of

UUID_ = "0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01"
CLIENT = "api-client-acme"
spec = {"displayName": "Acme", "organizationUuid": UUID_, "clients": [{"clientId": CLIENT}]}
document = {"apiVersion": "reconciler/v1", "kind": "IntegrationOrganization", "metadata": {"name": "acme"}}
manifest = parse_document({**document, "spec": {**spec, "capabilities": {"allowFleetLeasing": True}}})
desired = DesiredState(organizations=(manifest,))


def snapshot(text, says):
    attributes = {"organizationUuid": [UUID_], "rateLimitTier": ["STANDARD"], "allowFleetLeasing": [text]}
    live = {"id": "1", "alias": "acme", "name": "Acme", "enabled": True, "attributes": attributes}
    answer = Effective(organization_uuid=UUID(UUID_), name="Acme", capabilities={"allowFleetLeasing": says})
    found = {"acme": OrganizationObservation("1", "acme", live)}
    return Snapshot(datetime(2026, 1, 1, tzinfo=UTC), None, found, effective={CLIENT: answer})


off, on = snapshot("false", False), snapshot("true", False)
changes = [change for change in make_plan(desired, off, Context("r", "o")).changes if change.address.name == "acme"]
lags = effective_findings(situation_of(desired, on, Context("r", "o")), ())
live = on.organizations["acme"]
print(json.dumps({
    "planned": [[f.path, f.before, f.after, f.risk.code] for f in changes[0].field_changes if "Fleet" in f.path],
    "written": [step.body["attributes"]["allowFleetLeasing"] for step in changes[0].steps],
    "counted": kind_of(Address.organization("acme")).fields.about("capabilities.allowFleetLeasing"),
    "imported": organization_document(live, observed_fields(live), (), 300)["spec"]["capabilities"],
    "explained": CAPABILITIES["allowFleetLeasing"].opens,
    "compared": [f.path for f in lags if "Fleet" in f.path],
}))
"""


def test_a_capability_is_one_line(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "reconciler", ignore=shutil.ignore_patterns("__pycache__"))
    model = tmp_path / "reconciler/model/manifest.py"
    source = model.read_text()
    assert source.count(AFTER) == 1
    model.write_text(source.replace(AFTER, AFTER + LINE))

    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROOF], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "planned": [["capabilities.allowFleetLeasing", False, True, "capability-granted"]],
        "written": [["true"]],
        "counted": "capabilities",
        "imported": {"allowFleetLeasing": True, "rateLimitTier": "STANDARD"},
        "explained": "leases of whole fleets",
        "compared": ["capabilities.allowFleetLeasing"],
    }
