"""Deliver the secrets of clients that were just created. Keycloak keeps them: one that fails is delivered later."""

from dataclasses import replace

from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.model.errors import ReconcilerError
from reconciler.model.outcome import Applied, Outcome, Status
from reconciler.model.rotation import RotationStep
from reconciler.ports import Journal, Secret, SecretApi, SecretSink


class NotedSink:
    """A sink that remembers where each secret went, and no secret."""

    def __init__(self, sink: SecretSink) -> None:
        self.title = sink.title
        self.check = sink.check
        self._sink = sink
        self._places: dict[Address, str] = {}

    async def deliver(self, name: Address, secret: Secret) -> str:
        """Deliver the secret, and remember where."""
        self._places[name] = await self._sink.deliver(name, secret)
        return self._places[name]

    def noted(self, applied: Applied) -> Applied:
        """Return how the changes ended, with where the secrets went that were delivered."""
        outcomes = (replace(each, secret_in=self._places.get(each.change.address, "")) for each in applied.outcomes)
        return replace(applied, outcomes=tuple(outcomes))


async def deliver_new(applied: Applied, secrets: SecretApi, sink: SecretSink, journal: Journal) -> Applied:
    """Return how the changes ended, a creation as failed where the new client's secret was not delivered."""
    # One after the other: a sink may be one file.
    outcomes = [
        await _delivered(outcome, secrets, sink, journal) if _is_new_client(outcome) else outcome
        for outcome in applied.outcomes
    ]
    return replace(applied, outcomes=tuple(outcomes))


def _is_new_client(outcome: Outcome) -> bool:
    change = outcome.change
    return outcome.status is Status.DONE and change.action is Action.CREATE and kind_of(change.address).logs_in


async def _delivered(outcome: Outcome, secrets: SecretApi, sink: SecretSink, journal: Journal) -> Outcome:
    address = outcome.change.address
    remedy = f"It is not lost: reconciler rotate deliver {address.name}."
    try:
        journal.record(address, RotationStep.DELIVER_SECRET, "STARTED")
        current, _ = await secrets.secrets_of(address.name)
        if current is None:
            detail = "The client was created, but its secret cannot be read in Keycloak."
            return replace(outcome, status=Status.FAILED, detail=detail, remedy=remedy)
        await sink.deliver(address, current)
        journal.record(address, RotationStep.DELIVER_SECRET, "DONE")
    except ReconcilerError as error:
        detail = f"The client was created, but its secret was not delivered: {error.message}"
        return replace(outcome, status=Status.FAILED, detail=detail, remedy=remedy)
    return outcome
