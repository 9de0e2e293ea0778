"""What a change cannot put back, although its fields will be as they were."""

from collections.abc import Iterable, Iterator

from reconciler.model.address import Kind
from reconciler.model.change import Change
from reconciler.model.finding import Code, FieldStatus, Finding, Severity


def hazard_findings(changes: Iterable[Change]) -> Iterator[Finding]:
    """Yield the clients whose secret is gone: Keycloak drops it when a client is made public (measured on 26.7.5)."""
    for change in changes:
        if change.address.kind is Kind.CLIENT and (change.before or {}).get("keycloak.publicClient") is True:
            yield Finding(
                change.address,
                Code.SECRET_LOST,
                Severity.WARNING,
                FieldStatus.DRIFTED,
                "Somebody made the client public, which destroyed its secret. It gets a new one with this change.",
                "Give the new secret to the system that uses the client: it is refused until then.",
            )
