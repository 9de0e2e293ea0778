"""The table that planning works on: per resource, what is desired beside what is live."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from reconciler.kinds import marks
from reconciler.kinds.loss import NO_ADDITIONS, Additions
from reconciler.model.address import Address
from reconciler.model.observed import NewUserDefaults
from reconciler.model.value import Fields, ObservedFields


@dataclass(frozen=True, slots=True)
class Row:
    """One resource: ``after`` is desired, ``before`` is live; None means not declared, and not there.

    ``own`` is what the live object itself holds. ``ignored`` are paths left alone after creation,
    each with all that is below it. ``renamed_from`` is the name that the live object still has.
    """

    address: Address
    before: ObservedFields | None
    after: Fields | None
    marks: marks.Marks
    live_id: str = ""
    own: ObservedFields | None = None
    ignored: frozenset[str] = frozenset()
    renamed_from: str = ""
    is_leaving: bool = False
    """Whether no manifest declares it: ``after`` is then what it is when deleted softly."""
    stays_in_effect: bool = False
    """Whether a soft deletion would end nothing of it: only a deletion does."""
    sender: str = ""
    """Of a webhook: the client whose token manages it."""
    new_user_defaults: NewUserDefaults = field(default_factory=NewUserDefaults)
    """What a service account that is made for the client gets unasked."""
    obstacle: str = ""
    """Why it is blocked, whatever else is true of it."""
    unsaid: frozenset[str] = frozenset()
    """Fields that its manifest could say, but leaves to their defaults."""
    drop: tuple[str, ...] = ()
    """What its manifest lets go when it is adopted."""
    additions: Additions = NO_ADDITIONS
    """Of a client: what others have added to what Keycloak gives every client of the realm."""

    def ignores(self, path: str) -> bool:
        """Tell whether the field is left alone."""
        return any(path == ignored or path.startswith(f"{ignored}.") for ignored in self.ignored)


def ignored_of_items(patterns: tuple[str, ...], items: str, fields: Iterable[str]) -> frozenset[str]:
    """Return the fields of each item of a list of the ``spec`` that the patterns name; the list means all of them."""
    whole = f"spec.{items}"
    return frozenset(fields) if {whole, f"{whole}[*]"} & {*patterns} else ignored_fields(patterns, f"{whole}[*].")


def ignored_fields(patterns: tuple[str, ...], prefix: str) -> frozenset[str]:
    """Return the fields that the patterns name; a list is one field, and so is a pattern for all of its items."""
    return frozenset(p.removeprefix(prefix).removesuffix("[*]") for p in patterns if p.startswith(prefix))
