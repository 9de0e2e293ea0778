"""Whether an answer is whole is known in any case: nothing may follow from an event that was not listed."""

from typing import Any

import pytest

from reconciler.events.reading import MOST_EVENTS, EventAnswer, EventQuery, newest_first, read_events
from reconciler.model.attribution import AdminEvent
from reconciler.model.errors import AccessRefused, RequestFailed, Unreachable
from reconciler.ports import AdminApi
from tests.unit.events.recorded import an_event

pytestmark = pytest.mark.anyio

EVENTS = tuple(an_event("UPDATE", "CLIENT", f"clients/{number}", time=number) for number in range(3))
NEWEST = tuple(reversed(EVENTS))


class Admin:
    """EventAnswer each question with all events, at most as many as are asked for; or fail."""

    def __init__(self, *failures: Exception | None) -> None:
        self.failures = list(failures)
        self.asked: list[dict[str, Any]] = []

    async def events(self, since: int = 0, **asked: Any) -> tuple[AdminEvent, ...]:
        self.asked.append({"since": since, **asked})
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure
        return NEWEST[: asked["limit"] or None]


async def read(admin: Admin, *questions: EventQuery) -> EventAnswer:
    port: AdminApi = admin  # type: ignore[assignment]
    return await read_events(port, *questions)


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        (EventQuery(), True),
        (EventQuery(most=4), True),
        (EventQuery(most=3), False),
        (EventQuery(most=2), False),
        (EventQuery(most=1), False),
        (EventQuery(most=0), True),
        (EventQuery(newest=1), True),
        (EventQuery(newest=3), True),
        (EventQuery(newest=3, most=3), True),
    ],
)
async def test_as_many_events_as_are_read_at_most_may_not_be_all(question: EventQuery, whole: bool) -> None:
    for questions in ((question,), (EventQuery(), question), (question, EventQuery())):
        answer = await read(Admin(), *questions)
        assert (answer.is_whole, answer.is_cut, answer.failure) == (whole, not whole, "")


async def test_what_is_asked_is_asked_as_it_is() -> None:
    admin = Admin()
    await read(
        admin, EventQuery("p*", ("CLIENT",), ("CREATE",), 7, keys=("k",)), EventQuery(newest=2), EventQuery(most=0)
    )
    first, second, third = admin.asked
    asked = {"path": "p*", "resources": ("CLIENT",), "operations": ("CREATE",), "since": 7, "keys": ("k",)}
    assert first == {**asked, "limit": MOST_EVENTS}
    rest = {"path": "", "resources": (), "operations": (), "since": 0, "keys": None}
    assert (second, third) == ({**rest, "limit": 2}, {**rest, "limit": 0})


@pytest.mark.parametrize("failed", [AccessRefused, RequestFailed])
async def test_where_one_question_has_no_answer_there_is_none_at_all(
    failed: type[AccessRefused | RequestFailed],
) -> None:
    answer = await read(Admin(None, failed("403.", remedy="Give it.")), EventQuery(), EventQuery())
    assert (answer.events, answer.is_whole) == ((), False)
    assert answer.failure == "the admin events cannot be read: 403."
    assert answer.remedy == "Give it."


async def test_a_server_that_cannot_be_reached_fails_the_run() -> None:
    with pytest.raises(Unreachable):
        await read(Admin(Unreachable("It is away.")), EventQuery())


def test_each_event_is_listed_once_the_newest_first() -> None:
    assert newest_first([*EVENTS, *EVENTS]) == NEWEST
    same = [an_event("UPDATE", "CLIENT", "clients/1", time=5) for _ in range(2)]
    assert newest_first(reversed(same)) == tuple(same)


def test_events_without_ids_are_not_taken_for_one() -> None:
    nameless = [AdminEvent("", each.time, each.operation, each.resource, each.path, each.actor) for each in EVENTS]
    assert newest_first(nameless) == tuple(reversed(nameless))
