"""A stand-in for Keycloak that shows a realm of one organization as one of many.

Whatever concerns the scaffolding is asked of the real server. Organizations, clients, their service accounts and the
record of their creation are those of the one that is there, with the names, ids and marks of the others. So a plan of
ten thousand organizations can be measured without making them, which takes Keycloak minutes.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import parse_qs, urlencode
from uuid import NAMESPACE_URL, uuid5

from aiohttp import ClientSession, web

from reconciler.kinds.client import representation as client
from reconciler.kinds.organization import representation as organization
from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address
from reconciler.model.change import Action, Change
from reconciler.model.layout import CLIENT_PREFIX, service_account_of
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.value import Fields, plain

Json = dict[str, Any]
_HOP_BY_HOP: Final = frozenset({"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"})


class ManyOrganizations:
    """Answer for a realm in which ``manifests``, with a client each, were applied by ``owner``.

    The first of them must be there; it is the model of the others.
    """

    def __init__(self, keycloak_url: str, realm: str, manifests: tuple[IntegrationOrganization, ...], owner: str):
        self.url = ""
        self._keycloak_url = keycloak_url
        self._place = f"/admin/realms/{realm}"
        self._manifests = manifests
        self._owner = owner
        self._members: dict[str, Json] = {}
        self._lists: dict[str, list[Json]] = {}
        self._learning = asyncio.Lock()

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request: from the many, or what the server says."""
        query = {key: values[-1] for key, values in parse_qs(request.query_string).items()}
        path = request.path.removeprefix(self._place)
        is_list = path in {"/organizations", "/clients"} or query.get("operationTypes") == "CREATE"
        is_member = path.startswith("/organizations/") and path.endswith("/members")
        if request.method != "GET" or not (is_list or is_member):
            return await self._forward(request)
        async with self._learning:
            if not self._lists:
                await self._learn(request.headers["Authorization"])
        if is_member:
            return web.json_response([self._members[path.split("/")[2]]])
        first = int(query.get("first", 0))
        return web.json_response(self._lists[path][first : first + int(query["max"])])

    async def _forward(self, request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        url = f"{self._keycloak_url}{request.path_qs}"
        async with (
            ClientSession() as session,
            session.request(request.method, url, data=await request.read(), headers=headers) as answer,
        ):
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)

    async def _learn(self, authorization: str) -> None:
        """Read the one that is there, and make all the others like it."""
        one = self._manifests[0]
        client_id = one.spec.clients[0].client_id
        async with ClientSession(headers={"Authorization": authorization}) as session:

            async def get(path: str) -> Any:
                async with session.get(f"{self._keycloak_url}{self._place}{path}") as answer:
                    answer.raise_for_status()
                    return await answer.json()

            query = urlencode({"search": one.spec.display_name, "exact": "true", "briefRepresentation": "false"})
            (its_organization,) = await get(f"/organizations?{query}")
            # Without a number, Keycloak lists all of them.
            clients = await get("/clients")
            its_client = next(each for each in clients if each["clientId"] == client_id)
            others = [each for each in clients if not each["clientId"].startswith(CLIENT_PREFIX)]
            (user,) = await get(f"/organizations/{its_organization['id']}/members?briefRepresentation=false")
            created = []
            for path in (f"organizations/{its_organization['id']}", f"clients/{its_client['id']}"):
                created += await get(f"/admin-events?operationTypes=CREATE&resourcePath={path}")
        self._lists = {"/organizations": [], "/clients": others, "/admin-events": []}
        for manifest in self._manifests:
            self._add(manifest, its_organization, its_client, user, created)

    def _add(
        self,
        manifest: IntegrationOrganization,
        like_organization: Json,
        like_client: Json,
        user: Json,
        events: list[Json],
    ) -> None:
        (wanted,) = manifest.spec.clients
        fields = organization.desired_fields(manifest, self._owner)
        made = _like(like_organization, Address.organization(manifest.name), fields)
        fields = client.desired_fields(manifest.name, wanted, self._owner, protected=False)
        its_client = _like(like_client, Address.client(manifest.name, wanted.client_id), fields)
        username = service_account_of(wanted.client_id).lower()
        self._lists["/organizations"].append(made)
        self._lists["/clients"].append(its_client)
        self._members[made["id"]] = {**user, "id": _id(username), "username": username}
        ids = {like_organization["id"]: made["id"], like_client["id"]: its_client["id"]}
        for event in events:
            kind, its_id = event["resourcePath"].split("/")
            path = f"{kind}/{ids[its_id]}"
            self._lists["/admin-events"].append({**event, "id": _id(path), "resourcePath": path})


def _like(one: Json, address: Address, fields: Fields) -> Json:
    """Return the representation of what the first step of its creation creates."""
    step, *_ = kind_of(address).steps(Change(address, Action.CREATE, None, fields, (), ()), ())
    body: Mapping[str, Any] = json.loads(json.dumps(plain(step.body)))
    name = body.get("clientId") or body["alias"]
    given = {key: value for key, value in body["attributes"].items() if value is not None}
    attributes = {**one["attributes"], **given}
    names = {key: body[key] for key in ("alias", "name", "clientId", "description") if body.get(key) is not None}
    return {**one, **names, "id": _id(name), "attributes": attributes}


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


@contextmanager
def serving(stand_in: ManyOrganizations) -> Iterator[ManyOrganizations]:
    """Serve on a free port of the loopback, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> web.AppRunner:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/{path:.*}", stand_in.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        stand_in.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def run(work: Callable[[], Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work(), loop).result(60)

    try:
        runner = run(start)
        try:
            yield stand_in
        finally:
            run(runner.cleanup)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
