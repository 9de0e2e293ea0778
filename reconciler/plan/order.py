"""Order the changes, and restrict them to targets.

What a resource needs is there before it, a name is free before another resource takes it, and what goes waits for
whatever takes its place. Steps that are ``first`` wait for nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.kinds.client.fields import ORGANIZATIONS
from reconciler.kinds.marks import is_mark
from reconciler.kinds.organization.fields import becomes_another, placeholder
from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change, Step, Verb
from reconciler.model.layout import SOFT_DELETED_MARK
from reconciler.model.value import Fields, Value
from reconciler.plan.names import cycles, givers

_NAME = "name"
"""An organization's display name in Keycloak's representation."""


# docs/decisions.md, 118: why steps wait, and not only changes.
def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return the changes in the order of creation, what leaves last and in reverse, with the dependencies that matter.

    What leaves is deleted, or suspended and disabled instead. A change depends only on changes of the same plan; an
    organization goes after what leaves with it and what moves elsewhere, and a client after the webhooks of its
    organization.
    """
    found = {change.address: change for change in changes}
    leaving = {change.address for change in found.values() if _is_leaving(change)}
    linked = {address: _linked(change, found, leaving) for address, change in found.items()}
    named = _without_exchanged_identities(_with_names_passed_on(linked, leaving))
    ordered = sorted(named, key=lambda address: address.sort_key)
    queue = [address for address in ordered if address not in leaving]
    queue += [address for address in reversed(ordered) if address in leaving]
    return list(_dependencies_first(_with_blocks_passed_on(named), queue))


def _is_leaving(change: Change) -> bool:
    return change.action is Action.DELETE or SOFT_DELETED_MARK in (change.after or {})


def _linked(change: Change, found: Mapping[Address, Change], leaving: set[Address]) -> Change:
    address = change.address
    if address not in leaving:
        own = [each for each in change.depends_on if each in found]
        if address.kind is Kind.ORGANIZATION and becomes_another(change.before, change.after):
            # Whoever leaves must not act for another company, not even for a moment.
            own += [each for each in found if _leaves(found[each], address.name, leaving)]
        return replace(change, depends_on=tuple(own), takes_name_of=(), placeholder="")
    match address.kind:
        case Kind.ORGANIZATION:
            own = [each for each in leaving if each != address and address.contains(each)]
            own += [each for each in found.keys() - leaving if _moves_out(found[each], address.name)]
        case Kind.CLIENT:
            # A webhook is written with the token of a client.
            home = Address.organization(address.names[0])
            own = [each for each in leaving if each.kind is Kind.WEBHOOK and home.contains(each)]
        case Kind.WEBHOOK:
            # Its mark is on the organization: what else is written there comes first.
            own = [each for each in change.depends_on if each in found.keys() - leaving]
        case _:
            own = []
    return replace(change, depends_on=_sorted(own), takes_name_of=(), placeholder="")


def _leaves(change: Change, alias: str, leaving: set[Address]) -> bool:
    """Tell whether a client of the organization moves out of it, or goes altogether."""
    is_its_own = change.address.kind is Kind.CLIENT and change.address.names[0] == alias
    return _moves_out(change, alias) or (is_its_own and change.address in leaving)


def _moves_out(change: Change, alias: str) -> bool:
    """Tell whether the change moves a client out of the organization, or may: where nothing says what it is in."""
    before, after = _organizations(change.before), _organizations(change.after)
    may_be_in = alias in before or (change.before is not None and ORGANIZATIONS in change.unread)
    return change.address.kind is Kind.CLIENT and may_be_in and alias not in (after or change.address.names[:1])


def _organizations(fields: Fields | None) -> tuple[object, ...]:
    found = (fields or {}).get(ORGANIZATIONS)
    return found if isinstance(found, tuple) else ()


def _without_exchanged_identities(found: Mapping[Address, Change]) -> dict[Address, Change]:
    """Return the changes; organizations that become each other, while clients move between them, are blocked."""
    waiting = [change for change in found.values() if becomes_another(change.before, change.after)]
    circle = [change for change in waiting if change.address in _needed(change, found)]
    names = " and ".join(str(change.address) for change in circle)
    why = (
        f"{names} would get another organizationUuid before clients leave that wait for it: they would act for another "
        "company meanwhile. Declare what has that organizationUuid under a metadata.name that no organization has"
    )
    return {**found, **{change.address: replace(change, blocked=change.blocked or why) for change in circle}}


def _needed(change: Change, found: Mapping[Address, Change]) -> set[Address]:
    """Return all that the change waits for, directly or not."""
    needed: set[Address] = set()
    queue = list(change.depends_on)
    while queue:
        if (address := queue.pop()) not in needed:
            needed.add(address)
            queue += found[address].depends_on
    return needed


