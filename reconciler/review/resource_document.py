"""What a plan's document says of one resource: Terraform's shape of a change, with risk, origin and steps."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias

from pydantic import AwareDatetime, Field

from reconciler.model.address import Kind
from reconciler.model.attribution import Attribution
from reconciler.model.change import Action, Change, FieldChange, Reason, Step, Verb
from reconciler.model.consequence import Consequence
from reconciler.model.observed import NewUserDefaults
from reconciler.model.origin import Origin
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.value import Value
from reconciler.review.part import AddressText, Part, is_empty, is_none, model_of

_Word: TypeAlias = Literal["no-op", "create", "update", "delete"]
_WORDS: Final[Mapping[Action, _Word]] = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.ADOPT: "update",
    Action.DELETE: "delete",
    Action.NO_OP: "no-op",
}


class NamedPart(Part):
    """A resource by name."""

    address: AddressText
    """The resource's address, unique in the realm."""
    type: Kind
    """The kind of resource."""
    name: str
    """The realm's name, the organization's alias, the clientId or the webhook's name."""

    @classmethod
    def said(cls, value: Any) -> Mapping[str, Any]:
        """Return what an address says of its resource."""
        return {"address": value, "type": value.kind, "name": value.name}


class RiskPart(Part):
    """What could go wrong for people and systems if a change is made."""

    mirrors: ClassVar = Risk
    level: RiskLevel
    """How much it can hurt."""
    code: str
    """The risk's name, for programs; empty for none."""
    why: str
    """One sentence for people; empty for none."""


class AttributionPart(Part):
    """Who made a change in Keycloak, by its admin events."""

    mirrors: ClassVar = Attribution
    at: AwareDatetime
    """When, by Keycloak's clock."""
    user: str
    """Who: a user's name, or the id where the name cannot be read."""
    client: str
    """With which client: the admin console, a script's, ours."""
    ip: str
    """From which address."""
    request: str
    """What was done, in Keycloak's words: the operation and the path."""
    exact: bool
    """Whether the event shows this very change; otherwise it is only the last one that fits."""


class FieldPart(Part):
    """One field's way from live to desired."""

    mirrors: ClassVar = FieldChange
    path: str
    """The field."""
    before: Value
    """What is live; null means: nothing."""
    after: Value
    """What is desired; null means: nothing."""
    reason: Reason
    """Which side moved since the last apply."""
    risk: RiskPart
    """What the change of this field can do."""
    attribution: Annotated[AttributionPart | None, Field(exclude_if=is_none)] = None
    """Who made the live value what it is; only in a report of drift, and only where it is known."""
    origin: Annotated[Origin | None, Field(exclude_if=is_none)] = None
    """With `--base`: whether this change of the manifests makes the difference, or it was there before."""
    at_base: Annotated[Value, Field(exclude_if=is_none)] = None
    """With the origin `both`: what the base's manifests say."""


class ConsequencePart(Part):
    """What a live system does beyond what the steps say."""

    mirrors: ClassVar = Consequence
    risk: RiskPart
    """What it means, with its code."""
    names: tuple[str, ...]
    """What it happens to, all of it; empty where the sentence says it."""


class ChangePart(Part):
    """The change in Terraform's words."""

    actions: tuple[_Word, ...]
    """What happens, in Terraform's words; an adoption is an update."""
    before: Mapping[str, Value] | None
    """The live fields; null where there is no such resource."""
    after: Mapping[str, Value] | None
    """The desired fields; null where the resource goes."""
    before_sensitive: Mapping[str, bool]
    """Always empty: no secret ever enters a plan."""
    after_sensitive: Mapping[str, bool]
    """Always empty: no secret ever enters a plan."""
    field_changes: tuple[FieldPart, ...]
    """The fields that differ, for readers."""
    risk: RiskPart
    """The highest of the risks of the action, of the fields and of the consequences."""
    consequences: Annotated[tuple[ConsequencePart, ...], Field(exclude_if=is_empty)] = ()
    """What the live system does beyond what the steps say, such as deleting the accounts of managed members."""
    attribution: Annotated[AttributionPart | None, Field(exclude_if=is_none)] = None
    """Who deleted what is missing, or took our mark away; only in a report of drift, and only where it is known."""
    origin: Annotated[Origin | None, Field(exclude_if=is_none)] = None
    """With `--base`: whether this change of the manifests makes the difference, or it was there before."""

    @classmethod
    def said(cls, value: Change) -> Mapping[str, Any]:
        """Return Terraform's words for the action, and the fields in order."""
        before, after = (fields and dict(sorted(fields.items())) for fields in (value.before, value.after))
        return {
            "actions": (_WORDS[value.action],),
            "before": before,
            "after": after,
            "before_sensitive": {},
            "after_sensitive": {},
        }


