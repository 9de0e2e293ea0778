"""Targets: whoever names something to plan, apply or look at must have named something that is there."""

from collections.abc import Iterator
from difflib import get_close_matches

from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan


def check_targets(desired: DesiredState, plan: Plan) -> None:
    """Refuse a target that neither a manifest declares nor the live systems have.

    Raises:
        WrongUsage: Nothing is called so; the message names what is close.
    """
    known = {*_declared(desired), *plan.unchanged, *plan.unmanaged, *(change.address for change in plan.changes)}
    for target in plan.targets:
        if plan.read_failures or any(target.contains(address) for address in known):
            continue
        close = get_close_matches(str(target), [str(address) for address in known], n=1, cutoff=0.5)
        raise WrongUsage(
            f"--target {target}: no manifest declares it, and the live systems do not have it.",
            remedy=f"Did you mean {close[0]}?" if close else "reconciler graph lists what the manifests declare.",
        )


def _declared(desired: DesiredState) -> Iterator[Address]:
    if desired.realm is not None:
        yield Address.realm(desired.realm.name)
    for manifest in desired.organizations:
        yield Address.organization(manifest.name)
        yield from (Address.client(manifest.name, client.client_id) for client in manifest.spec.clients)
        yield from (Address.webhook(manifest.name, webhook.name) for webhook in manifest.spec.webhooks)
