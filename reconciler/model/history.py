"""The record of a run: who did what, from which revision, with which outcome. Never a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, ClassVar, Final

from pydantic import AwareDatetime, Field

from reconciler.model.attribution import Attribution
from reconciler.model.strict import PRINTED, is_empty
from reconciler.model.target import WriteTarget
from reconciler.model.value import Value

RUNNING: Final = "running"
INTERRUPTED: Final = "interrupted"
"""Outcomes of runs that have not said how they ended: one still runs, the other was killed, or its machine is away."""


@dataclass(frozen=True, slots=True)
class RecordedField:
    """One field's way from ``before`` to ``after``, as the plan showed it."""

    __pydantic_config__: ClassVar = PRINTED
    path: str
    before: Value
    after: Value
    reason: str
    attribution: Attribution | None = None
    """Who made it what it was before, in Keycloak."""
    names: Annotated[Mapping[str, str], Field(alias="partner_names", exclude_if=is_empty)] = field(default_factory=dict)
    """What readers knew the partners of both sides by, by UUID; missing where it holds none."""


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """What a run planned for one resource, and how that ended.

    ``status`` is ``planned`` where nothing was tried, otherwise one of :class:`reconciler.model.outcome.Status`.
    """

    __pydantic_config__: ClassVar = PRINTED
    address: str
    action: str
    status: str
    detail: str = ""
    attribution: Attribution | None = None
    """Who deleted the resource in Keycloak, or took our mark from it."""
    fields: tuple[RecordedField, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command. ``durations`` are in seconds, by stage.

    A run that has not ended has neither ``ended_at`` nor ``exit_code``.
    """

    __pydantic_config__: ClassVar = PRINTED
    id: str
    command: str
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    who: str
    revision: str
    """The git commit of the manifests, and whether there were changes that it does not hold; may be empty."""
    version: Annotated[str, Field(alias="reconciler_version")]
    environment: str = ""
    keycloak_url: str = ""
    realm: str = ""
    api_url: str = ""
    """Empty where the platform was not asked, or the run is older than this record of it."""
    owner: str = ""
    login: str = ""
    """The user name or client id of the reconciler's own login."""
    fingerprint: Annotated[str, Field(alias="plan_fingerprint")] = ""
    """The plan's, where one was made."""
    exit_code: int | None = 0
    outcome: str = ""
    """In a few words, for people."""
    findings: int = 0
    durations: Mapping[str, float] = field(default_factory=dict)
    changes: tuple[RecordedChange, ...] = ()

    @property
    def target(self) -> WriteTarget:
        """Return where it read, and would have written, as far as that is recorded."""
        return WriteTarget(
            environment=self.environment,
            keycloak_url=self.keycloak_url,
            realm=self.realm,
            api_url=self.api_url,
            owner=self.owner,
            login=self.login,
            revision=self.revision,
        )


@dataclass(frozen=True, slots=True)
class Search:
    """Which runs are meant; what is left out does not restrict.

    ``address`` finds the runs that planned something for that resource, or for one that belongs to it.
    """

    command: str | None = None
    """As it is typed, or the group that it is in: ``rotate`` finds ``rotate start``."""
    address: str | None = None
    realm: str | None = None
    since: datetime | None = None
    limit: int | None = None
