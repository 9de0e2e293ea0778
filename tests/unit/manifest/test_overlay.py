"""Overlays: what one environment changes in the manifests."""

from pathlib import Path

import pytest

from reconciler.manifest.load import load
from reconciler.manifest.schema import overlay_schema_text
from reconciler.manifest.write import resolved_text
from reconciler.model.address import Address
from reconciler.model.errors import ManifestError
from reconciler.model.manifest import IntegrationOrganization
from tests.unit.manifest.builders import NOW, an_organization_text

NORTH, SOUTH = "3b0d6f0a-6c1e-4d5b-8f57-2f6f5c0c9a11", "7d1f4b52-0c8e-4a63-9d0f-51b2e8a4c3d7"
SPEC = (
    "  description: base\n"
    "  clients:\n"
    "    - {clientId: api-client-acme, description: ERP, accessTokenLifespan: 120}\n"
    "    - {clientId: api-client-crm}\n"
    "  authorizedPartners:\n"
    f"    - {{uuid: {NORTH}, name: North}}\n"
    f"    - {{uuid: {SOUTH}}}\n"
    "  dpa: {version: 2026-01, acceptedAt: 2026-01-15T10:00:00Z}\n"
)
HEAD = "apiVersion: reconciler/v1\nkind: OrganizationOverlay\nmetadata: {name: acme}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: ``acme.yaml`` beside the folder ``staging`` with overlays."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "staging").mkdir()
    (tmp_path / "acme.yaml").write_text(an_organization_text("acme", spec=SPEC), encoding="utf-8")
    return tmp_path


def resolved(patch: str) -> IntegrationOrganization:
    Path("staging/acme.yaml").write_text(HEAD + patch, encoding="utf-8")
    (found,) = load([Path("acme.yaml")], overlays=Path("staging"), now=NOW).desired.organizations
    return found


def problems(text: str, name: str = "acme.yaml") -> list[str]:
    Path("staging", name).write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError) as caught:
        load([Path("acme.yaml")], overlays=Path("staging"), now=NOW)
    return [str(problem) for problem in caught.value.problems]


def test_a_value_replaces_the_manifest_s() -> None:
    assert resolved("spec: {displayName: Acme Staging}\n").spec.display_name == "Acme Staging"


def test_what_the_overlay_leaves_out_stays() -> None:
    found = resolved("metadata: {name: acme}\n".replace("metadata", "lifecycle").replace("name: acme", ""))
    assert (found.spec.description, len(found.spec.clients)) == ("base", 2)


def test_null_removes_a_key() -> None:
    spec = resolved("spec: {dpa: null, description: null}\n").spec
    assert (spec.dpa, spec.description) == (None, "")


def test_null_inside_something_new_leaves_no_trace() -> None:
    assert resolved("lifecycle: {preventDestroy: true, ignoreChanges: null}\n").lifecycle.prevent_destroy


def test_labels_and_lifecycle_merge_too() -> None:
    Path("staging/acme.yaml").write_text(
        HEAD.replace("{name: acme}", "{name: acme, labels: {env: staging}}") + "lifecycle: {preventDestroy: true}\n",
        encoding="utf-8",
    )
    (found,) = load([Path("acme.yaml")], overlays=Path("staging"), now=NOW).desired.organizations
    assert (found.metadata.labels, found.lifecycle.prevent_destroy) == ({"env": "staging"}, True)


def test_clients_merge_by_their_id() -> None:
    found = resolved("spec: {clients: [{clientId: api-client-acme, accessTokenLifespan: 60}]}\n").spec.clients
    assert [(c.client_id, c.description, c.access_token_lifespan) for c in found] == [
        ("api-client-acme", "ERP", 60),
        ("api-client-crm", "", 300),
    ]


def test_patch_add_adds_an_item() -> None:
    patch = "spec: {clients: [{clientId: api-client-test, $patch: add, description: null}]}\n"
    found = resolved(patch).spec.clients
    assert [c.client_id for c in found] == ["api-client-acme", "api-client-crm", "api-client-test"]


def test_partners_merge_by_their_uuid_in_any_spelling() -> None:
    found = resolved(f"spec: {{authorizedPartners: [{{uuid: {NORTH.upper()}, country: DE}}]}}\n")
    assert [(p.name, p.country) for p in found.spec.authorized_partners] == [("North", "DE"), (None, None)]


def test_patch_delete_removes_an_item() -> None:
    found = resolved(f"spec: {{authorizedPartners: [{{uuid: {NORTH}, $patch: delete}}]}}\n")
    assert [str(p.uuid) for p in found.spec.authorized_partners] == [SOUTH]


