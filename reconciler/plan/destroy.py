"""Plan to destroy: as if the manifests declared nothing of what the targets name."""

from collections.abc import Iterable
from dataclasses import replace

from reconciler.kinds.registry import KINDS
from reconciler.model.address import Address
from reconciler.model.manifest import LISTS, DesiredState, IntegrationOrganization, OrganizationSpec
from reconciler.plan.context import Context


def destroying(desired: DesiredState, context: Context) -> tuple[DesiredState, Context]:
    """Return what is left of the manifests, and the context, where all that the targets name shall go.

    Without targets, nothing is left. The realm is never destroyed: it stays as it is.
    """
    if not context.destroy:
        return desired, context
    protected = frozenset(Address.organization(o.name) for o in desired.organizations if o.lifecycle.prevent_destroy)
    left = tuple(
        _without(each, context.targets)
        for each in desired.organizations
        if not _is_meant(Address.organization(each.name), context.targets)
    )
    return DesiredState(organizations=left), replace(context, protected=protected)


def _is_meant(address: Address, targets: Iterable[Address]) -> bool:
    found = tuple(targets)
    return not found or any(target.contains(address) for target in found)


def _without(organization: IntegrationOrganization, targets: Iterable[Address]) -> IntegrationOrganization:
    """Return the manifest without the items that the targets name."""
    found, kept = tuple(targets), {}
    for name, item in LISTS.items():
        key = OrganizationSpec.model_fields[name].alias
        for kind in (each.kind for each in KINDS.values() if each.items == key):
            kept[name] = tuple(
                each
                for each in getattr(organization.spec, name)
                if not _is_meant(Address(kind, (organization.name, str(getattr(each, item.IDENTITY)))), found)
            )
    return organization.model_copy(update={"spec": organization.spec.model_copy(update=kept)})
