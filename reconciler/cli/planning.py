"""What plan, drift and apply do first: load the manifests, open the live systems, plan."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.cli.live import LiveOptions, systems
from reconciler.manifest.load import load
from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from reconciler.plan.planner import Context
from reconciler.workflow import plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The options of :func:`reconciler.cli.options.consent`, as given."""

    allow_delete: bool = False
    soft_delete: bool = False
    allow_takeover: bool = False


_NONE: Final = Consent()


def desired_state(files: tuple[Path, ...], options: LiveOptions) -> DesiredState:
    """Load the manifests, with the environment's overlays.

    Raises:
        ManifestError: With every problem.
        WrongUsage: The declared realm is not the one that is managed.
    """
    desired = load(files, overlays=options.overlays).desired
    if desired.realm is not None and desired.realm.name != options.realm:
        raise WrongUsage(
            f"The manifests declare the realm '{desired.realm.name}', but '{options.realm}' is managed.",
            remedy=f"Set NT24_REALM={desired.realm.name}, or leave that manifest out.",
        )
    return desired


def context_of(options: LiveOptions, targets: tuple[Address, ...], consent: Consent = _NONE) -> Context:
    """Return what a plan is made for."""
    return Context(
        realm=options.realm,
        owner=options.owner,
        targets=tuple(sorted(set(targets), key=lambda address: address.sort_key)),
        keycloak_url=options.server,
        allow_takeover=consent.allow_takeover,
        soft_delete=consent.soft_delete,
        allow_delete=consent.allow_delete,
    )


async def planned(
    files: tuple[Path, ...],
    targets: tuple[Address, ...],
    options: LiveOptions,
    *,
    effective: bool,
    consent: Consent = _NONE,
) -> Plan:
    """Load, observe and plan."""
    desired = desired_state(files, options)
    async with systems(options, effective=effective) as live:
        return await plan(desired, live, context_of(options, targets, consent))
