"""What a plan's document says of one resource: Terraform's shape of a change, with risk, origin and steps."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema

from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Reason, Verb
from reconciler.model.origin import Origin
from reconciler.model.risk import RiskLevel
from reconciler.model.value import Value


def _address(value: Any) -> Address:
    return value if isinstance(value, Address) else Address.parse(str(value))


AddressText = Annotated[
    Address,
    PlainValidator(_address),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["organization/acme-motors"]}),
]
"""An address; in JSON, as it prints."""


class Part(BaseModel):
    """Any part of the document: immutable, and with no key that is not described."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class NamedPart(Part):
    """A resource by name."""

    address: AddressText
    """The resource's address, unique in the realm."""
    type: Kind
    """The kind of resource."""
    name: str
    """The realm's name, the organization's alias, the clientId or the webhook's name."""


class RiskPart(Part):
    """What could go wrong for people and systems if a change is made."""

    level: RiskLevel
    """How much it can hurt."""
    code: str
    """The risk's name, for programs; empty for none."""
    why: str
    """One sentence for people; empty for none."""


class AttributionPart(Part):
    """Who made a change in Keycloak, by its admin events."""

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


def is_none(value: object) -> bool:
    """Tell whether a key can be left out: where it is, the value is None."""
    return value is None


def _is_empty(value: object) -> bool:
    return not value


class FieldPart(Part):
    """One field's way from live to desired."""

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

    risk: RiskPart
    """What it means, with its code."""
    names: tuple[str, ...]
    """What it happens to, all of it; empty where the sentence says it."""


class ChangePart(Part):
    """The change in Terraform's words."""

    actions: tuple[Literal["no-op", "create", "update", "delete"], ...]
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
    consequences: Annotated[tuple[ConsequencePart, ...], Field(exclude_if=_is_empty)] = ()
    """What the live system does beyond what the steps say, such as deleting the accounts of managed members."""
    attribution: Annotated[AttributionPart | None, Field(exclude_if=is_none)] = None
    """Who deleted what is missing, or took our mark away; only in a report of drift, and only where it is known."""
    origin: Annotated[Origin | None, Field(exclude_if=is_none)] = None
    """With `--base`: whether this change of the manifests makes the difference, or it was there before."""


class StepPart(Part):
    """One write."""

    verb: Verb
    """What is written."""
    body: Mapping[str, Value]
    """A whole representation for creations, a merge patch (RFC 7396) for updates."""
    first: Annotated[bool, Field(exclude_if=_is_empty)] = False
    """Whether it waits for nothing: it ends access, or gives up a name that another change takes."""
    undo: Annotated["StepPart | None", Field(exclude_if=is_none)] = None
    """The write that takes it back where the rest of the change cannot be done."""


class NewUserPart(Part):
    """What Keycloak gives every user that it makes, a new service account's included."""

    groups: tuple[str, ...]
    """Paths of the realm's default groups."""
    actions: tuple[str, ...]
    """Default required actions."""


class ResourcePart(NamedPart):
    """What happens to one resource."""

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
    takes_name_of: Annotated[tuple[AddressText, ...], Field(exclude_if=_is_empty)] = ()
    """The changes that must have given up their names before all but the first writes."""
    placeholder: Annotated[str, Field(exclude_if=_is_empty)] = ""
    """The display name that the organization has until it has its own, or is gone: another takes the one it had."""
    moved_if: str
    """The fingerprint of the live object: the plan is stale where it differs. Empty for creations."""
    unread: Annotated[tuple[str, ...], Field(exclude_if=_is_empty)] = ()
    """Fields that could not be read: they are neither compared nor written."""
    sender: Annotated[str, Field(exclude_if=_is_empty)] = ""
    """Of a webhook: the client whose token writes it."""
    new_user: Annotated[NewUserPart | None, Field(exclude_if=is_none)] = None
    """What a service account that is made for the client gets unasked, and gives back at once."""
