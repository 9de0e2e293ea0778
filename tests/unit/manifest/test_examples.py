"""The examples are valid, and agree with each other."""

import asyncio
import json
from pathlib import Path
from uuid import UUID

import pytest

from reconciler.manifest.load import load
from reconciler.manifest.write import manifest_text
from reconciler.model.finding import Finding
from reconciler.model.manifest import IntegrationOrganization, Partner, Realm
from tests.fakes.world import World

EXAMPLES = Path(__file__).parents[3] / "examples"
FILES = sorted(EXAMPLES.glob("*.yaml"))


def test_all_examples_together_are_valid() -> None:
    desired = load([EXAMPLES]).desired
    assert [organization.name for organization in desired.organizations] == [
        "acme-motors",
        "casa-auto",
        "nordwind-handel",
    ]
    assert desired.realm is not None
    assert desired.realm.name == "nt24-idp"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_example_starts_with_the_line_for_editors(file: Path) -> None:
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=../schema/manifest.schema.json"
    assert (file.parent / first.partition("=")[2]).exists()


def test_every_partner_is_in_the_directory_of_partners() -> None:
    directory = json.loads((EXAMPLES / "partners.json").read_text(encoding="utf-8"))
    known = {Partner(uuid=UUID(uuid), **entry) for uuid, entry in directory.items()}
    named = {
        each
        for organization in load([EXAMPLES]).desired.organizations
        for each in organization.spec.authorized_partners
    }
    assert named == known


def test_whoever_applies_the_examples_is_warned_of_nothing() -> None:
    async def findings() -> list[tuple[Finding, ...]]:
        world, desired = World(), load([EXAMPLES]).desired
        known = json.loads((EXAMPLES / "partners.json").read_text(encoding="utf-8"))
        world.platform.directory.update({uuid: (each["name"], each["country"]) for uuid, each in known.items()})
        before = await world.plan(desired)
        await world.settled(desired)
        return [before.findings, (await world.plan(desired)).findings]

    assert asyncio.run(findings()) == [(), ()]


def test_an_example_written_again_loads_back_equal(tmp_path: Path) -> None:
    desired = load([EXAMPLES]).desired
    assert desired.realm is not None
    manifests: list[IntegrationOrganization | Realm] = [desired.realm, *desired.organizations]
    for manifest in manifests:
        (tmp_path / f"{manifest.name}.yaml").write_text(manifest_text(manifest, schema="x.json"), encoding="utf-8")
    assert load([tmp_path]).desired == desired
