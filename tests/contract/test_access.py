"""What :mod:`tests.properties.test_access` holds on the fake, for some cases, on both servers."""

from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, cast

import pytest

from reconciler.app import workflow
from reconciler.kinds.client import representation as client
from reconciler.model.manifest import DesiredState
from reconciler.model.outcome import Applied
from reconciler.model.plan import Plan
from reconciler.plan.context import Context
from reconciler.ports import AdminApi, Systems
from tests.builders import OWNER, a_realm
from tests.fakes.runtime import FakeClock, MemoryJournal, SilentProgress
from tests.fakes.traffic import Traffic
from tests.properties.changes_of_names import Case, a_case
from tests.properties.test_access import an_error, keeping_access

pytestmark = pytest.mark.anyio

CASES = 20


class _Watched:
    """An Admin API whose requests go through a line that may break."""

    def __init__(self, admin: AdminApi) -> None:
        self.traffic = Traffic()
        self._admin = admin

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        method = getattr(self._admin, name)

        async def sent(*arguments: Any, **named: Any) -> Any:
            before, after = self.traffic.strike(name, lambda: repr((arguments, named)))
            if before is not None:
                raise before
            answer = await method(*arguments, **named)
            if after is not None:
                raise after
            return answer

        return sent


class _Realm:
    """A realm that is brought from one state to another."""

    def __init__(self, admin: AdminApi, name: str) -> None:
        self.line = _Watched(admin)
        self._admin = admin
        self._name = name
        self._systems = Systems(cast("AdminApi", self.line), None, FakeClock())

    async def plan(self, wanted: DesiredState, *, soft: bool = False) -> Plan:
        here = wanted.model_copy(update={"realm": a_realm(self._name)})
        context = Context(self._name, OWNER, soft_delete=soft, allow_delete=not soft)
        return await workflow.plan(here, self._systems, context)

    async def apply(self, plan: Plan) -> Applied:
        return await workflow.apply(plan, self._systems, MemoryJournal(), SilentProgress(), 4)

    async def with_access(self) -> dict[str, str]:
        """Return the clients whose service account is in one organization only, and in one that is enabled."""
        enabled = {each["alias"]: each["enabled"] for each in await self._admin.organizations()}
        found: dict[str, str] = {}
        for each in await self._admin.clients():
            if each["clientId"].startswith("api-client-") and each["enabled"] and each["serviceAccountsEnabled"]:
                seen = await client.read(self._admin, "", each["clientId"])
                homes = seen.organizations if seen and isinstance(seen.organizations, tuple) else ()
                if len(homes) == 1 and enabled[homes[0]]:
                    found[each["id"]] = each["clientId"]
        return found


async def check(realm: _Realm, case: Case, nth: int) -> None:
    """Carry a case out with one of its writes failing, and then without; the realm may be in any state before."""
    begun = await realm.apply(await realm.plan(case.before))
    assert begun.is_complete, [(str(o.change.address), o.detail) for o in begun.outcomes if o.detail]
    had = await realm.with_access()
    must = {uuid: ids for uuid, name in had.items() for ids in keeping_access(case) if name in ids}
    plan = await realm.plan(case.after, soft=case.soft)
    writes = max(sum(len(change.steps) for change in plan.changes), 1)
    realm.line.traffic.forget()
    realm.line.traffic.refuse(an_error(nth), nth=1 + nth % writes, after=nth // 4 % 2 == 1)
    await realm.apply(plan)
    realm.line.traffic.forget()
    now = await realm.with_access()
    assert not {uuid: ids for uuid, ids in must.items() if now.get(uuid) not in ids}
    done = await realm.apply(await realm.plan(case.after, soft=case.soft))
    assert done.is_complete, [(str(o.change.address), o.detail) for o in done.outcomes if o.detail]
    assert (await realm.plan(case.after, soft=case.soft)).is_empty


async def test_no_failing_write_leaves_a_client_without_the_access_that_it_shall_keep(
    keycloak: AdminApi, realm_name: str, sampled: Callable[[int], int]
) -> None:
    realm = _Realm(keycloak, realm_name)
    for number in range(0, CASES, sampled(4)):
        case = a_case(Random(number))
        await check(realm, case, number)
