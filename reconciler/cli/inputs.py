"""What commands make of their options: the manifests, what a plan is made for, and whom a use case asks."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from reconciler.adapters.live import systems
from reconciler.adapters.login_variables import login_name
from reconciler.adapters.recording_file import recorded_manifests
from reconciler.app.gated_write import Terms
from reconciler.cli.console import Console
from reconciler.cli.diagnostics import say
from reconciler.cli.live import Consent, LiveOptions
from reconciler.manifest.load import Loaded, load
from reconciler.model.address import Address, sorted_addresses
from reconciler.model.errors import WrongUsage
from reconciler.model.expectations import DEFAULT_GUARDS, NOTHING_EXPECTED
from reconciler.model.layout import DEFAULT_REALM
from reconciler.model.manifest import DesiredState
from reconciler.model.recording import Circumstances
from reconciler.model.text import visible
from reconciler.model.url import normalized_url
from reconciler.plan.context import Context
from reconciler.ports import Events, Systems

_Request = TypeVar("_Request")
_Result = TypeVar("_Result")
_NONE: Final = Consent()
_NAMED: Final = 10
"""How many files one line names."""


async def ask(
    use_case: Callable[[_Request, Systems, Events], Awaitable[_Result]],
    request: _Request,
    settings: LiveOptions,
    *,
    effective: bool,
    console: Console | None = None,
) -> _Result:
    """Run a use case that reads the live systems, among them ``effective`` the platform API."""
    async with systems(settings, effective=effective) as live:
        return await use_case(request, live, console or Console(settings.meter))


def desired_state(files: tuple[Path, ...], settings: LiveOptions) -> DesiredState:
    """Load the manifests as :func:`loaded_manifests` does, without where they say what."""
    return loaded_manifests(files, settings).desired


def loaded_manifests(files: tuple[Path, ...], settings: LiveOptions, *, may_be_none: bool = False) -> Loaded:
    """Load the manifests, with the environment's overlays; those of the recording in a replay.

    That there is none is an error unless there ``may_be_none``, or ``reconciler.yaml`` says so where it says they are.

    Raises:
        ManifestError: With every problem.
        WrongUsage: The declared realm is not the one that is managed.
    """
    recorded = recorded_manifests(settings.tape, allow_empty=may_be_none or settings.said.allows_empty())
    allow_empty = may_be_none or settings.said.allows_empty(files)
    loaded = recorded or load(files, overlays=settings.overlays, allow_empty=allow_empty)
    if loaded.passed_over:
        named = [str(each) for each in loaded.passed_over]
        more = f"; and {len(named) - _NAMED} more (reconciler validate)" if len(named) > _NAMED else ""
        text = f"Skipped, as it belongs to other programs: {'; '.join(named[:_NAMED])}{more}."
        say(visible(text), "passed_over", files=[asdict(each) for each in loaded.passed_over])
    realm = loaded.desired.realm
    if realm is not None and realm.name != settings.realm:
        raise WrongUsage(
            f"The manifests declare the realm '{realm.name}', but '{settings.realm}' is managed.",
            remedy=f"Write metadata: {{name: {settings.realm}}} into the manifest of kind: Realm, or name the realm "
            f"{realm.name} by NT24_REALM or --realm. A manifest without a name means {DEFAULT_REALM}.",
        )
    return loaded


def context_of(
    settings: LiveOptions,
    targets: tuple[Address, ...] = (),
    consent: Consent = _NONE,
    exclude: tuple[Address, ...] = (),
) -> Context:
    """Return what a plan is made for."""
    return Context(
        realm=settings.realm,
        owner=settings.owner,
        targets=sorted_addresses(targets),
        exclude=sorted_addresses(exclude),
        keycloak_url=settings.server,
        api_url=normalized_url(settings.api_url or ""),
        expected=settings.said.expected or NOTHING_EXPECTED,
        environment=settings.said.environment,
        login=login_name(os.environ),
        **asdict(consent),
    )


def context_then(settings: LiveOptions, then: Circumstances) -> Context:
    """Return what a plan is, or was, made for in these circumstances."""
    consent = Consent(then.allow_delete, then.soft_delete, then.allow_takeover, then.destroy, then.expired)
    targets, exclude = (tuple(map(Address.parse, each)) for each in (then.targets, then.exclude))
    context = context_of(settings, targets, consent, exclude)
    return replace(context, login=then.login, revision=then.revision)


def terms_of(settings: LiveOptions, **more: Any) -> Terms:
    """Return what a write is held to: what the environment says, and ``more``, what a person allows."""
    return Terms(
        policies=settings.said.policies,
        environment=settings.said.environment,
        guards=settings.said.guards or DEFAULT_GUARDS,
        parallelism=settings.parallelism,
        **more,
    )
