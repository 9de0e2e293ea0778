"""The texts of manifests that follow a rule: slugs, UUIDs, moments, paths of fields."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from reconciler.model.layout import CLIENT_PREFIX, MAX_VALUE_LENGTH
from reconciler.model.url import climbs

SLUG_PATTERN = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
SLUG = re.compile(SLUG_PATTERN)
CLIENT_ID_PATTERN = rf"^{CLIENT_PREFIX}[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
CLIENT_ID = re.compile(CLIENT_ID_PATTERN)
COUNTRY_PATTERN = r"^[A-Z]{2}$"
DPA_VERSION_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
DOMAIN_PATTERN = r"^(ANY|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$"
DOMAIN_NAME_PATTERN = r"^(\*\.)?[^\sA-Z.@/*:]+(\.[^\sA-Z.@/*:]+)*$"
EVENT_TYPE_PATTERN = r"^[A-Z][A-Z0-9_]*$"
PROVIDER_ALIAS_PATTERN = r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$"
REALM_PATTERN = r"^[A-Za-z0-9_-]+$"
ROLE_PATTERN = r"^[^/\s]+(/[^/\s]+)?$"
FIELD_PATH_PATTERN = r"^spec(\.[a-zA-Z]+(\[\*\])?)+$"
KEYCLOAK_PATH_PATTERN = r"^keycloak(\.[^\s.]+)+$"
KEYCLOAK_PATH = re.compile(KEYCLOAK_PATH_PATTERN)
FIELD_PATH = re.compile(FIELD_PATH_PATTERN, re.ASCII)

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?P<time>T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def broken(message: str, remedy: str) -> PydanticCustomError:
    """Return the error of a rule in plain words: what is wrong, and what to write instead."""
    return PydanticCustomError("rule", "{message} {remedy}", {"message": message, "remedy": remedy})


def _one_line(text: str) -> str:
    if not text.isprintable():
        unwanted = next(character for character in text if not character.isprintable())
        message = f"The text contains U+{ord(unwanted):04X}, a line break or an invisible character."
        raise broken(message, "Write it on one line, without control characters.")
    if text and not text.strip():
        raise broken("The text is blank.", "Write a text.")
    if text != text.strip():
        raise broken("The text has leading or trailing spaces.", "Remove them.")
    return text


def readable(text: str) -> str:
    """Return ``text`` if a reader sees all of it; raises the error of a rule otherwise."""
    unwanted = next((each for each in text if not each.isprintable() and each != "\n"), None)
    if unwanted is not None:
        message = f"The text contains U+{ord(unwanted):04X}, an invisible character."
        raise broken(message, "Use printable characters and line breaks only.")
    return text


def owner_name(text: str) -> str:
    """Return ``text`` if marks and locks can name an owner so; raises the error of a rule otherwise."""
    if not text:
        raise broken("The owner has no name.", "Write one, such as 'reconciler'.")
    return storable(_one_line(text))


def realm_name(text: str) -> str:
    """Return ``text`` if a URL can name a realm so; raises the error of a rule otherwise."""
    if not text or climbs(text) or set(text) & set("/\\?#%"):
        raise broken(f"'{text}' cannot be the name of a realm.", "Write the realm's name, as Keycloak shows it.")
    return text


def utf16_units(text: str) -> int:
    """Return the length of ``text`` as Java and H2 count it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def storable(text: str) -> str:
    """Return ``text`` if Keycloak's database has room for it; raises the error of a rule otherwise.

    H2 counts UTF-16 code units, PostgreSQL characters (measured with Keycloak 26.7.5): the stricter one counts.
    """
    if (units := utf16_units(text)) > MAX_VALUE_LENGTH:
        message = f"The text has {units} UTF-16 code units, {MAX_VALUE_LENGTH} are allowed."
        raise broken(message, "Shorten it: an emoji, and any other character beyond U+FFFF, counts as two.")
    return text


def _uuid(value: Any) -> Any:
    if isinstance(value, str):
        if not UUID_TEXT.fullmatch(value):
            remedy = "Write 8-4-4-4-12 hexadecimal digits: 0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01."
            raise broken("The value is not a UUID.", remedy)
        return UUID(value)
    return value


def _moment(value: Any) -> Any:
    return parse_moment(value) if isinstance(value, str) else value


def parse_moment(text: str) -> datetime:
    """Return the moment that ``text`` names, in UTC.

    Raises:
        PydanticCustomError: It is no date and time with an offset, such as ``2026-01-15T10:00:00Z``.
    """
    remedy = "Write a date, a time and an offset: 2026-01-15T10:00:00Z or 2026-01-15T11:00:00+01:00."
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise broken("The value is not a date and time.", remedy)
    if match["time"] is None:
        raise broken("The date has no time of day.", remedy)
    if match["zone"] is None:
        raise broken("The time has no time zone.", remedy)
    try:
        date.fromisoformat(text[:10])
    except ValueError as error:
        raise broken(f"There is no such date: {error}.", remedy) from error
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise broken("There is no such time or offset.", remedy) from error


Slug = Annotated[str, Field(pattern=SLUG_PATTERN, max_length=64)]
Text = Annotated[
    str, Field(min_length=1, max_length=MAX_VALUE_LENGTH), AfterValidator(_one_line), AfterValidator(storable)
]
Label = Annotated[str, Field(max_length=MAX_VALUE_LENGTH), AfterValidator(_one_line)]
Uuid = Annotated[UUID, BeforeValidator(_uuid)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Role = Annotated[str, Field(pattern=ROLE_PATTERN, max_length=MAX_VALUE_LENGTH), AfterValidator(storable)]
PartnersFile = Annotated[str, Field(min_length=1, max_length=1000, examples=["partners.csv"])]
FieldPath = Annotated[str, Field(pattern=FIELD_PATH_PATTERN)]
KeycloakPath = Annotated[str, Field(pattern=KEYCLOAK_PATH_PATTERN, max_length=1000)]


def _deadline(value: Any) -> Any:
    return parse_deadline(value) if isinstance(value, str) else value


def parse_deadline(text: str) -> datetime:
    """Return the moment that ``text`` names; a date alone is its first moment in UTC.

    Raises:
        PydanticCustomError: It is neither a date, nor a date and time with an offset.
    """
    try:
        return parse_moment(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)
    except PydanticCustomError as error:
        message = str((error.context or {})["message"]).replace(
            "not a date and time", "neither a date nor a date and time"
        )
        raise broken(message, "Write a date (2027-03-31), or a date and time with an offset.") from error


Deadline = Annotated[
    AwareDatetime,
    BeforeValidator(_deadline),
    WithJsonSchema({"type": "string", "examples": ["2026-12-31", "2026-12-31T00:00:00+01:00"]}),
]
"""A moment; a date alone is its first moment in UTC, so that nobody counts on a day that may be too late."""
