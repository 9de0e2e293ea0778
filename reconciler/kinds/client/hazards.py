"""What a client's change cannot put back, although its fields will be as they were."""

from collections.abc import Iterator

from reconciler.model.change import Change
from reconciler.model.finding import Code, FieldStatus, Finding, Severity


def hazards(change: Change) -> Iterator[Finding]:
    """Yield that its secret is gone: Keycloak drops it when a client is made public (measured on 26.7.5)."""
    if (change.before or {}).get("keycloak.publicClient") is True:
        yield Finding(
            change.address,
            Code.SECRET_LOST,
            Severity.WARNING,
            FieldStatus.DRIFTED,
            "Somebody made the client public, which destroyed its secret. It gets a new one with this change.",
            "Give the new secret to the system that uses the client: it is refused until then.",
        )
