"""Diff: compare what two revisions of the manifests declare, without any server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from reconciler.kinds.effective import declared_names
from reconciler.manifest.committed import DeclaredRevision, Rules
from reconciler.manifest.places import placed
from reconciler.manifest.settings_file import SettingsFile
from reconciler.model.address import Address, sorted_addresses
from reconciler.model.change import Change
from reconciler.model.layout import DEFAULT_OWNER, DEFAULT_REALM
from reconciler.model.observed import ReadFailure
from reconciler.model.origin import Base, SettingChange
from reconciler.model.plan import Plan
from reconciler.plan.declared_diff import declared_changes
from reconciler.plan.order import restricted, without
from reconciler.plan.policy import evaluated, with_rules_of
from reconciler.plan.settings_changes import settings_changes
from reconciler.plan.since import Before
from reconciler.plan.targets import resolved, with_new_homes

_UNDECLARED_REALM: Final = "The realm is not declared any more: its scaffolding stays as it is, and is not watched."


@dataclass(frozen=True, slots=True)
class Head:
    """The newer side, and when it was written."""

    declared: DeclaredRevision
    name: str
    revision: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """Compare two sides; ``defaults`` are what the settings of today say of realm, owner and server."""

    base: DeclaredRevision
    head: Head
    targets: tuple[Address, ...]
    exclude: tuple[Address, ...]
    defaults: Mapping[str, str]
    environment: str


def diff(request: DiffRequest) -> Plan:
    """Return what the two sides declare differently, with what policies say of it; nothing is read."""
    base, head = request.base, request.head
    desired = head.declared.partial.loaded.desired
    targets, exclude = with_new_homes(resolved(request.targets, desired), desired), resolved(request.exclude, desired)
    settings = head.declared.rules.file
    policies = settings.policies if settings else ()
    before = before_of(base, _base(base, head), settings)
    plan = replace(_plan(base, head, request.defaults), base=before.base, environment=request.environment)
    wanting = restricted(plan.changes, targets)
    changes, left_out = without(wanting, exclude)
    plan = replace(plan, changes=changes, targets=targets, excluded=exclude, left_out=left_out)
    plan = placed(plan, head.declared.partial.loaded.sources, head.declared.root)
    return evaluated(with_rules_of(before, plan, policies, request.environment), policies, request.environment)


def before_of(found: DeclaredRevision, base: Base, after: SettingsFile | None) -> Before:
    """Return a revision as the base of what is read by the settings ``after``."""
    rules = found.rules
    policies = rules.file.policies if rules.file else ()
    return Before(
        found.partial.loaded.desired,
        replace(base, settings=_changes(rules, after)),
        found.partial.is_known,
        policies,
        rules.environment,
        rules.expected,
    )


def _changes(rules: Rules, after: SettingsFile | None) -> tuple[SettingChange, ...]:
    """Return what differs in the settings ``after``; nothing where these are not known."""
    if not rules.is_known:
        return ()
    old, new = (None if file is None else file.settings for file in (rules.file, after))
    return settings_changes(old, new, after.source.at if after else None)


def _plan(base: DeclaredRevision, head: Head, defaults: Mapping[str, str]) -> Plan:
    old, new = base.partial.loaded.desired, head.declared.partial.loaded.desired
    declared = new.realm or old.realm
    realm = declared.name if declared else defaults.get("realm", DEFAULT_REALM)
    owner = defaults.get("owner", DEFAULT_OWNER)
    changes = declared_changes(old, new, realm, owner)
    known = {Address.organization(each.name) for each in old.organizations}
    known |= {Address.realm(old.realm.name)} if old.realm else set()
    return Plan(
        realm=realm,
        owner=owner,
        created_at=head.at,
        changes=tuple(each for each in changes if _is_known(each, base, known)),
        unchanged=(),
        findings=(),
        unmanaged=(),
        read_failures=tuple(_read_failures(changes, base, known)),
        references={},
        names={**declared_names(old), **declared_names(new)},
        asked_effective=False,
        keycloak_url=defaults.get("keycloak_url", ""),
        revision=head.revision,
    )


def _base(base: DeclaredRevision, head: Head) -> Base:
    is_gone = base.partial.loaded.desired.realm and not head.declared.partial.loaded.desired.realm
    notes = (
        *base.notes,
        *map(str, base.partial.problems),
        *head.declared.notes,
        *([_UNDECLARED_REALM] if is_gone else []),
    )
    return Base(base.name, base.commit, notes=notes, head=head.name)


def _is_known(change: Change, base: DeclaredRevision, known: set[Address]) -> bool:
    """Tell whether the base says what the resource was, or that there was none."""
    home = change.address.home
    return home not in base.partial.broken and (base.partial.is_known or home in known)


def _read_failures(changes: tuple[Change, ...], base: DeclaredRevision, known: set[Address]) -> Iterator[ReadFailure]:
    """Yield what is not compared, because the base is invalid."""
    lost = {each.address.home for each in changes if not _is_known(each, base, known)} | base.partial.broken
    for address in sorted_addresses(lost):
        yield ReadFailure(
            f"{address} at {base.name}",
            "a manifest is invalid there, so that it is not compared",
            "The lines are named below.",
        )
