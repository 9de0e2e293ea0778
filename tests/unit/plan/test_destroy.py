"""Plans that destroy what is declared, and plans that leave something out."""

from dataclasses import replace

import pytest

from reconciler.app import workflow
from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.model.errors import WrongUsage
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import ReadFailure
from reconciler.model.plan import Plan
from reconciler.plan.guards import needed_options
from reconciler.plan.targets import check_targets
from reconciler.review.plan_file import parse_plan
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_text import plan_text
from tests.builders import a_client, a_realm, a_webhook, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio
ACME = an_organization("acme", clients=(a_client("api-client-a"), a_client("api-client-b")), webhooks=(a_webhook(),))
BETA = an_organization("beta", clients=(a_client("api-client-c"),))
BOTH = desired(ACME, BETA, realm=a_realm())
MOVED = desired(
    ACME.model_copy(update={"spec": ACME.spec.model_copy(update={"clients": ACME.spec.clients[1:]})}),
    an_organization("beta", clients=(*BETA.spec.clients, ACME.spec.clients[0])),
    realm=a_realm(),
)
OF_ACME = {"organization/acme", "client/acme/api-client-a", "client/acme/api-client-b", "webhook/acme/compliance"}
OF_BETA = {"organization/beta", "client/beta/api-client-c"}


async def planned(world: World, wanted: DesiredState = BOTH, *targets: str, **context: object) -> Plan:
    meant = replace(world.context(*map(Address.of, targets)), **context)  # type: ignore[arg-type]
    return await workflow.plan(wanted, world.systems, meant)


def excluding(*names: str) -> tuple[Address, ...]:
    return tuple(map(Address.of, names))


def written(plan: Plan) -> set[str]:
    return {str(change.address) for change in plan.changes}


@pytest.mark.parametrize(
    ("targets", "gone"),
    [
        ((), OF_ACME | OF_BETA),
        (("organization/acme",), OF_ACME),
        (("acme",), OF_ACME),
        (("*",), OF_ACME | OF_BETA),
        (("beta",), OF_BETA),
        (("client/acme/api-client-b",), {"client/acme/api-client-b"}),
        (("api-client-c",), {"client/beta/api-client-c"}),
        (("webhook/acme/compliance",), {"webhook/acme/compliance"}),
    ],
)
async def test_destroying_deletes_what_is_meant_and_nothing_else(targets: tuple[str, ...], gone: set[str]) -> None:
    world = await World().settled(BOTH)

    plan = await planned(world, BOTH, *targets, destroy=True)

    assert written(plan) == gone
    assert {change.action for change in plan.changes} == {Action.DELETE}
    assert not any(change.blocked for change in plan.changes)
    assert "--allow-delete" in needed_options(plan)
    assert "Planned as if no manifest declared it (--destroy)." in plan_text(plan)
    assert parse_plan(plan_json(plan), "x").plan.destroys


async def test_what_moves_out_of_what_is_destroyed_is_proven_where_it_is() -> None:
    world = await World().settled(BOTH)
    context = replace(world.context(Address.of("acme")), destroy=True)
    plan = await workflow.plan(MOVED, world.systems, context)
    assert written(plan) == OF_ACME - {"client/acme/api-client-a"} | {"client/beta/api-client-a"}
    assert (await world.execute(plan)).is_complete

    look = workflow.replanned(MOVED, world.systems, context)
    verification = await workflow.prove(plan, look, world.systems, world.progress, 10.0)

    assert (verification.is_proven, verification.residual) == (True, ())


async def test_destroying_is_done_once() -> None:
    world = await World().settled(BOTH)
    await world.execute(await planned(world, BOTH, "acme", destroy=True))

    again = await planned(world, BOTH, "acme", destroy=True)

    assert again.is_empty
    check_targets(BOTH, again)
    assert world.platform.endpoints is not None


async def test_what_others_own_and_what_nobody_manages_is_never_destroyed() -> None:
    world = await World(owner="other").settled(BOTH)
    world.owner = "ours"

    assert (await planned(world, destroy=True)).is_empty


async def test_what_is_gone_from_the_manifests_is_destroyed_with_the_rest() -> None:
    world = await World().settled(BOTH)

    assert written(await planned(world, desired(BETA), destroy=True)) == OF_ACME | OF_BETA
    assert written(await planned(world, DesiredState(), destroy=True)) == OF_ACME | OF_BETA


