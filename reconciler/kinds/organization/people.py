"""The part of the kind ``organization`` that people bring: members, invitations, identity providers, domains, groups.

A managed member is one whose account came with the organization's identity provider: Keycloak deletes the account with
the membership (keycloak/keycloak#33435, measured on 26.7.5).
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from reconciler.kinds.identity_provider.representation import linked_by_us
from reconciler.kinds.organization.fields import (
    ACCOUNTS_IN_GROUPS,
    FIELDS,
    GROUPS,
    IDENTITY_PROVIDERS,
    INVITATIONS,
    MANAGED,
    MEMBERS,
    PEOPLE,
)
from reconciler.model.change import Change, Step, Verb
from reconciler.model.errors import AccessRefused, NotFound, StalePlan
from reconciler.model.layout import SERVICE_ACCOUNT_PREFIX
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.observed import OrganizationObservation, ReadFailure
from reconciler.model.value import Fields, Representation, Value, names, names_gone
from reconciler.ports import AdminApi

MANAGED_MEMBER: Final = "MANAGED"
"""Keycloak's ``membershipType`` of a managed member."""


def observed_fields(observation: OrganizationObservation) -> dict[str, Value]:
    """Return what the organization itself shows of people, as far as it could be read."""
    return {
        INVITATIONS: None if isinstance(observation.invitations, ReadFailure) else observation.invitations or None,
        GROUPS: None if isinstance(observation.groups, ReadFailure) else observation.groups or None,
        ACCOUNTS_IN_GROUPS: observation.accounts_in_groups or None,
    }


def links_left(manifest: IntegrationOrganization | None, live: OrganizationObservation) -> tuple[str, ...]:
    """Return the linked identity providers that are people's, sorted."""
    declared = {each.alias for each in manifest.spec.identity_providers} if manifest else set()
    managed = declared | linked_by_us(live.representation)
    return tuple(alias for alias in live.identity_providers if alias not in managed)


def steps(before: Fields, after: Fields) -> Iterator[Step]:
    """Yield the writes that remove what ``after`` does not have: what lets people in goes first.

    The account of a ``managed`` member is deleted, as the plan says: that waits for the rest, as deletions do.
    """
    managed = names(before.get(MANAGED))
    for address in names_gone(INVITATIONS, before, after):
        yield Step(Verb.DELETE_INVITATION, {"email": address}, first=True)
    for alias in names_gone(IDENTITY_PROVIDERS, before, after):
        yield Step(Verb.UNLINK_IDENTITY_PROVIDER, {"alias": alias}, first=True)
    for each in names_gone(ACCOUNTS_IN_GROUPS, before, after):
        path, _, username = each.rpartition(" ")
        yield Step(Verb.LEAVE_ORGANIZATION_GROUP, {"path": path, "username": username}, first=True)
    for name in (name for path in (MEMBERS, PEOPLE) for name in names_gone(path, before, after)):
        if name in managed:
            yield Step(Verb.REMOVE_MEMBER, {"username": name, "managed": True})
        else:
            yield Step(Verb.REMOVE_MEMBER, {"username": name}, first=True)
    for name in names_gone(GROUPS, before, after):
        yield Step(Verb.DELETE_ORGANIZATION_GROUP, {"name": name}, first=True)


def deletion(change: Change) -> tuple[Step, ...]:
    """Return the write that deletes an organization, with the accounts that are known to go with it."""
    managed = names((change.before or {}).get(MANAGED))
    return (Step(Verb.DELETE_ORGANIZATION, {"managed": managed} if managed else {}),)


def ended_memberships(planned: Iterable[Step]) -> tuple[str, ...] | None:
    """Return whose memberships the steps end; () where it is everybody's, None where it is nobody's."""
    found = tuple(planned)
    if any(step.verb is Verb.DELETE_ORGANIZATION for step in found):
        return ()
    return tuple(str(step.body["username"]) for step in found if step.verb is Verb.REMOVE_MEMBER) or None


def without_accounts_deleted(before: Fields, after: Fields) -> Fields:
    """Return ``after`` with the memberships kept whose end deletes an account."""
    managed = names(before.get(MANAGED))
    kept = {path: tuple(name for name in names(before.get(path)) if name in managed) for path in (MEMBERS, PEOPLE)}
    return {**after, **{path: found for path, found in kept.items() if found}}


def left_alone(before: Fields, after: Fields) -> frozenset[str]:
    """Return what a plan leaves to people as it is."""
    return frozenset(path for path in FIELDS.shared if before.get(path) == after.get(path))


