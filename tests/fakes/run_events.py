"""Somebody who follows a run in tests: remembers what was told, and answers as the test says."""

from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.model.plan import Plan
from reconciler.ports import Events, Progress
from reconciler.ports.run_events import RunEvent, Stage
from tests.fakes.runtime import SilentProgress


class RememberedEvents(Events):
    """Remember in ``order`` what happened: names of events and stages, and ``confirm`` for the question."""

    def __init__(self, *, answer: bool = True) -> None:
        self.answer = answer
        self.told: list[RunEvent] = []
        self.order: list[str] = []

    def tell(self, event: RunEvent) -> None:
        self.told.append(event)
        self.order.append(type(event).__name__)

    @contextmanager
    def during(self, stage: Stage) -> Iterator[Progress]:
        self.order.append(type(stage).__name__)
        yield SilentProgress()

    async def confirm(self, plan: Plan) -> bool:
        self.order.append("confirm")
        return self.answer
