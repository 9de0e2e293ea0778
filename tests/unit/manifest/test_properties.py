"""What holds for every text and every manifest."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.manifest.load import Loaded, in_order, load
from reconciler.manifest.write import manifest_text
from reconciler.model.errors import ManifestError
from reconciler.model.manifest import IntegrationOrganization, Realm
from tests.unit.manifest.builders import NOW, organizations, realms

quickly = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

EXAMPLE = (Path(__file__).parents[3] / "examples" / "acme-motors.yaml").read_text(encoding="utf-8")
_yaml_like = st.lists(
    st.sampled_from(
        (*"{}[]:,-?&*!|>'\"%@`#\t\n ~<a1", "\n  ", ": ", "- ", "---\n", "...\n", "&a ", "*a", "!!str ", "<<: ", "spec")
    )
).map("".join)


def outcome(path: Path) -> Loaded | ManifestError:
    try:
        return load([path], now=NOW)
    except ManifestError as error:
        return error


@quickly
@given(text=st.text() | _yaml_like)
def test_arbitrary_text_loads_or_is_a_problem(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    error = outcome(path)
    assert isinstance(error, ManifestError)
    assert error.problems


@quickly
@given(content=st.binary())
def test_arbitrary_bytes_are_a_problem(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    assert isinstance(outcome(path), ManifestError)


@quickly
@given(start=st.integers(0, len(EXAMPLE)), length=st.integers(0, 80), instead=_yaml_like)
def test_a_damaged_manifest_loads_or_is_a_problem(start: int, length: int, instead: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(EXAMPLE[:start] + instead + EXAMPLE[start + length :], encoding="utf-8")
    assert isinstance(outcome(path), Loaded | ManifestError)


@quickly
@given(manifest=organizations)
def test_a_written_organization_loads_back_equal(manifest: IntegrationOrganization, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(manifest_text(manifest), encoding="utf-8")
    assert load([path], now=NOW).desired.organizations == (in_order(manifest),)


@quickly
@given(manifest=realms)
def test_a_written_realm_loads_back_equal(manifest: Realm, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(manifest_text(manifest), encoding="utf-8")
    assert load([path], now=NOW).desired.realm == manifest


@quickly
@given(manifest=organizations)
def test_a_written_organization_means_the_same_in_yaml_1_1(manifest: IntegrationOrganization) -> None:
    content = yaml.safe_load(manifest_text(manifest))
    assert content["spec"]["displayName"] == manifest.spec.display_name
    assert content["metadata"].get("labels", {}) == manifest.metadata.labels


@quickly
@given(manifests=st.lists(organizations, max_size=4), order=st.randoms(use_true_random=False))
def test_the_order_of_documents_and_lists_has_no_meaning(
    manifests: list[IntegrationOrganization], order: object, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("---\n".join(map(manifest_text, manifests)), encoding="utf-8")
    first = outcome(path)
    path.write_text("---\n".join(manifest_text(_reversed(each)) for each in reversed(manifests)), encoding="utf-8")
    second = outcome(path)
    if isinstance(first, Loaded):
        assert isinstance(second, Loaded)
        assert first.desired == second.desired
    else:
        assert isinstance(second, ManifestError)


def _reversed(organization: IntegrationOrganization) -> IntegrationOrganization:
    spec = organization.spec
    update = {"clients": spec.clients[::-1], "authorized_partners": spec.authorized_partners[::-1]}
    return organization.model_copy(update={"spec": spec.model_copy(update=update)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty."),
        ("\n", "The file is empty."),
        ("# only a comment\n", "The file holds only comments."),
        ("---\n...\n", "The file holds no document."),
        ("---\n---\n", "The file holds no document."),
    ],
)
def test_a_named_file_without_a_document_is_a_problem(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    error = outcome(path)
    assert isinstance(error, ManifestError)
    assert [problem.message for problem in error.problems] == [said]