def as_planned(now: Fields, before: Fields, after: Fields) -> Fields:
    """Return the live fields with what the plan leaves to people as it saw it: what they change there moves no plan."""
    left = left_alone(before, after) - FIELDS.by_planner
    kept = {path: before[path] for path in left if path in before}
    return {path: value for path, value in now.items() if path not in left} | kept


def is_managed(member: Representation) -> bool:
    """Tell whether Keycloak deletes the member's account with the membership."""
    return member.get("membershipType") == MANAGED_MEMBER


async def with_unlisted(admin: AdminApi, live: OrganizationObservation) -> OrganizationObservation:
    """Return the organization with its groups and invitations, which no listing shows."""
    groups, invitations = await asyncio.gather(admin.organization_groups(live.id), _invited(admin, live))
    found = await asyncio.gather(*(_accounts_in(admin, live.id, group) for group in groups))
    return replace(
        live,
        groups=tuple(sorted(group["name"] for group in groups)),
        accounts_in_groups=tuple(sorted(account for accounts in found for account in accounts)),
        invitations=invitations,
    )


async def _invited(admin: AdminApi, live: OrganizationObservation) -> tuple[str, ...] | ReadFailure:
    try:
        return tuple(sorted(str(each["email"]) for each in await admin.invitations(live.id)))
    except AccessRefused as error:
        # None of the roles that only read shows them (measured on 26.7.5).
        return ReadFailure(f"invitations of organization/{live.alias}", error.message, error.remedy)


async def _accounts_in(admin: AdminApi, organization_id: str, group: Representation) -> list[str]:
    members, below = await asyncio.gather(
        admin.organization_group_members(organization_id, group["id"]),
        admin.organization_subgroups(organization_id, group["id"]),
    )
    usernames = [user["username"] for user in members if user["username"].startswith(SERVICE_ACCOUNT_PREFIX)]
    deeper = await asyncio.gather(*(_accounts_in(admin, organization_id, each) for each in below))
    return [f"{group['path']} {name}" for name in usernames] + [each for found in deeper for each in found]


async def delete_organization(admin: AdminApi, organization_id: str, managed: Collection[str]) -> None:
    """Delete an organization, with the accounts of the ``managed`` members.

    Raises:
        StalePlan: Further members' accounts would be deleted.
    """
    for member in await admin.members(organization_id):
        _check(member, member["username"] in managed)
    await admin.delete_organization(organization_id)


async def remove_member(admin: AdminApi, organization_id: str, username: str, *, managed: bool) -> None:
    """End the membership of the user of that name, if it is a member; of a ``managed`` one, the account too.

    Raises:
        StalePlan: The account would be deleted, and the plan does not say so.
    """
    for member in await admin.members(organization_id):
        if member["username"] == username:
            _check(member, managed)
            await admin.remove_member(organization_id, member["id"])


def _check(member: Representation, is_planned: bool) -> None:
    if is_managed(member) and not is_planned:
        raise StalePlan(
            f"{member['username']} is a managed member, whose account Keycloak would delete: the plan does not say so.",
            remedy="Run plan again.",
        )


async def delete_invitation(admin: AdminApi, organization_id: str, email: str) -> None:
    """Take back the invitations of that address."""
    for invitation in await admin.invitations(organization_id):
        if invitation["email"] == email:
            await admin.delete_invitation(organization_id, invitation["id"])


async def unlink_identity_provider(admin: AdminApi, organization_id: str, alias: str) -> None:
    """Take an identity provider from the organization, if it is linked."""
    with suppress(NotFound):
        await admin.unlink_identity_provider(organization_id, alias)


async def leave_group(admin: AdminApi, organization_id: str, path: str, username: str) -> None:
    """Take a user out of the organization's own group of that path, if both are there."""
    found = list(await admin.organization_groups(organization_id))
    while found:
        group = found.pop()
        if group["path"] == path:
            for user in await admin.organization_group_members(organization_id, group["id"]):
                if user["username"] == username:
                    await admin.leave_organization_group(organization_id, group["id"], user["id"])
        elif path.startswith(f"{group['path']}/"):
            found += await admin.organization_subgroups(organization_id, group["id"])


async def delete_group(admin: AdminApi, organization_id: str, name: str) -> None:
    """Delete the organization's own group of that name, if there is one; the roles that it gave go with it."""
    for group in await admin.organization_groups(organization_id):
        if group["name"] == name:
            await admin.delete_organization_group(organization_id, group["id"])
