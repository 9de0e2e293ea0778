"""Use cases that only read, or ask nobody."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.app.drift import DriftRequest, Watch, drift
from reconciler.app.me import MePorts, MeRequest, me
from reconciler.app.plan import PlanRequest, plan
from reconciler.app.review import approval, reviewed, shown
from reconciler.app.rotate import StatusRequest, rotation_status
from reconciler.app.unattended import Unattended
from reconciler.app.validate import validate
from reconciler.manifest.load import load
from reconciler.manifest.write import manifest_text
from reconciler.model.errors import NotFound, PolicyRefused, ReconcilerError, WrongUsage
from reconciler.model.observed import Effective
from reconciler.model.policy import Condition, PlacedPolicy, Policy, PolicyEffect
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.review.formats import Format, render
from reconciler.review.plan_file import parse_plan
from reconciler.review.plan_json import plan_json
from reconciler.review.subject import Subject
from tests.builders import a_client, a_realm, an_organization, desired
from tests.fakes.run_events import RememberedEvents
from tests.fakes.world import World

pytestmark = pytest.mark.anyio
WANTED = desired(an_organization("acme", clients=(a_client("api-client-acme"),)), realm=a_realm())
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def a_policy(effect: PolicyEffect) -> PlacedPolicy:
    return PlacedPolicy(Policy(name="two", when=Condition(), then=effect, message="No."), "x:1")


async def a_plan() -> str:
    return plan_json(await World(effective=False).plan(WANTED))


async def test_each_client_has_an_answer_or_the_reason_why_there_is_none() -> None:
    world, events = World(), RememberedEvents()
    await world.settled(WANTED)
    assert world.systems.platform is not None
    request = MeRequest(("api-client-acme", "api-client-gone"), "nt24-idp")

    found = await me(request, MePorts(world.systems.platform, world.systems.admin), events)

    answers = dict(found.answers)
    assert list(answers) == ["api-client-acme", "api-client-gone"]
    assert isinstance(answers["api-client-acme"], Effective)
    assert isinstance(answers["api-client-gone"], NotFound)
    assert not found.on_mock
    assert events.order == ["Reading"]


async def test_the_status_of_rotations_is_that_of_the_clients_that_are_managed() -> None:
    world = World()
    await world.settled(WANTED)

    found = await rotation_status(StatusRequest(WANTED, world.context().owner), world.systems, RememberedEvents())

    assert [str(each.rotation.address) for each in found.clients] == ["client/acme/api-client-acme"]
    assert found.at == world.clock.now()


async def test_manifests_are_valid_or_have_problems(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(manifest_text(an_organization("acme")), encoding="utf-8")
    found = validate([file])
    assert (found.loaded is not None, found.problems) == (True, ())

    file.write_text("kind: Nonsense\n", encoding="utf-8")
    found = validate([file])
    assert found.loaded is None
    assert found.problems


async def test_an_approval_is_of_the_plan_as_it_was_saved_for_the_policies_that_ask() -> None:
    found = reviewed(await a_plan(), "a.plan", (a_policy(PolicyEffect.REQUIRE_APPROVAL),), "")

    given = approval(found, "eve", AT, "looked at")

    assert (given.fingerprint, given.policies, given.approved_by) == (found.saved.fingerprint, ("two",), "eve")


@pytest.mark.parametrize(
    ("policies", "error"),
    [((), WrongUsage), ((a_policy(PolicyEffect.DENY),), PolicyRefused)],
    ids=["none asks", "one denies"],
)
async def test_what_needs_no_approval_or_can_have_none_is_not_approved(
    policies: tuple[PlacedPolicy, ...], error: type[ReconcilerError]
) -> None:
    found = reviewed(await a_plan(), "a.plan", policies, "")
    with pytest.raises(error):
        approval(found, "eve", AT)


async def test_a_saved_plan_is_shown_as_it_is() -> None:
    saved, subject = shown(await a_plan(), "a.plan")
    assert subject is Subject.PLAN
    assert [str(change.address) for change in saved.plan.changes][-1] == "client/acme/api-client-acme"


async def test_drift_and_plan_point_at_the_line_that_declares_what_differs(tmp_path: Path) -> None:
    manifest = an_organization("acme", clients=(a_client("api-client-acme"),))
    (tmp_path / "acme.yaml").write_text(manifest_text(manifest), encoding="utf-8")
    (tmp_path / "realm.yaml").write_text(manifest_text(a_realm()), encoding="utf-8")
    loaded, world = load((tmp_path,)), World()
    await world.settled(loaded.desired)
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    changed = {**organization["attributes"], "allowKycDocumentDownload": ["true"]}
    await world.keycloak.update_organization(organization["id"], {**organization, "attributes": changed})

    watched = DriftRequest(loaded.desired, world.context(), Watch(), loaded.sources, tmp_path)
    drifted = (await drift(watched, world.systems, RememberedEvents())).drift
    planned = await plan(
        PlanRequest(loaded=loaded, context=world.context(), root=tmp_path), world.systems, Unattended()
    )

    for found, subject in ((drifted, Subject.DRIFT), (planned, Subject.PLAN)):
        results = json.loads(render(found, Format.SARIF, subject))["runs"][0]["results"]
        places = [each["locations"][0]["physicalLocation"] for each in results]
        assert places
        assert {each["artifactLocation"]["uri"] for each in places} == {"acme.yaml"}
        assert all(each["region"]["startLine"] > 1 for each in places)


async def test_a_plan_says_in_every_format_what_was_not_read_and_any_text_that_is_live(tmp_path: Path) -> None:
    for each in (*WANTED.organizations, WANTED.realm):
        assert each is not None
        (tmp_path / f"{each.name}.yaml").write_text(manifest_text(each), encoding="utf-8")
    (tmp_path / "other.yaml").write_text("apiVersion: v1\nkind: ConfigMap\n", encoding="utf-8")
    world = World(effective=False)
    await world.settled(WANTED)
    live = await world.systems.admin.find_client("api-client-acme")
    assert live is not None
    odd = "a\u2028b\u0085c\0d\ufffd"
    await world.systems.admin.update_client(live["id"], {**live, "description": odd})

    found = await plan(
        PlanRequest(loaded=load([tmp_path]), context=world.context(), root=tmp_path), world.systems, RememberedEvents()
    )

    saved = plan_json(found)
    assert parse_plan(saved, "x").plan == found
    assert [change.before["description"] for change in found.changes if change.before] == [odd]
    for form in Format:
        text = render(found, form)
        text.encode()
        assert "other.yaml: ConfigMap (v1)" in text


async def test_drift_says_in_every_format_what_was_not_read(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(manifest_text(WANTED.organizations[0]), encoding="utf-8")
    (tmp_path / "other.yaml").write_text("apiVersion: v1\nkind: ConfigMap\n", encoding="utf-8")
    world, loaded = World(effective=False), load([tmp_path])
    await world.settled(WANTED)
    request = DriftRequest(loaded.desired, world.context(), Watch(), passed_over=loaded.passed_over)

    found = (await drift(request, world.systems, Unattended())).drift

    assert verdict_of(found) is Verdict.IN_SYNC
    assert all("other.yaml: ConfigMap (v1)" in render(found, form, Subject.DRIFT) for form in Format)