@pytest.mark.parametrize("is_applied", [False, True])
async def test_what_is_protected_is_blocked_and_the_rest_goes(is_applied: bool) -> None:
    kept = ACME.model_copy(update={"lifecycle": ACME.lifecycle.model_copy(update={"prevent_destroy": True})})
    now = desired(kept, BETA, realm=a_realm())
    world = await World().settled(now if is_applied else BOTH)

    plan = await planned(world, now, destroy=True)

    blocked = {str(change.address) for change in plan.changes if change.blocked}
    assert (blocked, written(plan) - blocked) == (OF_ACME, OF_BETA)


@pytest.mark.parametrize(
    ("excluded", "left"),
    [
        (("organization/acme",), OF_BETA),
        (("acme",), OF_BETA),
        (("client/*/api-client-c",), OF_ACME | {"organization/beta"}),
        (("*",), set()),
        (("organization/a*", "api-client-c"), {"organization/beta"}),
    ],
)
async def test_what_is_excluded_is_not_written_and_neither_is_what_needs_it(
    excluded: tuple[str, ...], left: set[str]
) -> None:
    world = await World().settled(desired(realm=a_realm()))

    plan = await planned(world, exclude=excluding(*excluded))

    assert written(plan) == left
    assert {str(each) for each in plan.left_out} == (OF_ACME | OF_BETA) - left
    assert f"Not the whole: --exclude leaves out {', '.join(map(str, excluding(*excluded)))} (" in plan_text(plan)
    again = parse_plan(plan_json(plan), "x").plan
    assert (again.excluded, again.left_out) == (plan.excluded, plan.left_out)
    check_targets(BOTH, plan)


@pytest.mark.parametrize(
    "name", ["acme", "beta", "client/acme/api-client-a", "client/beta/api-client-a", "a*", "api-client-a"]
)
async def test_what_is_excluded_is_left_alone_on_either_side_of_a_move(name: str) -> None:
    world = await World().settled(BOTH)
    assert written(await planned(world, MOVED)) == {"client/beta/api-client-a"}

    plan = await planned(world, MOVED, exclude=excluding(name))

    assert (written(plan), {str(each) for each in plan.left_out}) == (set(), {"client/beta/api-client-a"})
    assert plan.findings == ()
    look = workflow.replanned(MOVED, world.systems, replace(world.context(), exclude=excluding(name)))
    assert (await workflow.prove(plan, look, world.systems, world.progress, 10.0)).is_proven
    check_targets(MOVED, plan)


@pytest.mark.parametrize("name", ["acmee", "client/acme/api-client-c", "zzz*"])
async def test_what_could_not_be_read_excuses_no_exclusion_of_nothing(name: str) -> None:
    world = await World().settled(BOTH)
    plan = replace(await planned(world, exclude=excluding(name)), read_failures=(ReadFailure("x", "403"),))

    with pytest.raises(WrongUsage, match="--exclude"):
        check_targets(BOTH, plan)


async def test_what_needs_what_is_excluded_stays_when_it_is_destroyed() -> None:
    world = await World().settled(BOTH)

    plan = await planned(world, BOTH, "acme", destroy=True, exclude=excluding("api-client-a"))

    assert "organization/acme" not in written(plan)
    assert "client/acme/api-client-b" in written(plan)


async def test_nothing_left_out_is_still_not_the_whole() -> None:
    world = await World().settled(BOTH)

    plan = await planned(world, exclude=excluding("acme"))

    assert plan.is_empty
    assert "Not the whole: --exclude leaves out organization/acme." in plan_text(plan)


async def test_a_finding_of_what_is_excluded_is_not_said() -> None:
    world = await World().settled(BOTH)
    world.platform.overrides["api-client-c"] = lambda answer: answer | {"name": "Another"}

    assert [f.address.alias for f in (await planned(world)).findings] == ["beta"]
    assert not (await planned(world, exclude=excluding("beta"))).findings


@pytest.mark.parametrize(
    ("name", "words"),
    [("acmee", "Did you mean organization/acme?"), ("client/acme/*-x", "--exclude client/acme/*-x"), ("zzz*", "zzz*")],
)
async def test_excluding_nothing_is_wrong_usage(name: str, words: str) -> None:
    world = await World().settled(BOTH)
    plan = await planned(world, exclude=excluding(name))

    with pytest.raises(WrongUsage) as error:
        check_targets(BOTH, plan)

    assert words in f"{error.value.message} {error.value.remedy}"
