"""Targets: whoever names something to plan, apply or look at must have named something that is there."""

from collections.abc import Container, Iterable
from dataclasses import replace
from difflib import get_close_matches

from reconciler.kinds.registry import KINDS
from reconciler.model.address import Address, sorted_addresses
from reconciler.model.errors import WrongUsage
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from reconciler.plan.context import Context


def resolved(targets: Iterable[Address], desired: DesiredState) -> tuple[Address, ...]:
    """Return the targets, sorted; what names a declared organization by its UUID has its alias instead.

    Raises:
        WrongUsage: The UUID of one organization is the alias of another.
    """
    found = tuple(targets)
    named = _named_by_uuid(found, desired)
    check_aliases(named, frozenset(each.name for each in desired.organizations))
    return sorted_addresses(named.get(each, each) for each in found)


def naming(context: Context, desired: DesiredState) -> Context:
    """Return the context with targets, and what is excluded, as the manifests call it.

    What moves, or takes another name, is meant by what it was called before as well: then both are targets.

    Raises:
        WrongUsage: The UUID of one organization is the alias of another.
    """
    targets, exclude = (resolved(each, desired) for each in (context.targets, context.exclude))
    by_uuid = tuple(_named_by_uuid((*context.targets, *context.exclude), desired))
    return replace(context, targets=with_new_homes(targets, desired), exclude=exclude, by_uuid=by_uuid)


def with_new_homes(targets: tuple[Address, ...], desired: DesiredState) -> tuple[Address, ...]:
    """Return the targets, and beside those that no manifest declares what it calls them now, if it does."""
    if not targets:
        return ()
    declared = [each for kind in KINDS.values() for each in kind.declared(desired, "", "")]
    undeclared = {*targets} - {each.address for each in declared}
    moved = {(each.kind, each.identity) for each in undeclared}
    found = (
        each.address
        for each in declared
        if (each.address.kind, each.address.identity) in moved or undeclared.intersection(each.former)
    )
    return sorted_addresses((*targets, *found))


def check_aliases(by_uuid: Iterable[Address], aliases: Container[str]) -> None:
    """Refuse to take for a UUID what is also an alias: nobody can tell which organization is meant.

    Raises:
        WrongUsage: One is.
    """
    for each in by_uuid:
        if each.alias in aliases:
            raise WrongUsage(
                f"{each.home} is ambiguous: it is the alias of one organization, and the UUID of another.",
                remedy=f"Name the one with that UUID by its alias, or the other by a pattern: '{each.alias[:-1]}?'.",
            )


def _named_by_uuid(targets: Iterable[Address], desired: DesiredState) -> dict[Address, Address]:
    """Return what of the targets names a declared organization, or what is in it, by its UUID, with its address."""
    aliases = {each.spec.organization_uuid: each.name for each in desired.organizations}
    known = {each: aliases[each.uuid] for each in targets if each.uuid in aliases}
    return {each: replace(each, names=(alias, *each.names[1:])) for each, alias in known.items() if each.alias != alias}


def check_targets(desired: DesiredState, plan: Plan) -> None:
    """Refuse a target that neither a manifest declares nor the live systems have.

    Raises:
        WrongUsage: Nothing is called so; the message names what is close.
    """
    declared = (each.address for kind in KINDS.values() for each in kind.declared(desired, plan.realm, plan.owner))
    known = {*declared, *plan.unchanged, *plan.unmanaged, *plan.called}
    for option, target in (*(("--target", t) for t in plan.targets), *(("--exclude", t) for t in plan.excluded)):
        # What is excluded by mistake would be written: no failure excuses that.
        is_excused = bool(plan.read_failures) and option == "--target"
        if is_excused or any(target.contains(address) for address in known):
            continue
        if target in plan.hints:
            what, remedy = plan.hints[target]
            raise WrongUsage(f"{option} {target}: {what}", remedy=remedy)
        # By the names alone: the kind in front of them would make any two addresses alike.
        names = {
            "/".join(address.names): address for address in sorted(known, key=lambda each: each.kind != target.kind)
        }
        close = [names[name] for name in get_close_matches("/".join(target.names), names, n=1)]
        raise WrongUsage(
            f"{option} {target}: no manifest declares it, and it does not exist in the live systems.",
            remedy=f"Did you mean {close[0]}?" if close else "reconciler graph lists what the manifests declare.",
        )
