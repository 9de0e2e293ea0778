"""Fetch admin events: the one place that asks for them, and says whether the answer is whole."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from reconciler.model.attribution import AdminEvent
from reconciler.model.errors import AccessRefused, RequestFailed
from reconciler.ports import AdminApi

MOST_EVENTS: Final = 5000
"""So many events are listed at most where it does not pay to read more."""


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events are asked for; most parts are those of ``AdminApi.events``.

    Of what fits, only the ``newest`` are wanted, 0 for all of them; more than ``most`` are not read, 0 for no bound.
    """

    path: str = ""
    resources: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    since: int = 0
    newest: int = 0
    most: int = MOST_EVENTS
    keys: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """Events, each once, newest first.

    ``failure`` says why they cannot be read, ``remedy`` what to do. ``is_cut`` tells whether older
    ones of those that are wanted may be missing. Only what ``is_whole`` proves that something did not happen.
    """

    events: tuple[AdminEvent, ...] = ()
    failure: str = ""
    remedy: str = ""
    is_cut: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether these are all events that are wanted and that Keycloak has."""
        return not self.failure and not self.is_cut


async def read_events(admin: AdminApi, *questions: EventQuery) -> EventAnswer:
    """Return what answers any of the questions; nothing at all where one of them gets no answer."""
    try:
        listings = await asyncio.gather(*(_ask(admin, question) for question in questions))
    except (RequestFailed, AccessRefused) as error:
        return EventAnswer(failure=f"the admin events cannot be read: {error.message}", remedy=error.remedy)
    pairs = zip(questions, listings, strict=True)
    is_cut = any(not question.newest and 0 < question.most <= len(listing) for question, listing in pairs)
    return EventAnswer(newest_first(event for listing in listings for event in listing), is_cut=is_cut)


async def _ask(admin: AdminApi, question: EventQuery) -> tuple[AdminEvent, ...]:
    return await admin.events(
        question.since,
        limit=question.newest or question.most,
        path=question.path,
        resources=question.resources,
        operations=question.operations,
        keys=question.keys,
    )


def newest_first(events: Iterable[AdminEvent]) -> tuple[AdminEvent, ...]:
    """Return the events, each once, newest first."""
    once = {event.id or f"unnamed {number}": event for number, event in enumerate(events)}
    return tuple(sorted(once.values(), key=lambda event: (-event.time, event.id)))