def _with_blocks_passed_on(found: Mapping[Address, Change]) -> dict[Address, Change]:
    """Return the changes; one that waits for what is blocked is blocked, too, unless it has steps that do not wait."""
    changes = dict(found)
    queue = [change.address for change in changes.values() if change.blocked]
    waiting: dict[Address, list[Address]] = {}
    for change in changes.values():
        for need in (*change.depends_on, *change.takes_name_of):
            waiting.setdefault(need, []).append(change.address)
    while queue:
        need = queue.pop()
        for address in waiting.get(need, ()):
            change = changes[address]
            if not change.blocked and not any(step.first for step in change.steps):
                changes[address] = replace(change, blocked=f"it waits for {need}, which cannot be written now")
                queue.append(address)
    return changes


def _with_names_passed_on(found: Mapping[Address, Change], leaving: set[Address]) -> dict[Address, Change]:
    """Return the changes; whoever takes a name waits for whoever has it, and circles are broken by placeholders."""
    passed = givers(found.values())
    circles = list(cycles(passed))
    breaking = {circle[0] for circle in circles if circle[0].kind is Kind.ORGANIZATION}
    stuck = {address for circle in circles if circle[0].kind is Kind.CLIENT for address in circle}
    changes = dict(found)
    for circle in circles:
        if circle[0].kind is Kind.CLIENT:
            names = " and ".join(address.name for address in circle)
            why = f"{names} exchange their ids: one of them would have none while the other takes it"
            changes |= {address: replace(changes[address], blocked=why) for address in circle}
    for taker, giver in passed.items():
        if giver.kind is Kind.ORGANIZATION and giver in leaving | breaking:
            changes[taker] = replace(_taking_late(changes[taker]), takes_name_of=(giver,))
            changes[giver] = _giving_first(changes[giver])
            if giver in leaving:
                changes[giver] = replace(changes[giver], depends_on=_sorted((*changes[giver].depends_on, taker)))
        elif taker not in stuck:
            changes[taker] = _taking_late(changes[taker])
            changes[taker] = replace(changes[taker], depends_on=_sorted((*changes[taker].depends_on, giver)))
    return changes


def _taking_late(change: Change) -> Change:
    """Return the change with the write of its display name after whatever waits for nothing."""
    steps: list[Step] = []
    for step in change.steps:
        if step.verb is Verb.UPDATE_ORGANIZATION and step.first and _NAME in step.body and step.undo is None:
            early, late = _split(step.body)
            steps += [replace(step, body=early), Step(step.verb, late)]
        else:
            steps.append(step)
    return replace(change, steps=first_ones_first(steps))


def _split(body: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return an update without the name, and one of the name with our marks, which say that all is done."""
    attributes = body.get("attributes")
    held = attributes if isinstance(attributes, Mapping) else {}
    early = {key: value for key, value in held.items() if not is_mark(key)}
    marks = {key: value for key, value in held.items() if is_mark(key)}
    rest = {key: value for key, value in body.items() if key not in {_NAME, "attributes"}}
    return rest | ({"attributes": early} if early else {}), {_NAME: body[_NAME], "attributes": marks}


def _giving_first(change: Change) -> Change:
    """Return the organization's change with a write in front that gives its display name up."""
    if not change.steps:
        return change
    before, after = change.before or {}, change.after or {}
    is_lasting = SOFT_DELETED_MARK in after
    name = after["displayName"] if is_lasting else placeholder(change.address.name)
    undo = Step(Verb.UPDATE_ORGANIZATION, {_NAME: before.get("displayName")})
    give = Step(Verb.UPDATE_ORGANIZATION, {_NAME: name}, first=True, undo=undo)
    return replace(change, steps=(give, *change.steps), placeholder="" if is_lasting else str(name))


def first_ones_first(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps, those that wait for nothing in front."""
    return tuple(sorted(steps, key=lambda step: not step.first))


def _dependencies_first(changes: Mapping[Address, Change], queue: Iterable[Address]) -> Iterable[Change]:
    seen: set[Address] = set()
    # Without recursion: a name may pass through a thousand hands.
    stack = [(address, False) for address in reversed(list(queue))]
    while stack:
        address, is_ready = stack.pop()
        if is_ready:
            yield changes[address]
        elif address not in seen:
            seen.add(address)
            stack.append((address, True))
            stack += [(need, False) for need in reversed(changes[address].depends_on)]


def _sorted(addresses: Iterable[Address]) -> tuple[Address, ...]:
    return tuple(sorted(set(addresses), key=lambda address: address.sort_key))


def restricted(changes: Iterable[Change], targets: tuple[Address, ...]) -> tuple[Change, ...]:
    """Return the changes that a target contains, with everything that they depend on."""
    by_address = {change.address: change for change in changes}
    if not targets:
        return tuple(by_address.values())
    wanted: set[Address] = set()
    queue = [address for address in by_address if any(target.contains(address) for target in targets)]
    while queue:
        address = queue.pop()
        if address not in wanted:
            wanted.add(address)
            queue += (*by_address[address].depends_on, *by_address[address].takes_name_of)
    return tuple(change for address, change in by_address.items() if address in wanted)
