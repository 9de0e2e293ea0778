"""The plan: every choice that an apply will make, as data; what it rests on, and what became of it since."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import AwareDatetime, Field

from reconciler.model.address import Address
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.finding import Code, Finding
from reconciler.model.grant import Grant
from reconciler.model.observed import ORGANIZATIONS_OFF, ReadFailure
from reconciler.model.origin import Base
from reconciler.model.place import Place
from reconciler.model.policy import PlacedPolicy, PolicyHit
from reconciler.model.risk import RiskLevel
from reconciler.model.strict import printed_as
from reconciler.model.target import WriteTarget
from reconciler.model.value import Value

_SWITCHES: Final = frozenset({"keycloak.enabled", "keycloak.organizationsEnabled"})
"""What must be on in a realm before the rest can be read, or be in force."""


class ReadMode(StrEnum):
    """Say how much of Keycloak was read; closed."""

    FULL = "full"
    INCREMENTAL = "incremental"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a report of drift rests on."""

    __pydantic_config__: ClassVar = printed_as("BasisPart")
    reading: ReadMode
    """Whether all was read, or only what may have changed."""
    why: str
    """Why all was read; empty for an incremental read."""
    last_full: AwareDatetime
    """When all was last read."""
    events: int = 0
    """How many admin events came since the last run."""
    read_again: int = 0
    """How many organizations and clients were read again because of them."""
    effective: str = "all"
    """Who was asked for `GET /v1/me`: all, changed, sample:N or none."""
    asked: int = 0
    """How many clients were asked."""
    clients: int = 0
    """How many clients are declared."""
    unattributed: str = ""
    """Why nobody is named for what changed; empty where somebody is, or need not be."""
    requests: int = 0
    """How many requests Keycloak was sent, tokens apart."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One field in three places."""

    __pydantic_config__: ClassVar = printed_as("EffectPart")
    client: Annotated[Address, Field(alias="address")]
    """The client that was asked."""
    path: str
    """The field of its organization."""
    desired: Value
    """What the manifest says; null means: nothing."""
    stored: Value
    """What Keycloak has; null means: nothing."""
    effective: Value
    """What `GET /v1/me` answers; null means: nothing."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the plan does, in numbers; what is blocked does not count."""

    __pydantic_config__: ClassVar = printed_as("CountsPart")
    added: Annotated[int, Field(alias="add")]
    """Resources that are created."""
    changed: Annotated[int, Field(alias="change")]
    """Resources that are updated or adopted."""
    destroyed: Annotated[int, Field(alias="destroy")]
    """Resources that are deleted, and accounts of people that are deleted with a membership."""
    accounts: int = 0
    """Of what is destroyed: accounts of people."""


@dataclass(frozen=True, slots=True)
class RiskCounts:
    """How many risks a reviewer is told of: of resources, their fields, their consequences, and of settings."""

    __pydantic_config__: ClassVar = printed_as("RiskCountsPart")
    high: int
    """Those of the level `high`."""
    medium: int
    """Those of the level `medium`."""

    @property
    def text(self) -> str:
        """Return ``59 high, 2 medium``; empty where there is none."""
        found = ((self.high, RiskLevel.HIGH), (self.medium, RiskLevel.MEDIUM))
        return ", ".join(f"{number} {level}" for number, level in found if number)


