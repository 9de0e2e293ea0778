"""Addresses of resources: ``organization/acme-motors``, ``client/acme-motors/api-client-acme-motors``."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

_Found = TypeVar("_Found")


class Kind(StrEnum):
    """Name the kinds of resource, in the order in which they are created."""

    REALM = "realm"
    ORGANIZATION = "organization"
    CLIENT = "client"
    WEBHOOK = "webhook"
    IDENTITY_PROVIDER = "identity-provider"

    @property
    def rank(self) -> int:
        """Return the place in the order of creation, from 0."""
        return list(Kind).index(self)


_ALONE = frozenset({Kind.REALM, Kind.ORGANIZATION})
"""What has one name; whatever else there is belongs to an organization, which is named before it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Name one resource; prints and parses."""

    kind: Kind
    names: tuple[str, ...]

    @classmethod
    def realm(cls, name: str) -> Self:
        """Return the address of a realm."""
        return cls(Kind.REALM, (name,))

    @classmethod
    def organization(cls, alias: str) -> Self:
        """Return the address of an organization."""
        return cls(Kind.ORGANIZATION, (alias,))

    @classmethod
    def client(cls, alias: str, client_id: str) -> Self:
        """Return the address of a client of an organization."""
        return cls(Kind.CLIENT, (alias, client_id))

    @classmethod
    def webhook(cls, alias: str, name: str) -> Self:
        """Return the address of a webhook of an organization."""
        return cls(Kind.WEBHOOK, (alias, name))

    @classmethod
    def identity_provider(cls, alias: str, provider: str) -> Self:
        """Return the address of the link between an organization and an identity provider."""
        return cls(Kind.IDENTITY_PROVIDER, (alias, provider))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the address that ``text`` prints as.

        Raises:
            ValueError: ``text`` is no address; the message says why, for people.
        """
        head, _, rest = text.partition("/")
        if head not in list(Kind):
            raise ValueError(f"'{head}' is not a kind of resource; the kinds are {', '.join(Kind)}.")
        kind = Kind(head)
        # A clientId may contain a slash; the alias before it cannot.
        length = 1 if kind in _ALONE else 2
        names = tuple(rest.split("/", length - 1))
        if len(names) != length or not all(names):
            shape = "/".join((kind, *("NAME" for _ in range(length))))
            raise ValueError(f"'{text}' is not an address; one of this kind looks like {shape}.")
        return cls(kind, names)

    @property
    def name(self) -> str:
        """Return the own name: the realm, the alias, the clientId, the webhook's name or the provider's alias."""
        return self.names[-1]

    @property
    def home(self) -> "Address":
        """Return the organization that the resource belongs to; a realm is its own."""
        return self if self.kind is Kind.REALM else Address.organization(self.names[0])

    @property
    def alias(self) -> str:
        """Return the alias of the organization that the resource belongs to; empty for a realm."""
        return "" if self.kind is Kind.REALM else self.names[0]

    @property
    def identity(self) -> tuple[str, ...]:
        """Return what tells the resource from all others of its kind: a client stays itself wherever it moves."""
        return (self.name,) if self.kind is Kind.CLIENT else self.names

    @property
    def sort_key(self) -> tuple[int, tuple[str, ...]]:
        """Return the key that sorts addresses in the order of creation, then by name."""
        return self.kind.rank, self.names

    def contains(self, other: "Address") -> bool:
        """Tell whether ``other`` is this resource or belongs to this organization."""
        return self == other or (self.kind is Kind.ORGANIZATION and other.alias == self.alias)

    def rests_on(self, other: "Address") -> bool:
        """Tell whether the resource has no effect without ``other``: itself, its organization, or the realm.

        A webhook is managed by a client of its organization, so that it rests on all of them.
        """
        is_beside = self.kind is Kind.WEBHOOK and other.alias == self.alias
        return other.kind is Kind.REALM or other.contains(self) or is_beside

    def __str__(self) -> str:
        return "/".join((self.kind, *self.names))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> "CoreSchema":
        """Say how it stands in JSON: as it prints."""
        from pydantic_core import core_schema

        del source, handler
        text = core_schema.to_string_ser_schema()
        return core_schema.no_info_plain_validator_function(cls._of, serialization=text)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: "CoreSchema", handler: Any) -> dict[str, Any]:
        """Describe how it stands in JSON."""
        del schema, handler
        return {"type": "string", "examples": ["organization/acme-motors"]}

    @classmethod
    def _of(cls, value: Any) -> "Address":
        return value if isinstance(value, Address) else cls.parse(str(value))


def sorted_by_address(found: Mapping[Address, _Found]) -> list[tuple[Address, _Found]]:
    """Return what is known by address, in the order of creation, then by name."""
    return sorted(found.items(), key=lambda item: item[0].sort_key)
