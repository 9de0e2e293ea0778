"""Targets: whoever names something to plan, apply or look at must have named something that is there."""

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches

from reconciler.kinds.registry import KINDS
from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from reconciler.plan.context import Context


def resolved(targets: Iterable[Address], desired: DesiredState) -> tuple[Address, ...]:
    """Return the targets, sorted; an organization that is named by its UUID is declared under an alias."""
    aliases = {each.spec.organization_uuid: each.name for each in desired.organizations}
    found = {Address.organization(aliases[each.uuid]) if each.uuid in aliases else each for each in targets}
    return tuple(sorted(found, key=lambda address: address.sort_key))


def naming(context: Context, desired: DesiredState) -> Context:
    """Return the context with targets, and what is excluded, as the manifests call it."""
    targets, exclude = (resolved(each, desired) for each in (context.targets, context.exclude))
    return replace(context, targets=targets, exclude=exclude)


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
        close = get_close_matches(str(target), [str(address) for address in known], n=1, cutoff=0.5)
        raise WrongUsage(
            f"{option} {target}: no manifest declares it, and it does not exist in the live systems.",
            remedy=f"Did you mean {close[0]}?" if close else "reconciler graph lists what the manifests declare.",
        )
