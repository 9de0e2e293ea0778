"""What is known of a key of a manifest or of ``reconciler.yaml``, of a field of an object in Keycloak, or of a code."""

from dataclasses import dataclass

from reconciler.model.risk import Risk


@dataclass(frozen=True, slots=True)
class KeyExplanation:
    """One key; what does not apply is empty."""

    key: str
    """As ``explain`` takes it: ``client.clientId``."""
    place: str
    """Where it stands in its document."""
    type: str
    description: str
    default: str = ""
    is_required: bool = False
    keycloak: str = ""
    """Where it is in the live system."""
    rule: str = ""
    """What the reconciler's own rules make it."""
    is_effective: bool = False
    """Whether ``GET /v1/me`` shows what is in force."""
    risks: tuple[Risk, ...] = ()
    """What changing it can do, the highest first."""
    event_risks: tuple[Risk, ...] = ()
    """What it means that somebody else changes it, where that differs."""
    keys: tuple["KeyExplanation", ...] = ()
    """What is below it."""


@dataclass(frozen=True, slots=True)
class CodeExplanation:
    """One code that an output prints; where several outputs do, one of its meanings."""

    code: str
    kind: str
    """What it is the code of: a finding, a risk, …"""
    meaning: str
    remedy: str = ""
    """What to do; empty for nothing."""
