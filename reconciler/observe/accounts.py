"""Find service accounts that are not named after their clients: a name does not make one, only the client's link does.

Where the realm takes e-mail addresses for user names, whoever sets both renames a service account's user, for good
(measured on Keycloak 26.7.5). No representation of a user says whose service account it is; only the client tells.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace

from reconciler.model.errors import NotFound
from reconciler.model.layout import service_account_of
from reconciler.model.observed import ClientObservation, ReadFailure
from reconciler.model.value import Representation
from reconciler.observe.attempt import attempt
from reconciler.observe.clients import Users
from reconciler.ports import AdminApi

_REMEDY = "Look at the client in Keycloak; then plan again."


async def read_renamed(
    admin: AdminApi,
    clients: Collection[Representation],
    members: Mapping[str, Users],
    impostors: frozenset[str],
    known: Mapping[str, ClientObservation],
) -> Mapping[str, str] | ReadFailure:
    """Return the clientIds of the members that are service accounts under another name, by that name.

    Nobody is asked while every member has the name of a service account; else only the ``clients`` whose own is no
    member, and those that are ``known`` not even then.
    """
    found = {u["username"]: u["id"] for users in members.values() if not isinstance(users, ReadFailure) for u in users}
    expected = {service_account_of(client["clientId"]).lower(): client for client in clients}
    strangers = {user_id: name for name, user_id in found.items() if name not in expected and name not in impostors}
    doubtful = [
        client
        for name, client in expected.items()
        if strangers and client.get("serviceAccountsEnabled") and name not in found.keys() - impostors
    ]
    asked = asyncio.gather(*(_user_id(admin, client["id"], known) for client in doubtful))
    if isinstance(users := await attempt("which members are service accounts", asked), ReadFailure):
        return replace(users, remedy=users.remedy or _REMEDY)
    pairs = zip(users, doubtful, strict=True)
    return {strangers[user]: client["clientId"] for user, client in pairs if user in strangers}


async def _user_id(admin: AdminApi, uuid: str, known: Mapping[str, ClientObservation]) -> str:
    if uuid in known:
        return known[uuid].user_id
    try:
        user = await admin.service_account(uuid)
    except NotFound:
        return ""
    return "" if user is None else str(user["id"])
