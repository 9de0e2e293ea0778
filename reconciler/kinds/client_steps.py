"""The writes that bring a client from what it is to what it shall be, in the order that Keycloak needs."""

from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.kinds.client import (
    APART,
    ATTRIBUTE,
    DEFAULT_ROLE,
    DEFAULT_SCOPES,
    GROUPS,
    KEYCLOAK,
    LINKS,
    MAPPER,
    NAMED_ATTRIBUTES,
    NODES,
    ONLY_ANEW,
    OPTIONAL_SCOPES,
    ORGANIZATIONS,
    OWN_ROLES,
    ROLES,
    SCOPE_MAPPINGS,
    SCOPES,
    SERVICE_ACCOUNTS,
    USER,
)
from reconciler.kinds.closed_world import empty_like
from reconciler.kinds.patch import nested
from reconciler.model.change import Action, Step, Verb
from reconciler.model.observed import Welcome
from reconciler.model.value import Fields, Value

_NOTHING: Final = Welcome()


def steps(
    client_id: str,
    action: Action,
    before: Fields | None,
    after: Fields | None,
    changed: Iterable[str],
    *,
    renamed: bool = False,
    welcome: Welcome = _NOTHING,
) -> tuple[Step, ...]:
    """Return the writes that bring a client from ``before`` to ``after``, in the order that Keycloak needs.

    Where it is ``renamed``, its clientId becomes ``client_id``; the service account follows. ``welcome`` is what a
    new service account gets unasked, and gives back at once.
    """
    match action:
        case Action.CREATE if after is not None:
            return (
                Step(Verb.CREATE_CLIENT, _creation(client_id, after)),
                *_scope_mapping_steps(None, after.get(SCOPE_MAPPINGS)),
                *_new_account_steps(after, welcome),
            )
        case Action.UPDATE | Action.ADOPT if after is not None:
            return _update_steps(before or {}, after, frozenset(changed), client_id if renamed else None, welcome)
        case Action.DELETE:
            return (Step(Verb.DELETE_CLIENT),)
        case _:
            return ()


def _creation(client_id: str, after: Fields) -> dict[str, Value]:
    patch = _client_patch(set(after) - APART, {}, after)
    return {
        "clientId": client_id,
        **patch,
        "defaultClientScopes": after.get(DEFAULT_SCOPES) or (),
        "optionalClientScopes": after.get(OPTIONAL_SCOPES) or (),
    }


def _update_steps(
    before: Fields, after: Fields, changed: frozenset[str], new_id: str | None, welcome: Welcome
) -> tuple[Step, ...]:
    found: list[Step] = []
    rename: dict[str, Value] = {"clientId": new_id} if new_id is not None else {}
    if patch := rename | _client_patch(changed - APART, before, after):
        found.append(Step(Verb.UPDATE_CLIENT, patch))
    found += _scope_steps(before, after, changed)
    if NODES in changed and isinstance(nodes := before.get(NODES), Mapping):
        found += [Step(Verb.UNREGISTER_NODE, {"node": node}) for node in sorted(nodes)]
    if OWN_ROLES in changed:
        found += [Step(Verb.DELETE_CLIENT_ROLE, {"name": name}) for name in sorted(_names(before.get(OWN_ROLES)))]
    if SCOPE_MAPPINGS in changed:
        found += _scope_mapping_steps(before.get(SCOPE_MAPPINGS), after.get(SCOPE_MAPPINGS))
    if ONLY_ANEW & changed:
        return (*found, Step(Verb.REPLACE_SERVICE_ACCOUNT), *_new_account_steps(after, welcome))
    if SERVICE_ACCOUNTS in changed and after.get(SERVICE_ACCOUNTS):
        return (*found, *_new_account_steps(after, welcome))
    return (*found, *_service_account_steps(before, after, changed))


def _scope_steps(before: Fields, after: Fields, changed: frozenset[str]) -> list[Step]:
    removed: list[Step] = []
    added: list[Step] = []
    for path, default in SCOPES.items():
        if path in changed:
            old, new = _names(before.get(path)), _names(after.get(path))
            removed += [Step(Verb.REMOVE_CLIENT_SCOPE, {"name": n, "default": default}) for n in sorted(old - new)]
            added += [Step(Verb.ADD_CLIENT_SCOPE, {"name": n, "default": default}) for n in sorted(new - old)]
    # Keycloak passes over a scope that the client has already, of either sort: it must be taken first.
    return removed + added


