"""The writes that bring a client from what it is to what it shall be, in the order that Keycloak needs.

What ends access is ``first``; what gives it waits.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.kinds.client.fields import (
    ATTRIBUTE,
    DEFAULT_ROLE,
    DEFAULT_SCOPES,
    FIELDS,
    GROUPS,
    KEYCLOAK,
    LINKS,
    MAPPER,
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
from reconciler.kinds.marks import is_mark
from reconciler.kinds.patch import nested
from reconciler.model.change import Change, Step, Verb
from reconciler.model.layout import SOFT_DELETED_MARK
from reconciler.model.observed import NewUserDefaults
from reconciler.model.value import Fields, Value

PROTOCOL: Final = "keycloak.protocol"


def creation(change: Change, after: Fields) -> tuple[Step, ...]:
    """Return the writes that create the client."""
    body: dict[str, Value] = {
        "clientId": change.address.name,
        **_client_patch(set(after) - FIELDS.apart, {}, after),
        "defaultClientScopes": after.get(DEFAULT_SCOPES) or (),
        "optionalClientScopes": after.get(OPTIONAL_SCOPES) or (),
    }
    mappings = _scope_mapping_steps(None, after.get(SCOPE_MAPPINGS))
    return (Step(Verb.CREATE_CLIENT, body), *mappings, *_new_account_steps(after, change.new_user_defaults))


def deletion(change: Change) -> tuple[Step, ...]:
    """Return the write that deletes the client."""
    return (Step(Verb.DELETE_CLIENT),)


def update(change: Change, before: Fields, after: Fields, changed: frozenset[str]) -> tuple[Step, ...]:
    """Return the writes that update the client; where it is renamed, its service account follows."""
    new_id = change.address.name if change.renamed_from else None
    found = [*_updates(before, after, changed - FIELDS.apart, new_id)]
    found += _scopes_of_protocol(after) if PROTOCOL in changed else _scope_steps(before, after, changed)
    if NODES in changed and isinstance(nodes := before.get(NODES), Mapping):
        found += [Step(Verb.UNREGISTER_NODE, {"node": node}) for node in sorted(nodes)]
    if OWN_ROLES in changed:
        found += _moves(before.get(OWN_ROLES), None, "name", Verb.DELETE_CLIENT_ROLE)
    if SCOPE_MAPPINGS in changed:
        found += _scope_mapping_steps(before.get(SCOPE_MAPPINGS), after.get(SCOPE_MAPPINGS))
    if ONLY_ANEW & changed:
        return (*found, Step(Verb.REPLACE_SERVICE_ACCOUNT), *_new_account_steps(after, change.new_user_defaults))
    if SERVICE_ACCOUNTS in changed and after.get(SERVICE_ACCOUNTS):
        return (*found, *_new_account_steps(after, change.new_user_defaults))
    return (*found, *_service_account_steps(before, after, changed))


def _updates(before: Fields, after: Fields, paths: frozenset[str], new_id: str | None) -> Iterable[Step]:
    """Yield the writes of the client itself: it is disabled, then closed, and then all else."""
    own = {path for path in paths if not path.startswith(USER)}
    if "enabled" in own and after.get("enabled") is False and SOFT_DELETED_MARK not in after:
        if any(not is_mark(path) for path in own - {"enabled"}) or new_id is not None:
            yield Step(Verb.UPDATE_CLIENT, {"enabled": False}, first=True)
            own.discard("enabled")
        else:
            yield Step(Verb.UPDATE_CLIENT, _client_patch(own, before, after), first=True)
            return
    # Another protocol, and a new service account, need the client as a whole.
    closing = set() if own & {PROTOCOL, SERVICE_ACCOUNTS} else {path for path in own if path.startswith(KEYCLOAK)}
    if closing and all(is_mark(path) for path in own - closing) and new_id is None:
        closing = own
    if closing:
        yield Step(Verb.UPDATE_CLIENT, _client_patch(closing, before, after), first=True)
    rename: dict[str, Value] = {"clientId": new_id} if new_id is not None else {}
    if patch := rename | _client_patch(own - closing, before, after):
        yield Step(Verb.UPDATE_CLIENT, patch)


def _scopes_of_protocol(after: Fields) -> list[Step]:
    """Return the write of all scopes: with another protocol, a client gets those of the realm's new clients."""
    wanted = {"defaultClientScopes": after.get(DEFAULT_SCOPES), "optionalClientScopes": after.get(OPTIONAL_SCOPES)}
    return [Step(Verb.PUT_CLIENT_SCOPES, {key: names or () for key, names in wanted.items()})]


