"""What NT24 is to be asked for: what only the platform can put right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.model.address import Address
from reconciler.model.expectations import DpaRequirement
from reconciler.model.manifest import Dpa
from reconciler.model.value import Value


def ask_nt24(name: str) -> str:
    """Return, as a sentence, how to get the text that asks NT24 about an organization."""
    return f"reconciler request {name} writes the request."


@dataclass(frozen=True, slots=True)
class Ask:
    """One field that is in force otherwise than the manifest says; partners and the agreement stand apart."""

    path: str
    in_force: Value
    wanted: Value


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is asked about the Data Processing Agreement.

    ``in_force`` is the version that the platform names, None for none. With ``accepted``, NT24 shall record what a
    person accepted; with ``required``, it shall send the version that is missing; with neither, the current one.
    """

    in_force: str | None
    accepted: Dpa | None = None
    required: DpaRequirement | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What NT24 is to be asked for one organization.

    ``seen_as`` is the client whose answer it rests on, empty where all were refused. ``written`` is when Keycloak,
    which has what is wanted, was last written; None where the platform decides it, or nothing tells.
    """

    name: str
    display_name: str
    uuid: str
    clients: tuple[str, ...]
    seen_as: str
    asks: tuple[Ask, ...] = ()
    authorize: tuple[str, ...] = ()
    """UUIDs of partners that are missing, sorted."""
    withdraw: tuple[str, ...] = ()
    """UUIDs of partners that are too many, sorted."""
    agreement: Agreement | None = None
    written: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequestReport:
    """All that is to be asked, and about whom nothing could be said.

    ``unseen`` says why nothing is known of what is in force; ``pending`` are the organizations with changes that are
    not applied yet, and ``recent`` those that were written so lately that the platform may still follow.
    """

    seen_at: datetime
    requests: tuple[Request, ...]
    names: Mapping[str, str]
    unseen: Mapping[Address, str]
    pending: tuple[Address, ...]
    recent: tuple[Address, ...]
    environment: str = ""
    api_url: str = ""
