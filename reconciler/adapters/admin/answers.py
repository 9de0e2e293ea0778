"""Read an answer of the Admin API in the shape that is meant; one of another shape is nobody's bug but the server's."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

import httpx

from reconciler.adapters.request_log import asked
from reconciler.model.errors import WrongServer

_T = TypeVar("_T")

_FIELDS: Final[Mapping[str, type]] = {
    "id": str,
    "alias": str,
    "name": str,
    "clientId": str,
    "username": str,
    "description": str,
    "enabled": bool,
    "attributes": dict,
    "config": dict,
    "domains": list,
    "protocolMappers": list,
    "redirectUris": list,
    "webOrigins": list,
}
"""What the fields are whose names mean the same in every representation; any of them may be missing or null."""


class NotAsDocumented(ValueError):
    """Say where an answer has another shape."""


def read_as(system: str, response: httpx.Response, kind: type, made: Callable[[Any], _T]) -> _T:
    """Return what ``made`` makes of the answer: an object (``dict``), or a list of objects (``list``).

    Raises:
        WrongServer: It is no such JSON, or lacks what ``made`` needs.
    """
    try:
        answer = response.json()
        _check(answer, kind)
        return made(answer)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        wanted = "a list of objects" if kind is list else "an object"
        found = f"no field {error}" if isinstance(error, KeyError) else str(error)
        detail = f" ({found})" if isinstance(error, NotAsDocumented | KeyError) else ""
        raise WrongServer(
            f"{system} was asked {asked(response.request)}, and the answer is not {wanted} as documented{detail}.",
            remedy=f"Check intermediaries (proxy, gateway, mock), and the release of {system}.",
        ) from error


def created_id(response: httpx.Response) -> str:
    """Return the id of what was created, as ``Location`` has it; empty where a proxy took that away, or rewrote it."""
    above, _, created = urlsplit(str(response.headers.get("Location", ""))).path.rpartition("/")
    is_there = above.rpartition("/")[2] == response.request.url.path.rpartition("/")[2]
    return unquote(created) if is_there else ""


def _check(answer: Any, kind: type) -> None:
    if not isinstance(answer, kind):
        raise NotAsDocumented(f"it is {_named(answer)}")
    for each in answer if isinstance(answer, list) else (answer,):
        if not isinstance(each, dict):
            raise NotAsDocumented(f"an item is {_named(each)}")
        for field in _FIELDS.keys() & each.keys():
            if each[field] is not None and not isinstance(each[field], _FIELDS[field]):
                raise NotAsDocumented(f"the field {field!r} is {_named(each[field])}")


def _named(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
