"""A plan points at the lines of manifests."""

from pathlib import Path

from reconciler.manifest.load import load
from reconciler.manifest.places import placed
from reconciler.model.address import Address
from reconciler.model.place import Place
from tests.builders import ACME, ACME_CLIENT, a_change, a_field_change, a_finding, a_plan

MANIFEST = """apiVersion: reconciler/v1
kind: IntegrationOrganization
metadata: {name: acme}
spec:
  displayName: Acme
  organizationUuid: 0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01
  clients:
    - clientId: api-client-acme
      accessTokenLifespan: 60
  capabilities:
    rateLimitTier: STANDARD
  authorizedPartners:
    - {uuid: 7d1f4b52-0c8e-4a63-9d0f-51b2e8a4c3d7, name: Garage du Lac}
"""


def test_fields_are_found_where_they_are_declared_and_rules_at_their_resource(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(MANIFEST, encoding="utf-8")
    loaded = load([tmp_path])
    fields = [a_field_change(path) for path in ("capabilities.rateLimitTier", "keycloak.members", "suspended")]
    client = [a_field_change(path) for path in ("accessTokenLifespan", "keycloak.redirectUris")]
    gone = Address.organization("gone")
    plan = a_plan(
        a_change(ACME, field_changes=fields), a_change(ACME_CLIENT, field_changes=client), findings=[a_finding(gone)]
    )

    assert placed(plan, loaded.sources, tmp_path).places == {
        ACME: {"": Place("acme.yaml", 3, 12), "capabilities.rateLimitTier": Place("acme.yaml", 11, 5)},
        ACME_CLIENT: {"": Place("acme.yaml", 8, 7), "accessTokenLifespan": Place("acme.yaml", 9, 7)},
    }


def test_what_a_client_s_finding_is_about_is_found_in_its_organization(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(MANIFEST, encoding="utf-8")
    loaded = load([tmp_path])
    partner = "authorizedPartners[7d1f4b52-0c8e-4a63-9d0f-51b2e8a4c3d7]"
    plan = a_plan(findings=[a_finding(ACME_CLIENT, path="capabilities.rateLimitTier"), a_finding(ACME, path=partner)])

    assert placed(plan, loaded.sources, tmp_path).places == {
        ACME_CLIENT: {"": Place("acme.yaml", 8, 7)},
        ACME: {
            "": Place("acme.yaml", 3, 12),
            "capabilities.rateLimitTier": Place("acme.yaml", 11, 5),
            partner: Place("acme.yaml", 13, 7),
        },
    }
