"""A whole world without a server: fake live systems, and the workflow that runs on them."""

from unittest.mock import patch

from reconciler.app import workflow
from reconciler.model.address import Address
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.outcome import Applied, Verification
from reconciler.model.plan import Plan
from reconciler.plan.context import Context
from reconciler.plan.planner import make_plan
from reconciler.ports import Systems
from tests.builders import OWNER, REALM
from tests.fakes.keycloak import FakeKeycloak
from tests.fakes.platform import FakePlatform
from tests.fakes.runtime import FakeClock, MemoryJournal, MemorySink, SilentProgress


class World:
    """Plan and apply as the commands do."""

    def __init__(
        self, *, owner: str = OWNER, effective: bool = True, expected: Expectations = NOTHING_EXPECTED
    ) -> None:
        self.owner = owner
        self.clock = FakeClock()
        self.keycloak = FakeKeycloak(REALM, self.clock)
        self.platform = FakePlatform(self.keycloak.store, self.clock, traffic=self.keycloak.traffic)
        self.journal = MemoryJournal()
        self.progress = SilentProgress()
        self.sink = MemorySink()
        self._effective = effective
        self.expected = expected

    @property
    def systems(self) -> Systems:
        return Systems(self.keycloak, self.platform if self._effective else None, self.clock, self.sink)

    def context(self, *targets: Address) -> Context:
        return Context(REALM, self.owner, targets, expected=self.expected)

    async def plan(self, desired: DesiredState, *targets: Address) -> Plan:
        return await workflow.plan(desired, self.systems, self.context(*targets))

    async def observe(self, desired: DesiredState, *targets: Address) -> Snapshot:
        """Return what a plan for the manifests is made from."""
        seen: list[Snapshot] = []

        def kept(desired: DesiredState, snapshot: Snapshot, context: Context) -> Plan:
            seen.append(snapshot)
            return make_plan(desired, snapshot, context)

        with patch.object(workflow, "make_plan", kept):
            await self.plan(desired, *targets)
        return seen[0]

    async def execute(self, plan: Plan) -> Applied:
        return await workflow.apply(plan, self.systems, self.journal, self.progress, 4)

    async def apply(self, desired: DesiredState, *targets: Address) -> Applied:
        return await self.execute(await self.plan(desired, *targets))

    async def prove(self, plan: Plan, desired: DesiredState, patience: float = 10.0) -> Verification:
        look = workflow.replanned(desired, self.systems, self.context())
        return await workflow.prove(plan, look, self.systems, self.progress, patience)

    async def settled(self, desired: DesiredState) -> "World":
        """Apply everything, with success, and return the world: the starting point of most tests."""
        applied = await self.apply(desired)
        assert applied.is_complete, [(str(o.change.address), o.detail) for o in applied.outcomes if o.detail]
        self.keycloak.traffic.forget()
        return self
