"""Lists that are read in pages: of servers that return fewer than asked for, and while objects come and go."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from reconciler.adapters.admin.realm_admin import PAGE
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.keycloak import KeycloakApi
from reconciler.adapters.vault import SecretVault
from reconciler.model.errors import RequestFailed, WrongServer
from tests.unit.adapters.serving import serving

pytestmark = pytest.mark.anyio

Before = Callable[["Lists"], None]


class Lists:
    """Answer each list with the same objects, at most ``cap`` at once; they move ``before`` each page but the first."""

    def __init__(
        self, count: int, cap: int = PAGE, before: Before = lambda _: None, *, knows_offsets: bool = True
    ) -> None:
        self.items: list[dict[str, Any]] = [an_item(number) for number in range(count)]
        self.asked: list[tuple[int, int]] = []
        self._cap = cap
        self._before = before
        self._knows_offsets = knows_offsets

    async def answer(self, request: web.Request) -> web.StreamResponse:
        first, most = int(request.query["first"]), int(request.query["max"])
        self.asked.append((first, most))
        if len(self.asked) > 1:
            self._before(self)
        start = first if self._knows_offsets else 0
        page = self.items[start : start + min(most, self._cap)]
        return web.Response(body=json.dumps(page).encode(), content_type="application/json")


def an_item(number: float) -> dict[str, Any]:
    """Return what may stand in any list: a client, an organization, a user, a role, a group, an event."""
    name = f"{number:09.1f}"
    named = dict.fromkeys(("id", "clientId", "alias", "name"), name)
    return {**named, "username": f"service-account-{name}", "attributes": {}, "time": 1}


@asynccontextmanager
async def asking(lists: Lists) -> AsyncIterator[KeycloakApi]:
    async with serving(lists) as url, ApiClient(Connection("Keycloak", url, attempts=1)) as http:
        yield KeycloakApi(http, "nt24-idp", SecretVault())


READS: dict[str, Callable[[KeycloakApi], Awaitable[tuple[Any, ...]]]] = {
    "clients": lambda api: api.clients(),
    "organizations": lambda api: api.organizations(),
    "members": lambda api: api.members("1"),
    "groups of an organization": lambda api: api.organization_groups("1"),
    "identity providers": lambda api: api.identity_providers(),
    "impostors": lambda api: api.impostors(),
    "linked users": lambda api: api.linked_service_accounts("idp"),
    "roles": lambda api: api.realm_roles(),
    "roles of a client": lambda api: api.client_roles("1"),
    "holders of a role": lambda api: api.role_holders("offline_access"),
    "groups": lambda api: api.groups(),
    "members of a group": lambda api: api.group_members("1"),
    "recorded events": lambda api: api.events(limit=0, resources=("CLIENT",)),
    "latest events": lambda api: api.events(limit=5000),
}
every_list = pytest.mark.parametrize("read", READS.values(), ids=READS)


@every_list
@pytest.mark.parametrize("cap", [1, 2, 7, 100])
async def test_a_server_that_returns_fewer_than_asked_for_is_read_to_the_end(
    read: Callable[[KeycloakApi], Awaitable[tuple[Any, ...]]], cap: int
) -> None:
    async with asking(Lists(23, cap)) as api:
        found = await read(api)
    assert len(found) == 23


async def test_a_full_page_is_followed_by_the_rest() -> None:
    lists = Lists(PAGE + 2)
    async with asking(lists) as api:
        assert len(await api.clients()) == PAGE + 2
    assert lists.asked == [(0, PAGE), (PAGE - 1, PAGE)]


async def test_no_more_is_asked_for_than_the_limit() -> None:
    lists = Lists(30, cap=4)
    async with asking(lists) as api:
        assert len(await api.events(limit=10)) == 10
    assert lists.asked == [(0, 10), (3, 7), (6, 4)]


async def test_what_goes_away_meanwhile_hides_nothing() -> None:
    def lose_the_first(lists: Lists) -> None:
        if len(lists.items) == 20:
            del lists.items[0]

    lists = Lists(20, cap=5, before=lose_the_first)
    async with asking(lists) as api:
        found = [each["id"] for each in await api.organizations()]
    assert found == [each["id"] for each in lists.items]


async def test_what_comes_meanwhile_doubles_nothing() -> None:
    def gain_a_first(lists: Lists) -> None:
        if len(lists.items) < 24:
            lists.items.insert(0, an_item(-len(lists.items)))

    lists = Lists(20, cap=5, before=gain_a_first)
    async with asking(lists) as api:
        found = [each["id"] for each in await api.organizations()]
    assert len(found) == len(set(found))
    assert {an_item(number)["id"] for number in range(20)} <= set(found)


async def test_a_server_that_knows_no_offsets_is_asked_twice() -> None:
    lists = Lists(5, knows_offsets=False)
    async with asking(lists) as api:
        assert len(await api.organizations()) == 5
    assert len(lists.asked) == 2


async def test_a_full_page_that_comes_from_every_offset_is_no_whole_list() -> None:
    async with asking(Lists(PAGE + 1, knows_offsets=False)) as api:
        with pytest.raises(WrongServer, match=f"has the same {PAGE} objects at each offset") as error:
            await api.organizations()
    assert error.value.exit_code == 3


async def test_a_list_that_never_stands_still_is_an_error_and_no_partial_answer() -> None:
    def lose_and_gain(lists: Lists) -> None:
        del lists.items[:3]
        lists.items += [an_item(1000.0 + len(lists.asked) * 10 + more) for more in range(3)]

    async with asking(Lists(20, cap=5, before=lose_and_gain)) as api:
        with pytest.raises(RequestFailed, match="/organizations changed each of the 5 times"):
            await api.organizations()


async def test_small_lists_cost_one_request_each_beside_a_long_one() -> None:
    lists = Lists(200)
    async with asking(lists) as api:
        await api.clients()
        lists.items = lists.items[:3]
        asked = len(lists.asked)
        for _ in range(10):
            assert len(await api.members("1")) == 3
    assert asked == 2, "the first list proves what one page holds"
    assert len(lists.asked) == asked + 10


async def test_longer_lists_of_a_kind_prove_shorter_ones() -> None:
    lists = Lists(50)
    async with asking(lists) as api:
        await api.members("1")
        lists.items = lists.items[:40]
        asked = len(lists.asked)
        assert len(await api.members("2")) == 40
    assert len(lists.asked) == asked + 1