def _scope_steps(before: Fields, after: Fields, changed: frozenset[str]) -> list[Step]:
    removed: list[tuple[str, bool]] = []
    added: list[tuple[str, bool]] = []
    for path, default in SCOPES.items():
        if path in changed:
            old, new = _names(before.get(path)), _names(after.get(path))
            removed += [(name, default) for name in sorted(old - new)]
            added += [(name, default) for name in sorted(new - old)]
    # Keycloak passes over a scope that the client has already, of either sort: it must be taken first, and is given
    # back right after.
    again = {name for name, _ in added}
    taken = [
        Step(Verb.REMOVE_CLIENT_SCOPE, {"name": name, "default": default}, first=name not in again)
        for name, default in removed
    ]
    return taken + [Step(Verb.ADD_CLIENT_SCOPE, {"name": name, "default": default}) for name, default in added]


def _new_account_steps(after: Fields, new_user_defaults: NewUserDefaults) -> tuple[Step, ...]:
    """Return the writes that bring a user that Keycloak has just made to what ``after`` says."""
    declared = _names(after.get(GROUPS))
    idle = [Step(Verb.UPDATE_SERVICE_ACCOUNT, {"requiredActions": ()})] if new_user_defaults.actions else []
    left = [Step(Verb.LEAVE_GROUP, {"path": path}) for path in new_user_defaults.groups if path not in declared]
    return (
        *idle,
        *left,
        *_role_steps(None, after.get(ROLES)),
        *_membership_steps(None, after.get(ORGANIZATIONS)),
    )


def _service_account_steps(before: Fields, after: Fields, changed: frozenset[str]) -> tuple[Step, ...]:
    found: list[Step] = []
    if user := {path for path in changed - FIELDS.apart if path.startswith(USER)}:
        patch = {path.removeprefix(USER): _sent(path, before, after) for path in sorted(user)}
        found.append(Step(Verb.UPDATE_SERVICE_ACCOUNT, patch))
    if DEFAULT_ROLE in changed:
        found.append(Step(Verb.GRANT_ROLE, {"role": None}))
    if ROLES in changed:
        found += _role_steps(before.get(ROLES), after.get(ROLES))
    if GROUPS in changed:
        found += _moves(before.get(GROUPS), None, "path", Verb.LEAVE_GROUP)
    if LINKS in changed:
        found += _moves(before.get(LINKS), None, "alias", Verb.UNLINK_SERVICE_ACCOUNT)
    if ORGANIZATIONS in changed:
        found += _membership_steps(before.get(ORGANIZATIONS), after.get(ORGANIZATIONS))
    return tuple(found)


def _client_patch(paths: Iterable[str], before: Fields, after: Fields) -> dict[str, Value]:
    flat: dict[tuple[str, ...], Value] = {}
    mappers_changed = False
    for path in sorted(paths):
        if path in FIELDS.attributes:
            flat["attributes", FIELDS.attributes[path]] = _attribute_text(after.get(path))
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
    """Return the writes of memberships: a client that moves joins before it leaves, and stays where it cannot leave.

    With two memberships a token names no organization, so that calls are refused between the two writes, whichever
    comes first; where the second one fails, the first is taken back. A client that is in several organizations has
    no access that it could lose: it leaves first.
    """
    before, after = _names(old), _names(new)
    joined, left = sorted(after - before), sorted(before - after)
    if len(before) == 1 and left and joined:
        (body,) = ({"organization": name} for name in joined)
        return [
            Step(Verb.JOIN_ORGANIZATION, body, undo=Step(Verb.LEAVE_ORGANIZATION, body)),
            Step(Verb.LEAVE_ORGANIZATION, {"organization": left[0]}),
        ]
    return _moves(old, new, "organization", Verb.LEAVE_ORGANIZATION, Verb.JOIN_ORGANIZATION)


def _scope_mapping_steps(old: Value, new: Value) -> list[Step]:
    return _moves(old, new, "role", Verb.REMOVE_SCOPE_MAPPING, Verb.ADD_SCOPE_MAPPING)


def _role_steps(old: Value, new: Value) -> list[Step]:
    return _moves(old, new, "role", Verb.REVOKE_ROLE, Verb.GRANT_ROLE)


def _moves(old: Value, new: Value, key: str, remove: Verb, add: Verb | None = None) -> list[Step]:
    """Return the writes that turn one set of names into another, removals first."""
    before, after = _names(old), _names(new)
    removals = [Step(remove, {key: name}, first=True) for name in sorted(before - after)]
    return removals + [Step(add, {key: name}) for name in sorted(after - before) if add]


def _names(value: Value) -> set[str]:
    return {str(name) for name in value} if isinstance(value, tuple) else set()
