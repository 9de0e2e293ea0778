"""Nobody follows the run: nothing is shown, and a question is answered with no."""

from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.model.change import Change
from reconciler.model.outcome import Outcome
from reconciler.model.plan import Plan
from reconciler.ports import Events, Progress
from reconciler.ports.run_events import RunEvent, Stage


class Unattended(Events, Progress):
    """Implement the port ``Events`` for programs that want the result alone; override what you want to hear."""

    def tell(self, event: RunEvent) -> None:
        """Drop it."""

    @contextmanager
    def during(self, stage: Stage) -> Iterator[Progress]:  # noqa: ARG002  (nobody looks)
        """Show nothing."""
        yield self

    async def confirm(self, plan: Plan) -> bool:  # noqa: ARG002  (nobody is there)
        """Say no: who wants a plan carried out without a question does not let it ask."""
        return False

    def started(self, change: Change) -> None:
        """Drop it."""

    def finished(self, outcome: Outcome) -> None:
        """Drop it."""

    def waiting(self, left: int, waited: float) -> None:
        """Drop it."""