def test_patch_replace_empties_the_list_first() -> None:
    other = "c4d8e2f6-1a3b-4c5d-9e7f-8a6b4c2d0e1f"
    for directive in ("", ", $patch: add"):
        found = resolved(f"spec: {{authorizedPartners: [{{$patch: replace}}, {{uuid: {other}{directive}}}]}}\n")
        assert [str(p.uuid) for p in found.spec.authorized_partners] == [other]


def test_any_other_list_is_replaced() -> None:
    assert resolved("lifecycle: {ignoreChanges: [spec.displayName]}\n").lifecycle.ignore_changes == (
        "spec.displayName",
    )


def test_a_value_that_breaks_a_rule_is_found_in_the_overlay() -> None:
    text = HEAD + "spec:\n  clients:\n    - clientId: api-client-acme\n      accessTokenLifespan: 6\n"
    assert problems(text) == [
        "staging/acme.yaml:7:28: spec.clients[0].accessTokenLifespan: 6 is too small. Write at least 60."
    ]


def test_a_value_of_the_manifest_that_breaks_a_rule_is_found_there() -> None:
    Path("acme.yaml").write_text(an_organization_text("acme", spec="  suspended: no\n"), encoding="utf-8")
    (found,) = problems(HEAD + "spec: {description: x}\n")
    assert found.startswith("acme.yaml:7:14: spec.suspended")


def test_what_is_missing_after_the_overlay_is_found_in_the_manifest() -> None:
    (found,) = problems(HEAD + "spec: {organizationUuid: null}\n")
    assert found.startswith("acme.yaml:4:1: spec.organizationUuid: The key is missing.")


def test_an_unknown_key_is_found_in_the_overlay() -> None:
    (found,) = problems(HEAD + "spec:\n  capabilities: {rateLimit: STANDARD}\n")
    assert found.startswith("staging/acme.yaml:5:18: spec.capabilities.rateLimit: The key is unknown. Did you mean")


