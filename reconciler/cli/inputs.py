"""What commands make of their options before anything is asked: the manifests, and what a plan is made for."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.adapters.recording_file import recorded_manifests
from reconciler.cli.live import LiveOptions
from reconciler.manifest.load import Loaded, load
from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations
from reconciler.model.manifest import DesiredState
from reconciler.model.url import normalized_url
from reconciler.plan.context import Context

if TYPE_CHECKING:
    from reconciler.model.recording import Circumstances


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
    return loaded_manifests(files, options).desired


def loaded_manifests(files: tuple[Path, ...], options: LiveOptions) -> Loaded:
    """Load the manifests as :func:`desired_state` does, with where they say what."""
    loaded = recorded_manifests(options.tape) or load(files, overlays=options.overlays)
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


def context_then(options: LiveOptions, then: "Circumstances") -> Context:
    """Return what a plan is, or was, made for in these circumstances."""
    consent = Consent(allow_delete=then.allow_delete, soft_delete=then.soft_delete, allow_takeover=then.allow_takeover)
    return context_of(options, tuple(map(Address.parse, then.targets)), consent, expected=then.expected)
