"""The document of a run: what ``history show --json`` prints, and what the history keeps of each change."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from reconciler.model.history import RecordedChange, RecordedField, Run
from reconciler.model.value import Value
from reconciler.review.part import Part
from reconciler.review.resource_document import AttributionPart


class RecordedFieldPart(Part):
    """One field's way, as the plan showed it."""

    mirrors: ClassVar = RecordedField
    path: str
    before: Value
    after: Value
    reason: str
    attribution: AttributionPart | None = None
    """Runs of earlier versions named nobody."""


class RecordedChangePart(Part):
    """What a run planned for one resource, and how that ended."""

    mirrors: ClassVar = RecordedChange
    address: str
    action: str
    status: str
    detail: str
    attribution: AttributionPart | None
    fields: tuple[RecordedFieldPart, ...]


class RunDocument(Part):
    """One run of a command, whole."""

    mirrors: ClassVar = Run
    id: str
    command: str
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    who: str
    revision: str
    version: Annotated[str, Field(alias="reconciler_version")]
    environment: str
    keycloak_url: str
    realm: str
    owner: str
    fingerprint: Annotated[str, Field(alias="plan_fingerprint")]
    exit_code: int | None
    outcome: str
    findings: int
    durations: Mapping[str, float]
    changes: tuple[RecordedChangePart, ...]
