"""The verbs on a client's service account: its user, memberships, roles, groups and links."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from reconciler.kinds.organization import people
from reconciler.kinds.patch import merged
from reconciler.model.errors import Conflict, NotFound, RequestFailed
from reconciler.model.value import Representation, Value
from reconciler.ports import AdminApi


async def update(admin: AdminApi, uuid: str, patch: Mapping[str, Value]) -> None:
    """Write the service account's user back, merged whole."""
    user = await _user(admin, uuid)
    whole: dict[str, Any] = merged(user, patch)
    if "attributes" in patch:
        # No manifest declares any; only an empty map removes them.
        whole["attributes"] = {}
    if whole.get("email") == "":
        # Keycloak 26.7.5 refuses an empty e-mail here ("Email not set"), but not as an attribute.
        del whole["email"]
        whole["attributes"] = {**(whole.get("attributes") or {}), "email": [""]}
    await admin.update_user(user["id"], whole)


async def join(admin: AdminApi, uuid: str, organization_id: str) -> None:
    """Make the service account a member; it is no error that it is one already."""
    user = await _user(admin, uuid)
    try:
        await admin.add_member(organization_id, user["id"])
    except Conflict:
        if user["id"] not in {member["id"] for member in await admin.members(organization_id)}:
            raise


async def leave(admin: AdminApi, uuid: str, organization_id: str) -> None:
    """End the service account's membership; it is no error that there is none.

    Raises:
        StalePlan: Keycloak would delete the account.
    """
    await people.remove_member(admin, organization_id, (await _user(admin, uuid))["username"], managed=False)


async def grant(admin: AdminApi, uuid: str, role: str) -> None:
    """Give the service account a role."""
    await admin.grant_role((await _user(admin, uuid))["id"], role)


async def revoke(admin: AdminApi, uuid: str, role: str) -> None:
    """Take a role from the service account; it is no error that there is no such role any more."""
    user = await _user(admin, uuid)
    with suppress(NotFound):
        await admin.revoke_role(user["id"], role)


async def leave_group(admin: AdminApi, uuid: str, path: str) -> None:
    """Take the service account out of a group."""
    user = await _user(admin, uuid)
    for group in await admin.groups_of(user["id"]):
        if group["path"] == path:
            await admin.leave_group(user["id"], group["id"])


async def replace(admin: AdminApi, uuid: str) -> None:
    """Let Keycloak make another user for the service account: as new, without roles, memberships and credentials."""
    user = await _user(admin, uuid)
    await admin.delete_user(user["id"])
    await _user(admin, uuid)


async def unlink(admin: AdminApi, uuid: str, alias: str) -> None:
    """End the service account's link to an identity provider; it is no error that there is none."""
    user = await _user(admin, uuid)
    with suppress(NotFound):
        await admin.unlink_user(user["id"], alias)


async def _user(admin: AdminApi, uuid: str) -> Representation:
    user = await admin.service_account(uuid)
    if user is None:
        raise RequestFailed("The client has no service account.", remedy="Run plan again.")
    return user
