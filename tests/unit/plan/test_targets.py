"""A target that names nothing is refused: a typing mistake must not pass for success."""

from dataclasses import replace

import pytest

from reconciler.app import workflow
from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.plan import Plan
from reconciler.plan.targets import check_targets, naming
from tests.builders import a_client, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

ACME, BETA = an_organization("acme"), an_organization("beta")
NAMED = [
    Address.organization("acme"),
    Address.client("acme", "api-client-acme"),
    Address.organization("beta"),
    Address.client("beta", "api-client-beta"),
]


@pytest.mark.parametrize("target", NAMED, ids=str)
async def test_what_is_declared_or_live_can_be_named(target: Address) -> None:
    world = await World(effective=False).settled(desired(ACME, BETA, realm=a_realm()))
    declared = desired(ACME, realm=a_realm())
    check_targets(declared, await world.plan(declared, target))


@pytest.mark.parametrize(
    ("target", "close"),
    [
        (Address.organization("acne"), "organization/acme"),
        (Address.client("acme", "api-client-acne"), "client/acme/api-client-acme"),
        (Address.webhook("acme", "orders"), ""),
    ],
    ids=str,
)
async def test_what_is_nowhere_is_refused_with_what_is_close(target: Address, close: str) -> None:
    world = await World(effective=False).settled(desired(ACME, realm=a_realm()))
    declared = desired(ACME, realm=a_realm())
    with pytest.raises(WrongUsage, match=str(target)) as refused:
        check_targets(declared, await world.plan(declared, target))
    assert close in (refused.value.remedy or "")


async def test_what_a_target_needs_is_proven_without_all_else_that_it_contains() -> None:
    wanted = desired(an_organization(clients=(a_client("api-client-a"), a_client("api-client-b"))), realm=a_realm())
    world = await World().settled(desired(realm=a_realm()))
    context = world.context(Address.client("acme", "api-client-a"))
    plan = await workflow.plan(wanted, world.systems, context)
    await world.execute(plan)

    look = workflow.replanned(wanted, world.systems, context)
    verification = await workflow.prove(plan, look, world.systems, world.progress, 10.0)

    assert [str(each.address) for each in plan.changes] == ["organization/acme", "client/acme/api-client-a"]
    assert (verification.is_proven, verification.residual) == (True, ())


UUID = str(ACME.spec.organization_uuid)
NAMED_SO = an_organization(UUID)


@pytest.mark.parametrize("option", ["targets", "exclude"])
@pytest.mark.parametrize(
    ("name", "declared", "live", "meant"),
    [
        (UUID, [ACME], [ACME], "acme"),
        (UUID.upper(), [ACME], [], "acme"),
        (UUID.replace("-", ""), [ACME], [ACME], UUID.replace("-", "")),
        (f"{{{UUID}}}", [ACME], [ACME], f"{{{UUID}}}"),
        (UUID, [BETA], [BETA, NAMED_SO], UUID),
        (UUID, [NAMED_SO], [NAMED_SO], UUID),
        (UUID, [ACME, NAMED_SO], [], ""),
        (UUID, [ACME], [ACME, NAMED_SO], ""),
        (UUID, [ACME], [NAMED_SO], ""),
    ],
)
async def test_a_uuid_names_an_organization_unless_another_is_called_so(
    option: str, name: str, declared: list[IntegrationOrganization], live: list[IntegrationOrganization], meant: str
) -> None:
    world = await World(effective=False).settled(desired(*live, realm=a_realm()))
    wanted, written = desired(*declared, realm=a_realm()), (Address.organization(name),)

    async def planned() -> Plan:
        given = replace(world.context(), **{option: written})  # type: ignore[arg-type]
        return await workflow.plan(wanted, world.systems, naming(given, wanted))

    if not meant:
        with pytest.raises(WrongUsage, match="ambiguous"):
            await planned()
        return
    plan = await planned()
    assert (plan.targets or plan.excluded) == (Address.organization(meant),)


MOVED = desired(
    an_organization("acme", clients=()),
    an_organization("beta", clients=(a_client("api-client-acme"),)),
    realm=a_realm(),
)


@pytest.mark.parametrize("home", ["acme", "beta"])
async def test_what_moves_is_named_by_its_old_home_and_by_its_new_one(home: str) -> None:
    world = await World(effective=False).settled(desired(ACME, an_organization("beta", clients=()), realm=a_realm()))
    context = naming(world.context(Address.client(home, "api-client-acme")), MOVED)
    plan = await workflow.plan(MOVED, world.systems, context)

    check_targets(MOVED, plan)
    assert Address.client("beta", "api-client-acme") in {change.address for change in plan.changes}


async def test_a_home_that_a_client_never_had_is_refused_with_the_one_that_it_has() -> None:
    world = await World(effective=False).settled(MOVED)
    context = naming(world.context(Address.client("acme", "api-client-acme")), MOVED)
    with pytest.raises(WrongUsage) as refused:
        check_targets(MOVED, await workflow.plan(MOVED, world.systems, context))
    assert refused.value.remedy == "Did you mean client/beta/api-client-acme?"
