"""How the Admin API of one realm is asked: python-keycloak's vocabulary of endpoints over our own HTTP client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, TypeVar, cast

import httpx
from keycloak import KeycloakAdmin
from keycloak.connection import ConnectionManager
from keycloak.exceptions import KeycloakError

from reconciler.adapters.admin.answers import NotAsDocumented, read_as
from reconciler.adapters.admin.listing import Lengths, Listing
from reconciler.adapters.http import ApiClient, trusting_nobody
from reconciler.adapters.jwt_claims import login_of
from reconciler.adapters.redaction import redacted
from reconciler.adapters.tape import LIVE, Tape, read
from reconciler.adapters.vault import SecretVault
from reconciler.model.errors import AccessRefused, NotFound, ReconcilerError, RequestFailed, WrongServer
from reconciler.model.login import Login
from reconciler.model.url import fits_a_path, realm_path, segment
from reconciler.model.value import Representation

PAGE: Final = 2000
"""Objects per page; larger pages take as long per object (measured with 1,000 organizations on 26.7.5)."""
_READINGS: Final = 5
"""How often a list is read from its start, where it moved while it was read."""

_T = TypeVar("_T")


class _Connection(ConnectionManager):
    """Let python-keycloak speak through our HTTP client, which has the token, the retries and the errors."""

    def __init__(self, http: ApiClient, realm: str) -> None:
        # Its own HTTP client is never used; if it were, it would trust no server.
        nobody = cast("Any", trusting_nobody())
        headers = {"Content-Type": "application/json"}
        super().__init__(str(http.base_url).rstrip("/") + "/", headers=headers, verify=nobody)
        self.async_s = http
        # python-keycloak puts it into paths as it is.
        self.realm_name = segment(realm)
        self.timeout = None


class RealmAdmin:
    """Ask the Admin API of one realm; what every subject shares."""

    def __init__(
        self, http: ApiClient, realm: str, vault: SecretVault, tape: Tape = LIVE, tokens: Sequence[str] = ()
    ) -> None:
        """Take what to ask with; ``tokens`` are the login's, the latest last: their claims say who it is."""
        self.http = http
        self.tape = tape
        self._realm = realm
        self._vault = vault
        self._tokens = tokens
        self._scope_ids: dict[str, str] = {}
        self._uuids: dict[str, str] = {}
        self._realm_id = ""
        self._server: dict[str, Any] | None = None
        self._asking_server = asyncio.Lock()
        self._lengths = Lengths()
        self._first: dict[str, asyncio.Lock] = {}
        self._asked: set[str] = set()
        self._lacking: set[str] = set()
        self._admin = KeycloakAdmin(connection=cast("Any", _Connection(http, realm)))

    @read
    async def login(self) -> Login:
        return login_of(self._tokens[-1] if self._tokens else "", self._realm)

    @read
    async def find_client(self, client_id: str) -> Representation | None:
        found = await self.get("/clients", list, _by("clientId"), clientId=client_id)
        return next(iter(self._vault.strip_all([found[client_id]])), None) if client_id in found else None

    @read
    async def client_scopes(self) -> tuple[Representation, ...]:
        scopes = await self.get("/client-scopes", list, _by("name"))
        self._scope_ids = {name: scope["id"] for name, scope in scopes.items()}
        return tuple(scopes.values())

    async def _scope_id(self, name: str) -> str:
        if name not in self._scope_ids:
            await self.client_scopes()
        try:
            return self._scope_ids[name]
        except KeyError:
            raise NotFound(
                f"The realm {self._realm} has no client scope '{name}'.",
                remedy="Declare the realm's scaffolding in a manifest of kind: Realm.",
            ) from None

    async def _role_path(self, role: str) -> str:
        """Return the path of a role's own resource; a client is looked up once."""
        owner, name = await self._split(role)
        return await self._named_role(owner, name)

    async def _named_role(self, owner: str, name: str) -> str:
        """Return the path of a role of ``owner`` (``/clients/UUID``, or nothing for the realm): by its name or id."""
        if fits_a_path(name):
            return f"{owner}/roles/{segment(name)}"
        found = [role["id"] for role in await self.listed(f"{owner}/roles", whole) if role["name"] == name]
        if not found:
            client_id = "" if owner else name.rpartition("/")[0]
            nor = f", and no client '{client_id}'" if client_id else ""
            raise NotFound(f"The realm {self._realm} has no role '{name}'{nor}.")
        return f"/roles-by-id/{segment(found[0])}"

    async def role(self, role: str) -> tuple[str, dict[str, Any]]:
        """Return where mappings of a role live (``realm``, ``clients/UUID``), and its representation."""
        owner, name = await self._split(role)
        return owner.removeprefix("/") or "realm", await self.get(await self._named_role(owner, name))

    async def _split(self, role: str) -> tuple[str, str]:
        """Return the path of whose role it is, nothing for the realm's, and its name: both may hold a slash."""
        end = role.rfind("/")
        while end > 0:
            if uuid := await self._client_uuid(role[:end]):
                return f"/clients/{segment(uuid)}", role[end + 1 :]
            end = role.rfind("/", 0, end)
        return "", role

    async def _client_uuid(self, client_id: str) -> str:
        """Return the id of the client, empty where there is none."""
        if client_id not in self._uuids:
            found = await self.find_client(client_id)
            if found is None:
                return ""
            self._uuids[client_id] = found["id"]
        return self._uuids[client_id]

    async def get(self, path: str, kind: type = dict, made: Callable[[Any], Any] | None = None, /, **query: Any) -> Any:
        """Return what is at a path of the realm: an object or, of the kind ``list``, objects; or what is made of it."""
        response = await self.http.get(realm_path(self._realm, path), params=query)
        return read_as(self.http.system, response, kind, made or whole)

    def _take(self, listing: Listing[_T], kind: str, asked: int, page: list[dict[str, Any]]) -> None:
        listing.take(page, is_last=self._lengths.is_last(kind, len(page), asked), asked=asked)

    async def _server_info(self) -> dict[str, Any]:
        """Return what the server tells this login about itself, asked for once; nothing where it does not."""
        async with self._asking_server:
            if self._server is None:
                try:
                    found = (await self.http.get("/admin/serverinfo")).json()
                except (AccessRefused, RequestFailed, ValueError, RecursionError):
                    found = {}
                self._server = found if isinstance(found, dict) else {}
            return self._server

    @asynccontextmanager
    async def first_of(self, path: str) -> AsyncIterator[bool]:
        """Let whoever asks first for something of the kind of ``path`` be answered before all others ask.

        Tell whether it is the first; it shows whether the server has such paths, of which :meth:`lacks` tells.
        """
        if path in self._asked:
            yield False
            return
        async with self._first.setdefault(path, asyncio.Lock()):
            is_first = path not in self._asked
            yield is_first
            self._asked.add(path)

    def lacks(self, path: str) -> bool:
        """Tell whether the server has no such paths."""
        return path in self._lacking

    def note_lacking(self, path: str) -> None:
        """Remember for the rest of the run that the server has no such paths."""
        self._lacking.add(path)

    async def has(self, path: str) -> bool:
        """Tell whether the object at a path is there."""
        try:
            await self.get(path)
        except NotFound:
            return False
        return True

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send a write to the realm, and return the answer."""
        sent = dict(body) if isinstance(body, Mapping) else body
        return await self.http.request(method, realm_path(self._realm, path), json=sent)

    async def through(self, verb: Callable[..., Awaitable[_T]], *arguments: Any) -> _T:
        """Return what a method of python-keycloak's returns.

        It takes no mapping but a ``dict``, and puts names into paths as they are.

        Raises:
            ReconcilerError: As it came from our HTTP client, below the errors that python-keycloak wraps it in.
            RequestFailed: python-keycloak cannot read the answer.
        """
        try:
            return await verb(self._admin, *map(_taken, arguments))
        except KeycloakError as error:
            if isinstance(error.__cause__, ReconcilerError):
                raise error.__cause__ from None
            said = redacted(str(error))
            raise RequestFailed(f"Keycloak's answer cannot be used: {said}", status=error.response_code) from error
        except TypeError as error:
            raise RequestFailed("Keycloak's answer has an unexpected form.") from error

    async def listed(
        self, path: str, keep: Callable[[dict[str, Any]], _T], limit: int = 0, **query: Any
    ) -> tuple[_T, ...]:
        """Return what ``keep`` makes of each object of a list, at most ``limit`` of them; 0 for all.

        Raises:
            RequestFailed: The list moved each time that it was read.
            WrongServer: The same full page comes whatever the offset.
        """
        kind = path.rpartition("/")[2]
        for _ in range(_READINGS):
            listing = Listing(keep, limit)
            while not listing.is_done:
                asked = min(PAGE, limit - listing.first) if limit > listing.first else PAGE
                take = partial(self._take, listing, kind, asked)
                await self.get(path, list, take, first=listing.first, max=asked, **query)
            if listing.is_cut:
                raise WrongServer(
                    f"{self.http.system}'s list {path} has the same {PAGE} objects at each offset: some are missing.",
                    remedy="Check intermediaries (proxy, gateway, cache): one drops or ignores '?first='.",
                )
            if not listing.has_moved:
                return listing.items
        raise RequestFailed(
            f"Keycloak's list {path} changed each of the {_READINGS} times that it was read.",
            remedy="Try again when fewer objects are created and deleted.",
        )


def _by(key: str) -> Callable[[list[dict[str, Any]]], dict[str, dict[str, Any]]]:
    """Return what finds the objects of a list by a field, which tells them apart, as their ids do."""

    def found(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        by_name = {each[key]: each for each in objects}
        # The same one twice is one; of two, nobody could tell which is meant.
        if len(by_name) != len({each["id"] for each in objects}):
            raise NotAsDocumented(f"several have one {key}, or one id")
        return by_name

    return found


def _taken(argument: Any) -> Any:
    if isinstance(argument, str):
        return segment(argument)
    return dict(argument) if isinstance(argument, Mapping) else argument


def whole(representation: Any) -> Any:
    """Return all of what was answered."""
    return representation


def having(*fields: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what keeps an object of a list whole, which must have the fields."""
    return lambda found: {**found, **{field: found[field] for field in fields}}


def id_of(representation: dict[str, Any]) -> str:
    """Return the id of an object of a list."""
    return str(representation["id"])


def name_of(representation: dict[str, Any]) -> str:
    """Return the name of an object of a list."""
    return str(representation["name"])


def role_names(mappings: dict[str, Any]) -> tuple[str, ...]:
    """Return the roles of Keycloak's MappingsRepresentation, sorted: ``ROLE`` or ``CLIENTID/ROLE``."""
    of_realm = [role["name"] for role in mappings.get("realmMappings") or ()]
    of_clients = (mappings.get("clientMappings") or {}).items()
    return tuple(
        sorted(of_realm + [f"{client}/{role['name']}" for client, held in of_clients for role in held["mappings"]])
    )
