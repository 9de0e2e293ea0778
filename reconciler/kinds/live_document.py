"""What an import makes of one live object: the document of a manifest, or what stands in its way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reconciler.model.address import Address
from reconciler.model.manifest import API_VERSION
from reconciler.model.value import Fields, plain


@dataclass(frozen=True, slots=True)
class LiveDocument:
    """One live object as a plain document, which nobody has checked; without one, ``why`` has every reason."""

    address: Address
    why: tuple[str, ...]
    content: dict[str, Any] | None = None


def document(kind: str, name: str, spec: dict[str, Any], *, protected: bool) -> dict[str, Any]:
    """Return the document of a manifest, without what is not known."""
    said = {key: value for key, value in spec.items() if value is not None}
    content = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": said}
    return content | ({"lifecycle": {"preventDestroy": True}} if protected else {})


def below(fields: Fields, prefix: str) -> dict[str, Any]:
    """Return the fields whose paths begin with ``prefix`` as the mapping that a manifest has there."""
    return {path.removeprefix(prefix): plain(value) for path, value in fields.items() if path.startswith(prefix)}


def foreign(what: str, found: str | None, owner: str, *, allow_takeover: bool) -> Iterator[str]:
    """Yield why what another reconciler manages cannot be imported; nothing where it can."""
    if found not in {None, owner} and not allow_takeover:
        yield (
            f"{what} belongs to the reconciler '{found}', not to '{owner}'. "
            "Leave it there, or add --allow-takeover if that one has released it."
        )
