"""What adopting an object can take from it: the meaning of one loss, and what is known to be harmless.

What equals Keycloak's own defaults was set by nobody. Those were measured on Keycloak 26.7.5, with clients that were
made by the Admin API, by the admin console (which adds to a client whenever it saves one), by a partial import, and
by an export with its import. Whatever is beyond them may carry a program that runs, unless it is named as harmless.
"""

from dataclasses import dataclass, replace
from typing import Final

from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.value import Value, is_empty


@dataclass(frozen=True, slots=True)
class Loss:
    """What taking something away can do, and whether a program that runs may rely on it."""

    risk: Risk
    is_relied_on: bool
    is_of_off: bool = False
    """Whether it is what is lost where a flag is off, which keeps somebody out."""


@dataclass(frozen=True, slots=True)
class Additions:
    """What others have added to what Keycloak gives every client of the realm."""

    scopes: frozenset[str] = frozenset()
    """Names of Keycloak's own client scopes with a mapper that is not Keycloak's own."""
    default_roles: tuple[str, ...] = ()
    """Roles beyond Keycloak's own that every user holds, a service account, too."""


NO_ADDITIONS: Final = Additions()


def relied_on(level: RiskLevel, code: str, why: str) -> Loss:
    """Return the loss of something that a program may rely on."""
    return Loss(Risk(level, code, why), is_relied_on=True)


def harmless(level: RiskLevel, code: str, why: str) -> Loss:
    """Return the loss of something that no program relies on."""
    return Loss(Risk(level, code, why), is_relied_on=False)


def lost(old: Value, new: Value, *, is_of_off: bool = False) -> Value:
    """Return what is taken away: of a set the items that go, else the whole value; None where nothing is.

    A flag that is off was set only where that keeps somebody out, as ``is_of_off`` says.
    """
    if isinstance(old, tuple) and isinstance(new, tuple | None):
        return tuple(item for item in old if item not in (new or ())) or None
    if old is False and is_of_off:
        return None if new is False else "off"
    return None if old == new or is_empty(old) or (not old and not isinstance(old, bool)) else old


LOW, MEDIUM, HIGH = RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH
DEFAULT: Final = harmless(LOW, "default-removed", "Keycloak sets it by default, and no program needs it.")
WORDS: Final = harmless(LOW, "words-removed", "Only people read it.")
LOCKOUT: Final = relied_on(MEDIUM, "lockout-ended", "It enables what someone has disabled.")
SWITCHED_OFF: Final = replace(LOCKOUT, is_of_off=True)
ADDRESS: Final = relied_on(MEDIUM, "address-removed", "Redirects to it, and calls from it, are refused.")
CALLS: Final = relied_on(HIGH, "value-removed", "Calls that need it are refused.")
ATTRIBUTE: Final = relied_on(MEDIUM, "attribute-removed", "A program may read it.")
SETTING: Final = relied_on(MEDIUM, "setting-removed", "A program may rely on it.")
GROUP_LEFT: Final = relied_on(HIGH, "group-left", "The service account loses what the group grants.")
