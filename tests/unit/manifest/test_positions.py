"""Where a resource and its fields stand in the files."""

from pathlib import Path

import pytest

from reconciler.manifest.load import load
from reconciler.manifest.positions import Sources, path_steps, path_text
from reconciler.model.address import Address
from tests.unit.manifest.builders import NOW

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def sources() -> Sources:
    return load([EXAMPLES], now=NOW).sources


def line_at(sources: Sources, address: Address, path: str = "") -> str:
    place = sources.at(address, path)
    assert place is not None
    return Path(place.file).read_text(encoding="utf-8").splitlines()[place.line - 1][place.column - 1 :]


ACME = Address.organization("acme-motors")
NORDWIND = Address.organization("nordwind-handel")


@pytest.mark.parametrize(
    ("address", "path", "start"),
    [
        (ACME, "", "apiVersion:"),
        (ACME, "spec.capabilities.rateLimitTier", "rateLimitTier: STANDARD"),
        (ACME, "spec.capabilities.unheardOf", "capabilities:"),
        (ACME, "spec.clients[0].clientId", "clientId: api-client-acme-motors"),
        (ACME, "spec.clients[api-client-acme-motors].enabled", "enabled: true"),
        (ACME, "spec.clients[9]", "clients:"),
        (NORDWIND, "spec.authorizedPartners[4A9D2F18-7e3c-4b60-8c5d-e1f2a3b4c5d6]", "{uuid: 4a9d2f18"),
        (Address.client("nordwind-handel", "api-client-nordwind-crm"), "", "clientId: api-client-nordwind-crm"),
        (
            Address.client("nordwind-handel", "api-client-nordwind-crm"),
            "accessTokenLifespan",
            "accessTokenLifespan: 120",
        ),
        (Address.client("nordwind-handel", "api-client-foreign"), "", "clients:"),
        (Address.realm("nt24-idp"), "spec.secretRotation.overlap", "overlap: 48h"),
    ],
)
def test_a_field_is_found_at_its_key(sources: Sources, address: Address, path: str, start: str) -> None:
    assert line_at(sources, address, path).startswith(start)


def test_a_resource_without_a_manifest_has_no_place(sources: Sources) -> None:
    assert sources.at(Address.organization("foreign")) is None


@pytest.mark.parametrize("path", ["spec", "spec.clients[0].clientId", 'metadata.labels["a.b"]', '["\\u001b"].x[1]'])
def test_a_path_prints_as_it_was_written(path: str) -> None:
    steps = [int(step) if step.isdecimal() else step for step in path_steps(path)]
    assert path_text(steps) == path