def _new_account_steps(after: Fields, welcome: Welcome) -> tuple[Step, ...]:
    """Return the writes that bring a user that Keycloak has just made to what ``after`` says."""
    declared = _names(after.get(GROUPS))
    idle = [Step(Verb.UPDATE_SERVICE_ACCOUNT, {"requiredActions": ()})] if welcome.actions else []
    left = [Step(Verb.LEAVE_GROUP, {"path": path}) for path in welcome.groups if path not in declared]
    return (
        *idle,
        *left,
        *_role_steps(None, after.get(ROLES)),
        *_membership_steps(None, after.get(ORGANIZATIONS)),
    )


def _service_account_steps(before: Fields, after: Fields, changed: frozenset[str]) -> tuple[Step, ...]:
    found: list[Step] = []
    if user := {path for path in changed - APART if path.startswith(USER)}:
        patch = {path.removeprefix(USER): _sent(path, before, after) for path in sorted(user)}
        found.append(Step(Verb.UPDATE_SERVICE_ACCOUNT, patch))
    if DEFAULT_ROLE in changed:
        found.append(Step(Verb.GRANT_ROLE, {"role": None}))
    if ROLES in changed:
        found += _role_steps(before.get(ROLES), after.get(ROLES))
    if GROUPS in changed:
        found += [Step(Verb.LEAVE_GROUP, {"path": path}) for path in sorted(_names(before.get(GROUPS)))]
    if LINKS in changed:
        found += [Step(Verb.UNLINK_SERVICE_ACCOUNT, {"alias": alias}) for alias in sorted(_names(before.get(LINKS)))]
    if ORGANIZATIONS in changed:
        found += _membership_steps(before.get(ORGANIZATIONS), after.get(ORGANIZATIONS))
    return tuple(found)


def _client_patch(paths: Iterable[str], before: Fields, after: Fields) -> dict[str, Value]:
    attribute_of = {path: attribute for attribute, path in NAMED_ATTRIBUTES.items()}
    flat: dict[tuple[str, ...], Value] = {}
    mappers_changed = False
    for path in sorted(paths):
        if path in attribute_of:
            flat["attributes", attribute_of[path]] = _attribute_text(after.get(path))
        elif path.startswith(ATTRIBUTE):
            flat["attributes", path.removeprefix(ATTRIBUTE)] = _attribute_text(after.get(path))
        elif path.startswith(MAPPER):
            mappers_changed = True
        elif path.startswith(KEYCLOAK) or not path.startswith(USER):
            flat[path.removeprefix(KEYCLOAK),] = _sent(path, before, after)
    # No manifest declares a client's own mappers: whatever is there was added by hand.
    return nested(flat) | ({"protocolMappers": ()} if mappers_changed else {})


def _sent(path: str, before: Fields, after: Fields) -> Value:
    return after[path] if path in after else empty_like(before.get(path))


def _attribute_text(value: Value) -> str | None:
    return " ".join(map(str, value)) if isinstance(value, tuple) else None if value is None else str(value)


def _membership_steps(old: Value, new: Value) -> list[Step]:
    return _moves(old, new, "organization", Verb.LEAVE_ORGANIZATION, Verb.JOIN_ORGANIZATION)


def _scope_mapping_steps(old: Value, new: Value) -> list[Step]:
    return _moves(old, new, "role", Verb.REMOVE_SCOPE_MAPPING, Verb.ADD_SCOPE_MAPPING)


def _role_steps(old: Value, new: Value) -> list[Step]:
    return _moves(old, new, "role", Verb.REVOKE_ROLE, Verb.GRANT_ROLE)


def _moves(old: Value, new: Value, key: str, remove: Verb, add: Verb) -> list[Step]:
    """Return the writes that turn one set of names into another, removals first."""
    before, after = _names(old), _names(new)
    removals = [Step(remove, {key: name}) for name in sorted(before - after)]
    return removals + [Step(add, {key: name}) for name in sorted(after - before)]


def _names(value: Value) -> set[str]:
    return {str(name) for name in value} if isinstance(value, tuple) else set()