def test_a_rule_between_documents_names_the_overlay_s_line() -> None:
    beta = an_organization_text("beta", number=2)
    Path("acme.yaml").write_text(f"{an_organization_text('acme')}---\n{beta}", encoding="utf-8")
    (found,) = problems(HEAD.replace("acme", "beta") + "spec:\n  displayName: Acme\n", "beta.yaml")
    assert found.startswith("staging/beta.yaml:5:16: spec.displayName: Another organization has the name 'Acme'")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            HEAD.replace("acme", "acmee"),
            "3:18: metadata.name: No manifest declares the organization 'acmee'. Did you mean acme?",
        ),
        (HEAD.replace("{name: acme}", "{}"), "3:11: metadata.name: The overlay does not name its organization"),
        (HEAD.replace("reconciler/v1", "reconciler/v2"), "1:13: apiVersion: The version is unknown."),
        (HEAD.replace("OrganizationOverlay", "IntegrationOrganization"), "2:7: kind: This is not an overlay."),
        (HEAD + "spec: {clients: [{clientId: api-client-x, $patch: delete}]}", "There is no clientId 'api-client-x'"),
        (HEAD + "spec: {clients: [{clientId: api-client-x, $patch: merge}]}", '4:51: spec.clients[0]["$patch"]'),
        (HEAD + "spec: {clients: [{clientId: api-client-x, $patch: replace}]}", "This directive is unknown."),
        *(
            (
                HEAD + f"spec: {{clients: [{{clientId: api-client-crm, $patch: {nonsense}}}]}}",
                "This directive is unknown.",
            )
            for nonsense in ("[delete]", "{}", "null", "true", "1", '""', "Delete", "[add, delete]")
        ),
        (
            HEAD + "spec: {clients: [{clientId: api-client-crn}]}",
            "There is no clientId 'api-client-crn' to change. Did you mean api-client-crm? Correct it, or write",
        ),
        (HEAD + "spec: {clients: [{clientId: api-client-crn, $patch: delete}]}", "Did you mean api-client-crm?"),
        (HEAD + "spec: {clients: [{clientId: api-client-crm, $patch: add}]}", "'api-client-crm' exists already."),
        (HEAD + f"spec: {{authorizedPartners: [{{uuid: {NORTH[:-1]}2}}]}}", f"Did you mean {NORTH}?"),
        (HEAD + "spec: {webhooks: [{name: orders}]}", "There is no name 'orders' to change. Correct it, or write"),
        (HEAD + "spec: {identityProviders: [{alias: idp}]}", "There is no alias 'idp' to change. Correct it, or write"),
        (HEAD + "spec: {clients: [{description: ERP}]}", "The item has no clientId. Add clientId."),
        (HEAD + "spec: {clients: [api-client-x]}", "expected a mapping"),
        (HEAD + "---\n" + HEAD, "'acme' has an overlay already, at staging/acme.yaml:3."),
        (HEAD + "spec: [", "staging/acme.yaml"),
        (HEAD + "spec: {}\nspec: {}\n", "Duplicate key"),
        (HEAD + "status: {}\n", "4:1: status: The key is unknown."),
    ],
)
def test_a_wrong_overlay_is_refused(text: str, problem: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert problem in found[0]
    assert found[0].startswith("staging/acme.yaml:")


def test_a_missing_folder_of_overlays_is_a_problem() -> None:
    with pytest.raises(ManifestError) as caught:
        load([Path("acme.yaml")], overlays=Path("gone"), now=NOW)
    assert [str(problem) for problem in caught.value.problems] == [
        "gone: It cannot be read: no such file or directory. Correct the path."
    ]


def test_an_overlay_among_the_manifests_is_refused() -> None:
    Path("staging/acme.yaml").write_text(HEAD + "spec: {suspended: true}\n", encoding="utf-8")
    with pytest.raises(ManifestError) as caught:
        load([Path()], now=NOW)
    (problem,) = map(str, caught.value.problems)
    assert problem.startswith("staging/acme.yaml:2:7: kind: This is an overlay among the manifests. Move it")


def test_the_environment_s_overlays_may_lie_below_the_manifests() -> None:
    Path("staging/acme.yaml").write_text(HEAD + "spec: {suspended: true}\n", encoding="utf-8")
    loaded = load([Path()], overlays=Path("staging"), now=NOW)
    assert (loaded.files, loaded.skipped) == (("acme.yaml",), ())
    assert loaded.desired.organizations[0].spec.suspended


def test_other_files_among_the_overlays_are_passed_over() -> None:
    Path("staging/values.yaml").write_text("replicas: 3\n", encoding="utf-8")
    assert resolved("spec: {suspended: true}\n").spec.suspended


def test_a_place_in_the_resolved_manifest_is_the_overlay_s_where_it_says_so() -> None:
    Path("staging/acme.yaml").write_text(HEAD + "spec:\n  suspended: true\n", encoding="utf-8")
    sources = load([Path("acme.yaml")], overlays=Path("staging"), now=NOW).sources
    acme = Address.organization("acme")
    assert str(sources.at(acme, "spec.suspended")) == "staging/acme.yaml:5:3"
    assert str(sources.at(acme, "spec.displayName")) == "acme.yaml:5:3"


def test_the_resolved_text_loads_back_equal(folder: Path) -> None:
    resolved("spec: {suspended: true}\n")
    desired = load([Path("acme.yaml")], overlays=Path("staging"), now=NOW).desired
    (folder / "resolved.yaml").write_text(resolved_text(desired), encoding="utf-8")
    assert load([Path("resolved.yaml")], now=NOW).desired == desired


def test_the_checked_in_schema_is_the_generated_one() -> None:
    checked_in = Path(__file__).parents[3] / "schema" / "overlay.schema.json"
    assert checked_in.read_text(encoding="utf-8") == overlay_schema_text(), "run: make schema"


def test_overlays_of_other_environments_may_lie_among_the_manifests(tmp_path: Path) -> None:
    """Which folders hold overlays, the settings at or above the manifests say."""
    (tmp_path / "manifests/overlays/prod").mkdir(parents=True)
    (tmp_path / "manifests/overlays/staging").mkdir()
    (tmp_path / "manifests/acme.yaml").write_text(an_organization_text("acme"), encoding="utf-8")
    text = (
        "apiVersion: reconciler/v1\nkind: OrganizationOverlay\nmetadata: {name: acme}\nspec: {description: Staging}\n"
    )
    for environment in ("prod", "staging"):
        (tmp_path / f"manifests/overlays/{environment}/acme.yaml").write_text(text, encoding="utf-8")
    staging = tmp_path / "manifests/overlays/staging"
    with pytest.raises(ManifestError, match="1 problem"):
        load([tmp_path / "manifests"], overlays=staging, now=NOW)
    environments = ("staging", "prod")
    (tmp_path / "reconciler.yaml").write_text(
        "environments:\n" + "".join(f"  {each}: {{overlays: manifests/overlays/{each}}}\n" for each in environments),
        encoding="utf-8",
    )
    found = load([tmp_path / "manifests"], overlays=staging, now=NOW)
    assert [each.spec.description for each in found.desired.organizations] == ["Staging"]
    assert [each.what for each in found.passed_over] == ["overlays of another environment"]
    # A manifest there is one, as everywhere: to leave it out would delete what it declares.
    other = tmp_path / "manifests/overlays/prod/other.yaml"
    other.write_text(an_organization_text("other", number=2), encoding="utf-8")
    found = load([tmp_path / "manifests"], overlays=staging, now=NOW)
    assert [each.name for each in found.desired.organizations] == ["acme", "other"]
