"""Where a difference comes from: this change of the manifests, or something that was there before it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.address import Address
from reconciler.model.setting_change import SettingChange


class Origin(StrEnum):
    """Say whether a difference would be there without this change of the manifests; closed."""

    THIS_CHANGE = "this-change"
    DRIFT_BEFORE = "drift-before"
    BOTH = "both"


def joined(origins: Iterable[Origin | None]) -> Origin | None:
    """Return the origin of what has parts of these origins; None where that of no part is known."""
    known = {origin for origin in origins if origin is not None}
    return Origin.BOTH if len(known) > 1 else next(iter(known), None)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A difference that the base's manifests would leave, and these do not; ``path`` is empty for a whole resource."""

    address: Address
    path: str = ""


@dataclass(frozen=True, slots=True)
class Base:
    """The revision that a plan tells this change from what was there before by.

    ``name`` is the revision as it was given, ``commit`` what it means. ``unknown`` are the organizations, and the
    realm, whose manifests are invalid there: nothing tells where their differences come from. ``notes`` say, for
    people, what was wrong with the base. ``settings`` are what differs in ``reconciler.yaml`` since then, ``labels``
    those of organizations there, where policies go by them.
    """

    name: str
    commit: str
    resolved: tuple[Resolved, ...] = ()
    unknown: tuple[Address, ...] = ()
    notes: tuple[str, ...] = ()
    head: str = ""
    """What the base is compared with, where no server is: a revision, or the work tree."""
    settings: tuple[SettingChange, ...] = ()
    labels: Mapping[Address, Mapping[str, str]] = field(default_factory=dict)