class StepPart(Part):
    """One write."""

    mirrors: ClassVar = Step
    verb: Verb
    """What is written."""
    body: Mapping[str, Value]
    """A whole representation for creations, a merge patch (RFC 7396) for updates."""
    first: Annotated[bool, Field(exclude_if=is_empty)] = False
    """Whether it waits for nothing: it ends access, or gives up a name that another change takes."""
    undo: Annotated["StepPart | None", Field(exclude_if=is_none)] = None
    """The write that takes it back where the rest of the change cannot be done."""


class NewUserPart(Part):
    """What Keycloak gives every user that it makes, a new service account's included."""

    mirrors: ClassVar = NewUserDefaults
    groups: tuple[str, ...]
    """Paths of the realm's default groups."""
    actions: tuple[str, ...]
    """Default required actions."""


class ResourcePart(NamedPart):
    """What happens to one resource."""

    mirrors: ClassVar = Change
    action: Action
    """What happens, in the reconciler's words."""
    renamed_from: str | None
    """The name that the live client or webhook still has, where the change renames it; else null."""
    blocked: str | None
    """Why the change cannot be applied now; null if it can."""
    labels: Mapping[str, str] | None
    """The labels of the organization's manifest; null where no manifest declares the organization."""
    change: ChangePart
    """The change in Terraform's words."""
    steps: tuple[StepPart, ...]
    """The writes, in order."""
    depends_on: tuple[AddressText, ...]
    """The changes that must be done before all but the first writes."""
    takes_name_of: Annotated[tuple[AddressText, ...], Field(exclude_if=is_empty)] = ()
    """The changes that must have given up their names before all but the first writes."""
    placeholder: Annotated[str, Field(exclude_if=is_empty)] = ""
    """The display name that the organization has until it has its own, or is gone: another takes the one it had."""
    precondition: Annotated[str, Field(alias="moved_if")]
    """The fingerprint of the live object: the plan is stale where it differs. Empty for creations."""
    unread: Annotated[tuple[str, ...], Field(exclude_if=is_empty)] = ()
    """Fields that could not be read: they are neither compared nor written."""
    sender: Annotated[str, Field(exclude_if=is_empty)] = ""
    """Of a webhook: the client whose token writes it."""
    new_user_defaults: Annotated[NewUserPart | None, Field(alias="new_user", exclude_if=is_none)] = None
    """What a service account that is made for the client gets unasked, and gives back at once."""

    @classmethod
    def said(cls, value: Any) -> Mapping[str, Any]:
        """Return the change in Terraform's words, and null for what it does not have."""
        unasked = value.new_user_defaults
        return {
            **super().said(value.address),
            "change": ChangePart.of(value),
            "blocked": value.blocked or None,
            "renamed_from": value.renamed_from or None,
            "labels": None if value.labels is None else dict(sorted(value.labels.items())),
            "new_user_defaults": NewUserPart.of(unasked) if unasked != NewUserDefaults() else None,
        }

    def meant(self) -> Mapping[str, Any]:
        """Return what the change has flat, and empty where the document says null."""
        nested = ("before", "after", "field_changes", "risk", "consequences", "attribution", "origin")
        return {
            **{name: model_of(getattr(self.change, name)) for name in nested},
            "blocked": self.blocked or "",
            "renamed_from": self.renamed_from or "",
            "new_user_defaults": model_of(self.new_user_defaults) or NewUserDefaults(),
        }
