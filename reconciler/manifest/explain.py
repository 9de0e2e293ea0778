"""Say in plain words what pydantic found, and what to do about it."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from reconciler.manifest.positions import Step
from reconciler.manifest.shape import field_at, is_list, keys_of, model_at
from reconciler.model import scalars
from reconciler.model.layout import MAX_VALUE_LENGTH
from reconciler.model.text import quoted

RULES: Final = {
    scalars.SLUG_PATTERN: (
        "lower-case letters, digits and hyphens, with a letter or digit at both ends",
        "acme-motors",
    ),
    scalars.CLIENT_ID_PATTERN: (
        "'api-client-', then lower-case letters, digits and hyphens, with a letter or digit at the end",
        "api-client-acme-motors",
    ),
    scalars.COUNTRY_PATTERN: ("two capital letters (ISO 3166-1)", "DE"),
    scalars.DPA_VERSION_PATTERN: ("a year and a month", "2026-01"),
    scalars.DOMAIN_NAME_PATTERN: ("a domain in lower case, without a dot at its end", "acme.example"),
    scalars.DOMAIN_PATTERN: (
        "a domain in lower-case letters, or ANY for all domains of the organization",
        "acme.example",
    ),
    scalars.EVENT_TYPE_PATTERN: ("an event type of Keycloak, in capitals", "CLIENT_LOGIN"),
    scalars.PROVIDER_ALIAS_PATTERN: ("letters, digits, dots, hyphens and underscores, no dot in front", "acme-idp"),
    r"^[A-Z_][A-Z0-9_]*$": (
        "the name of an environment variable that holds the value",
        "SLACK_WEBHOOK_URL",
    ),
    scalars.REALM_PATTERN: ("letters, digits, hyphens and underscores", "nt24-idp"),
    scalars.ROLE_PATTERN: ("the name of a realm role, or a clientId, a slash and the name of its role", "orders/read"),
    scalars.FIELD_PATH_PATTERN: (
        "a path of keys from spec on, with [*] for every item of a list",
        "spec.clients[*].description",
    ),
    scalars.KEYCLOAK_PATH_PATTERN: (
        "a field as plans name it, from keycloak on, without spaces",
        "keycloak.attributes.brand.new",
    ),
}
"""What each pattern demands, and an example."""

# What a value was expected to be: in words, and how to write it.
_EXPECTED: Final = {
    "string_type": ("a text", "Write a text."),
    "bool_type": ("true or false", "Write true or false, without quotes."),
    "int_type": ("a whole number", "Write a whole number, without quotes."),
    "tuple_type": ("a list", "Start each item with '- '."),
    "dict_type": ("a mapping", "Write its keys below it, indented."),
    "model_type": ("a mapping", "Write its keys below it, indented."),
    "datetime_type": ("a date and time", "Write one with an offset: 2026-01-15T10:00:00Z."),
    "uuid_type": ("a UUID", "Write 8-4-4-4-12 hexadecimal digits."),
    "is_instance_of": ("a UUID", "Write 8-4-4-4-12 hexadecimal digits."),
}


class Words(NamedTuple):
    """What is wrong, and what to do."""

    message: str
    remedy: str


def words_for(error: ErrorDetails, model: type[BaseModel], steps: Sequence[Step], written: str | None) -> Words:
    """Return the plain words for one error of pydantic.

    ``steps`` lead to the value from the document's start; ``written`` is its text in the file, if it is a scalar.
    """
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    match kind:
        case "missing":
            return _missing(model, steps)
        case "extra_forbidden":
            return _unknown_key(model, steps)
        case "rule":
            return Words(context["message"], context["remedy"])
        case "enum" | "literal_error":
            return _not_one_of(value, context)
        case "string_pattern_mismatch":
            rule, example = RULES[context["pattern"]]
            return Words(f"{quoted(value)} is invalid; expected {rule}.", f"Write one such as {example}.")
        case "string_too_long":
            return _too_long(value, context["max_length"])
        case "string_too_short":
            return Words("The text is empty.", f"Write a text{_or_remove(model, steps)}.")
        case "greater_than_equal":
            return Words(f"{value} is too small.", f"Write at least {context['ge']}.")
        case "less_than_equal":
            return Words(f"{value} is too large.", f"Write at most {context['le']}.")
        case "too_long":
            return Words("The list is reserved and must be empty.", "Remove its items, or the key.")
        case "value_error":
            message = str(context["error"])
            return Words(f"{message[:1].upper()}{message[1:]}.", "")
        case _ if kind in _EXPECTED:
            return _empty(kind, model, steps) if value is None else _wrong_type(kind, value, written, model, steps)
        case _:
            return Words(f"{error['msg']}.", "Correct the value.")


def closest(word: str, allowed: Iterable[str]) -> str:
    """Return "Did you mean …? " if one of the allowed words is close."""
    found = _closest(word, allowed)
    return f"Did you mean {found}? " if found else ""


def meant_key(model: type[BaseModel], steps: Sequence[Step]) -> tuple[Step, ...] | None:
    """Return the path of the known key that was probably meant by the unknown one at the end of ``steps``."""
    owner = model_at(model, steps[:-1])
    found = _closest(str(steps[-1]), keys_of(owner)) if owner else None
    return (*steps[:-1], found) if found else None


def _closest(word: str, allowed: Iterable[str]) -> str | None:
    by_letters = {_letters(each): each for each in allowed}
    found = get_close_matches(_letters(word), by_letters, n=1, cutoff=0.55)
    return by_letters[found[0]] if found else None


def _letters(word: str) -> str:
    return word.casefold().replace("_", "").replace("-", "")


def _missing(model: type[BaseModel], steps: Sequence[Step]) -> Words:
    info = field_at(model, steps)
    meaning = " ".join((info.description or "").split()).rstrip(".") if info else ""
    return Words("The key is missing.", f"Add {steps[-1]}: {meaning[:1].lower()}{meaning[1:]}.")


def _unknown_key(model: type[BaseModel], steps: Sequence[Step]) -> Words:
    owner = model_at(model, steps[:-1])
    allowed = sorted(keys_of(owner)) if owner else []
    return Words("The key is unknown.", f"{closest(str(steps[-1]), allowed)}Allowed here: {', '.join(allowed)}.")


def _not_one_of(value: object, context: dict[str, Any]) -> Words:
    expected = context["expected"].replace("'", "").replace(" or ", ", ")
    allowed = expected.split(", ")
    word = value if isinstance(value, str) else ""
    if isinstance(value, bool):
        value, allowed = str(value).lower(), [each.lower() if each in {"True", "False"} else each for each in allowed]
    what = _what_is(value, None) if isinstance(value, list | tuple | dict) else quoted(value)
    noun = f"{what} is not allowed here." if value is not None else "The value is empty."
    return Words(noun, f"{closest(word, allowed)}Allowed: {', '.join(allowed)}.")


def _too_long(value: object, limit: int) -> Words:
    reason = f" Keycloak stores at most {MAX_VALUE_LENGTH}." if limit == MAX_VALUE_LENGTH else ""
    message = f"The text has {len(str(value))} characters, {limit} are allowed.{reason}"
    return Words(message, f"Shorten it to {limit} characters.")


def _empty(kind: str, model: type[BaseModel], steps: Sequence[Step]) -> Words:
    expected, remedy = _expected(kind, model, steps)
    return Words(f"The value is empty; expected {expected}.", f"{remedy[:-1]}{_or_remove(model, steps)}.")


def _expected(kind: str, model: type[BaseModel], steps: Sequence[Step]) -> tuple[str, str]:
    expected, remedy = _EXPECTED[kind]
    if kind == "tuple_type" and _refusal(field_at(model, steps), ()) is None:
        remedy = f"{remedy[:-1]} (none at all: [])."
    return expected, remedy


def _or_remove(model: type[BaseModel], steps: Sequence[Step]) -> str:
    info = field_at(model, steps)
    return "" if info is None or info.is_required() or isinstance(steps[-1], int) else ", or remove the key"


def _wrong_type(kind: str, value: object, written: str | None, model: type[BaseModel], steps: Sequence[Step]) -> Words:
    expected, remedy = _expected(kind, model, steps)
    if kind == "string_type" and isinstance(value, bool | int | float):
        text = written if written is not None else str(value)
        remedy = _instead_of(text, field_at(model, steps)) or _in_quotes(text)
    return Words(f"{_what_is(value, written)} is not valid here; expected {expected}.", remedy)


def _in_quotes(text: str) -> str:
    return f'Put it in quotes: "{text}".' if len(text) <= MAX_VALUE_LENGTH else "Write a text."


def _instead_of(text: str, info: FieldInfo | None) -> str:
    """Return what to write where the field does not take the text either; empty where it does."""
    first = _refusal(info, (text,) if info and is_list(info) else text)
    if first is None:
        return ""
    is_rule = first["type"] == "string_pattern_mismatch"
    return f"Write one such as {RULES[first['ctx']['pattern']][1]}." if is_rule else "Write a text."


def _refusal(info: FieldInfo | None, value: object) -> ErrorDetails | None:
    """Return why the field does not take the value; None where it does."""
    if info is None:
        return None
    try:
        shape: Any = Annotated[info.annotation, None, *info.metadata]
        TypeAdapter(shape).validate_python(value)
    except ValidationError as error:
        return error.errors()[0]
    return None


def _what_is(value: object, written: str | None) -> str:
    match value:
        case bool():
            return f"The boolean {str(value).lower()}"
        case int() | float():
            return f"The number {quoted(written)[1:-1] if written is not None else value}"
        case str():
            return f"The text {quoted(value)}"
        case list() | tuple():
            return "A list"
        case dict():
            return "A mapping"
        case _:
            return "Something else"
