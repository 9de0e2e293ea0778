"""What plan, drift and apply do first: load the manifests, open the live systems, plan."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from reconciler.app.workflow import plan
from reconciler.cli.live import LiveOptions, systems
from reconciler.cli.progress import reading
from reconciler.cli.taping import recorded_manifests
from reconciler.manifest.load import Loaded, load
from reconciler.manifest.places import placed
from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from reconciler.model.recording import Circumstances
from reconciler.model.url import normalized_url
from reconciler.plan.context import Context
from reconciler.plan.since import Before
from reconciler.plan.targets import check_targets


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
    return _loaded(files, options).desired


def _loaded(files: tuple[Path, ...], options: LiveOptions) -> Loaded:
    loaded = recorded_manifests(options) or load(files, overlays=options.overlays)
    realm = loaded.desired.realm
    if realm is not None and realm.name != options.realm:
        raise WrongUsage(
            f"The manifests declare the realm '{realm.name}', but '{options.realm}' is managed.",
            remedy=f"Set NT24_REALM={realm.name}, or leave that manifest out.",
        )
    return loaded


def context_of(
    options: LiveOptions,
    targets: tuple[Address, ...],
    consent: Consent = _NONE,
    *,
    expected: Expectations | None,
) -> Context:
    """Return what a plan is made for; ``expected`` is what the environment says of its organizations."""
    return Context(
        realm=options.realm,
        owner=options.owner,
        targets=tuple(sorted(set(targets), key=lambda address: address.sort_key)),
        keycloak_url=options.server,
        api_url=normalized_url(options.api_url or ""),
        allow_takeover=consent.allow_takeover,
        soft_delete=consent.soft_delete,
        allow_delete=consent.allow_delete,
        expected=expected or NOTHING_EXPECTED,
    )


def declared_clients(desired: DesiredState, *, effective: bool) -> int:
    """Return how many clients will be asked for ``GET /v1/me``, as far as the manifests tell."""
    return sum(len(each.spec.clients) for each in desired.organizations) if effective else 0


async def planned(
    files: tuple[Path, ...], options: LiveOptions, then: Circumstances, before: Before | None = None
) -> Plan:
    """Load, observe and plan; the plan says where the manifests declare what it changes."""
    loaded = _loaded(files, options)
    asked = declared_clients(loaded.desired, effective=then.effective)
    consent = Consent(allow_delete=then.allow_delete, soft_delete=then.soft_delete, allow_takeover=then.allow_takeover)
    context = context_of(options, tuple(map(Address.parse, then.targets)), consent, expected=then.expected)
    async with systems(options, effective=then.effective) as live:
        with reading(options.meter, asked):
            found = await plan(loaded.desired, live, context, before)
    check_targets(loaded.desired, found)
    return replace(placed(found, loaded.sources, Path.cwd()), revision=then.revision)
