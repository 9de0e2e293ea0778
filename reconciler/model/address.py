"""Addresses of resources: ``organization/acme-motors``, ``client/acme-motors/api-client-acme-motors``."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from reconciler.model.layout import CLIENT_PREFIX

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


_SHAPES = {
    Kind.REALM: ("NAME",),
    Kind.ORGANIZATION: ("NAME",),
    Kind.CLIENT: ("NAME", "CLIENTID"),
    Kind.WEBHOOK: ("NAME", "WEBHOOK"),
    Kind.IDENTITY_PROVIDER: ("NAME", "ALIAS"),
}
"""What names a resource of each kind; what belongs to an organization is named after it."""
_WORDS = re.compile(r"[/.:]")
"""What stands between the parts of an address, here and in other programs."""
_PATTERN = re.compile(r"[*?[]")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_BARE = re.compile(r"[A-Za-z0-9_*-]+")


def _shape(kind: Kind) -> str:
    return "/".join((kind, *_SHAPES[kind]))


_NO_ADDRESS = "'{}' is not an address."
_NO_NAMES = "Resources are named by alias and clientId, not by display names: reconciler list shows them."
_SHAPED = f"An address is {', '.join(map(_shape, Kind))}."


def _near(text: str) -> str:
    """Return the address that may be meant, as a question; empty where none is close."""
    from difflib import get_close_matches

    head, *names = _WORDS.split(text)
    kinds = get_close_matches(head.lower().replace("_", "-"), list(Kind), n=1)
    is_whole = bool(kinds) and len(names) == len(_SHAPES[Kind(kinds[0])]) and all(names)
    return f"Did you mean {'/'.join((*kinds, *names))}? " if is_whole else ""


def _is_called(name: str, pattern: str) -> bool:
    return name == pattern or (_PATTERN.search(pattern) is not None and fnmatchcase(name, pattern))


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
        if head in list(Kind):
            kind = Kind(head)
            # A clientId may contain a slash; the alias before it cannot.
            names = tuple(rest.split("/", len(_SHAPES[kind]) - 1))
            if len(names) == len(_SHAPES[kind]) and all(names):
                return cls(kind, names)
            raise ValueError(f"'{text}' is not an address; one of this kind looks like {_shape(kind)}.")
        raise ValueError(f"{_NO_ADDRESS.format(text)} {_near(text)}{_SHAPED}")

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the address of what is named by an address, an alias or a clientId; names may be patterns.

        Of a clientId alone, it is that of whichever organization has it.

        Raises:
            ValueError: It names nothing; the message says why, for people.
        """
        if text in list(Kind) or not _BARE.fullmatch(text):
            if " " in text.strip() and "/" not in text:
                raise ValueError(f"{_NO_ADDRESS.format(text)} {_NO_NAMES} {_SHAPED}")
            return cls.parse(text)
        return cls(Kind.CLIENT, ("*", text)) if text.startswith(CLIENT_PREFIX) else cls(Kind.ORGANIZATION, (text,))

    @property
    def name(self) -> str:
        """Return the own name: the realm, the alias, the clientId, the webhook's name or the provider's alias."""
        return self.names[-1]

    @property
    def uuid(self) -> UUID | None:
        """Return the UUID that stands in place of the organization's alias; None where none does."""
        return UUID(self.alias) if is_uuid(self.alias) else None

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

    def shares_home(self, other: "Address") -> bool:
        """Tell whether ``other`` belongs to an organization called as the one that this address names."""
        return other.kind is not Kind.REALM and self.kind is not Kind.REALM and _is_called(other.alias, self.alias)

    def contains(self, other: "Address") -> bool:
        """Tell whether ``other`` is this resource or belongs to this organization; names may be patterns (``*``)."""
        if self.kind is Kind.ORGANIZATION:
            return self.shares_home(other)
        return self.kind is other.kind and all(map(_is_called, other.names, self.names))

    def rests_on(self, other: "Address") -> bool:
        """Tell whether the resource has no effect without ``other``: itself, its organization, or the realm.

        A webhook is managed by a client of its organization, so that it rests on all of them.
        """
        is_beside = self.kind is Kind.WEBHOOK and self.shares_home(other)
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


def sorted_addresses(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Return each of the addresses once, in the order of creation, then by name."""
    return tuple(sorted(set(addresses), key=lambda address: address.sort_key))


def sorted_by_address(found: Mapping[Address, _Found]) -> list[tuple[Address, _Found]]:
    """Return what is known by address, in the order of creation, then by name."""
    return sorted(found.items(), key=lambda item: item[0].sort_key)


def is_uuid(text: str) -> bool:
    """Tell whether a text is a UUID as Keycloak and manifests write it, in either case."""
    return _UUID.fullmatch(text) is not None


def client_id(text: str) -> str:
    """Return the clientId that is named, be it by an address.

    Raises:
        ValueError: It is the address of something else.
    """
    return _name_of(text, Kind.CLIENT)


def alias(text: str) -> str:
    """Return the alias of an organization that is named, or a pattern of aliases, be it by an address.

    Raises:
        ValueError: It is the address of something else.
    """
    return _name_of(text, Kind.ORGANIZATION)


def _name_of(text: str, kind: Kind) -> str:
    head, slash, _ = text.partition("/")
    if not slash or head not in list(Kind):
        return text
    found = Address.parse(text)
    if found.kind is not kind:
        raise ValueError(f"'{text}' is the address of another kind of resource, and {kind}s are named here")
    return found.name
