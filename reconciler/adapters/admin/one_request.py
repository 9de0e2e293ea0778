"""Methods of the port ``AdminApi`` that are one request each: ``name = verb(path)``.

A method takes its arguments by position: they fill the ``{}`` of the path, quoted, and one more is the body. What it
means, returns and raises says the port's method of its name.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, Final

from reconciler.adapters.admin.answers import created_id
from reconciler.adapters.admin.realm_admin import RealmAdmin, whole
from reconciler.adapters.request_log import asked
from reconciler.adapters.tape import read
from reconciler.model.errors import NotFound, WrongServer
from reconciler.model.probe import status_text
from reconciler.model.url import segment
from reconciler.model.value import Representation
from reconciler.ports import AdminApi


class _OneRequest:
    """What becomes the method of the port that has its name."""

    def __init__(self, ask: Callable[..., Awaitable[Any]], *, reads: bool = False) -> None:
        self._ask: Final = ask
        self._reads: Final = reads

    def __set_name__(self, owner: type, name: str) -> None:
        """Put the method in its own place, with the port's name, types and words."""

        @wraps(getattr(AdminApi, name))
        async def method(api: RealmAdmin, /, *arguments: Any) -> Any:
            return await self._ask(api, *arguments)

        setattr(owner, name, read(method) if self._reads else method)


def got(path: str, made: Callable[[Any], Any] = whole, kind: type = dict, /, **query: Any) -> Any:
    """Read the object, or of the kind ``list`` the objects, at the path, and return what is ``made`` of it."""

    async def ask(api: RealmAdmin, *arguments: str) -> Any:
        return await api.get(_filled(path, arguments), kind, made, **query)

    return _OneRequest(ask, reads=True)


def listed(path: str, keep: Callable[[Any], Any] = whole, *, or_none: bool = False, **query: Any) -> Any:
    """Read a list in pages, and return what ``keep`` makes of each object.

    With ``or_none``, it may be gone, and the server may be one that has no such lists, which is asked once: no objects.
    """

    async def ask(api: RealmAdmin, *arguments: str) -> Any:
        return await api.listed(_filled(path, arguments), keep, **query)

    async def ask_for_any(api: RealmAdmin, *arguments: str) -> Any:
        async with api.first_of(path) as is_first:
            if api.lacks(path):
                return ()
            try:
                return await ask(api, *arguments)
            except NotFound:
                if is_first and await api.has(_filled(path[: path.rindex("/")], arguments)):
                    api.note_lacking(path)
                return ()

    return _OneRequest(ask_for_any if or_none else ask, reads=True)


def sent(method: str, path: str) -> Any:
    """Send a write, with a body where there is an argument more than the path has places."""

    async def ask(api: RealmAdmin, *arguments: Any) -> None:
        body = arguments[path.count("{}") :]
        await api.send(method, _filled(path, arguments), *body)

    return _OneRequest(ask)


def mapped(method: str, path: str) -> Any:
    """Add a role to the mappings at the path, or take it from them."""

    async def ask(api: RealmAdmin, owner: str, role: str) -> None:
        place, representation = await api.role(role)
        await api.send(method, f"{_filled(path, (owner,))}/{place}", [representation])

    return _OneRequest(ask)


def through(verb: Callable[..., Awaitable[Any]]) -> Any:
    """Write by python-keycloak, whose method takes the same."""

    async def ask(api: RealmAdmin, *arguments: Any) -> None:
        await api.through(verb, *arguments)

    return _OneRequest(ask)


def created(path: str, find: str, name: str) -> Any:
    """Create an object, and return its id: as the answer says, or as ``find`` finds it by its field ``name``.

    Raises:
        WrongServer: The answer does not say the id, and no such object is found.
    """

    async def ask(api: RealmAdmin, body: Representation) -> str:
        response = await api.send("POST", path, body)
        if found := created_id(response):
            return found
        # A proxy may take Location away.
        made: Representation | None = await getattr(api, find)(body[name])
        if made is None:
            raise WrongServer(
                f"{api.http.system} was asked {asked(response.request)}, answered {status_text(response.status_code)} "
                f"without the Location of what it created, and has no {name} '{body[name]}'.",
                remedy=f"Another server answers in place of {api.http.system}, or removes the header: look at what "
                "stands in between (proxy, gateway).",
            )
        return str(made["id"])

    return _OneRequest(ask)


def _filled(path: str, arguments: Sequence[str]) -> str:
    return path.format(*(segment(each) for each in arguments[: path.count("{}")]))