def count(changes: tuple[Change, ...]) -> Counts:
    """Count the changes as Terraform does; an adoption is a change."""
    actions = [change.action for change in changes]
    accounts = sum(len(change.deleted_accounts) for change in changes)
    return Counts(
        added=actions.count(Action.CREATE),
        changed=actions.count(Action.UPDATE) + actions.count(Action.ADOPT),
        destroyed=actions.count(Action.DELETE) + accounts,
        accounts=accounts,
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do to reach the desired state, and what was seen on the way.

    ``changes`` are in the order of creation and hold no no-ops. ``references`` maps the addresses of live
    resources that steps refer to, to their Keycloak ids. ``names`` maps partner UUIDs to what a reader knows them by.
    ``owners`` names the reconciler that manages an unmanaged resource, where one does.
    ``keycloak_url`` says which server was read, and ``api_url`` which platform was asked, if any was; ``targets`` what
    the plan was restricted to, empty for everything.
    ``coverage`` says what a report of drift rests on; None for a plan.
    ``rules`` are the policies that it was held against, and ``policy_hits`` is what they stop; both alter nothing else
    of it.
    ``base`` is the revision by which changes say where they come from; None where no base was named.
    For reviewers: ``effects`` hold the third side, ``GET /v1/me``, of the fields that change or differ; ``places`` say
    where the manifests declare what changes (by address, then by field; the field ``""`` is the resource), and
    ``revision`` is the git commit that the manifests were read at. ``platform_fields`` are the fields of organizations
    that the platform decides, sorted: they were compared with ``/v1/me``, and are not written. ``environment`` is that
    of ``reconciler.yaml``, and ``login`` the name by which the reconciler logged in.
    """

    realm: str
    owner: str
    created_at: datetime
    changes: tuple[Change, ...]
    unchanged: tuple[Address, ...]
    findings: tuple[Finding, ...]
    unmanaged: tuple[Address, ...]
    read_failures: tuple[ReadFailure, ...]
    references: Mapping[Address, str]
    names: Mapping[str, str]
    asked_effective: bool
    keycloak_url: str = ""
    targets: tuple[Address, ...] = ()
    owners: Mapping[Address, str] = field(default_factory=dict)
    coverage: Coverage | None = None
    rules: tuple[PlacedPolicy, ...] = ()
    policy_hits: tuple[PolicyHit, ...] = ()
    effects: tuple[Effect, ...] = ()
    places: Mapping[Address, Mapping[str, Place]] = field(default_factory=dict)
    revision: str = ""
    base: Base | None = None
    platform_fields: tuple[str, ...] = ()
    api_url: str = ""
    environment: str = ""
    login: str = ""
    excluded: tuple[Address, ...] = ()
    """What `--exclude` named."""
    left_out: tuple[Address, ...] = ()
    """What would be written without that: it is excluded, or waits for it."""
    called: frozenset[Address] = field(default=frozenset(), compare=False)
    """What all that differs, left out or not, is called before the changes or after them; unknown of a saved plan."""
    hints: Mapping[Address, tuple[str, str]] = field(default_factory=dict, compare=False)
    """Of targets that are nowhere, what else is known by that name, and what to type; unknown of a saved plan."""
    destroys: bool = False
    """Whether it was planned as if no manifest declared what is meant (`--destroy`)."""
    expired: bool = False
    """Whether it was planned to write nothing but the end of grants (`--expired`)."""
    is_fresh: bool = field(default=False, compare=False)
    """Whether it was made in this run; what a file holds of grants, nobody vouches for."""
    grants: tuple[Grant, ...] = ()
    """What the manifests grant until some moment, be that past or not."""

    @property
    def ended(self) -> tuple[Grant, ...]:
        """Return the grants that had ended when the plan was made."""
        return tuple(grant for grant in self.grants if not grant.holds(self.created_at))

    def ended_since(self, now: datetime) -> tuple[Grant, ...]:
        """Return the grants of what is written that have ended since the plan was made."""
        over = (each for each in self.grants if each.holds(self.created_at) and not each.holds(now))
        written = {change.address: change for change in self.changes}
        return tuple(
            each
            for each in over
            if (change := written.get(each.address)) is not None and each.is_given(change.before, change.after)
        )

    @property
    def target(self) -> WriteTarget:
        """Return where it was read, and would be written."""
        return WriteTarget(
            environment=self.environment,
            keycloak_url=self.keycloak_url,
            realm=self.realm,
            api_url=self.api_url if self.asked_effective else None,
            owner=self.owner,
            login=self.login,
            revision=self.revision,
        )

    @property
    def complete(self) -> bool:
        """Tell whether everything that the plan depends on could be read, or can be once the plan is carried out.

        In a realm that is disabled, and stays so, nothing is in force: no effect can be read.
        """
        lacking = {failure.code for failure in self.read_failures}
        if any(finding.code is Code.REALM_DISABLED for finding in self.findings):
            return False
        return not lacking or (lacking == {ORGANIZATIONS_OFF} and self.opens_realm)

    @property
    def risk_counts(self) -> RiskCounts:
        """Count the risks."""
        levels = [each.risk.level for each in (self.base.settings if self.base else ())]
        for change in self.changes:
            levels.append(change.own_risk.level)
            levels += [each.risk.level for each in dict.fromkeys(change.consequences)]
            levels += [each.risk.level for each in change.field_changes]
        return RiskCounts(levels.count(RiskLevel.HIGH), levels.count(RiskLevel.MEDIUM))

    @property
    def opens_realm(self) -> bool:
        """Tell whether the plan enables the realm, or its organizations: then there is more to be read and planned."""
        return any(
            field.path in _SWITCHES and field.before is False and field.after is True
            for change in self.changes
            if not change.blocked
            for field in change.field_changes
        )

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to write."""
        return not self.changes

    @property
    def counts(self) -> Counts:
        """Count what would be added, changed and destroyed; what is blocked would not be."""
        return count(tuple(change for change in self.changes if not change.blocked))


class Movement(StrEnum):
    """Say how an object is no longer what the plan saw; closed."""

    CHANGED = "changed"
    GONE = "gone"
    EXISTS = "exists"
    REPLACED = "replaced"
    APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class Moved:
    """One object that moved; ``fields`` lead from what was planned against to what is live now.

    ``APPLIED`` means that it is as the plan would make it.
    """

    address: Address
    how: Movement
    fields: tuple[FieldChange, ...] = ()
