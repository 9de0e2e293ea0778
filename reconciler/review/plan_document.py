"""The document that a plan is written as: Terraform's shape, extended by what replaying it exactly needs.

The same document is printed by ``plan --json``, saved by ``plan --out`` and described by
``schema/plan.schema.json``. Values of the model stand in it as they are; here is what it says otherwise than the model.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from reconciler._version import __version__
from reconciler.model.address import Address, Kind, sorted_by_address
from reconciler.model.attribution import Attribution
from reconciler.model.change import Action, Change, FieldChange, Step
from reconciler.model.finding import Finding
from reconciler.model.grant import Grant
from reconciler.model.observed import NewUserDefaults, ReadFailure
from reconciler.model.origin import Base, Origin
from reconciler.model.place import Place
from reconciler.model.plan import Counts, Coverage, Effect, Plan, RiskCounts
from reconciler.model.policy import PlacedPolicy, PolicyHit
from reconciler.model.risk import Consequence, Risk
from reconciler.model.strict import PRINTED, AddressKey, is_empty, is_none
from reconciler.model.value import Value
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.review.alike import alike

FORMAT_VERSION: Final = "1.1"
PLAN: Final = "reconciler-plan"
DRIFT: Final = "reconciler-drift"
DIFF: Final = "reconciler-diff"
DocumentKind: TypeAlias = Literal["reconciler-plan", "reconciler-drift", "reconciler-diff"]
_Word: TypeAlias = Literal["no-op", "create", "update", "delete"]
_WORDS: Final[Mapping[Action, _Word]] = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.ADOPT: "update",
    Action.DELETE: "delete",
    Action.NO_OP: "no-op",
}


class _Part(BaseModel):
    model_config = ConfigDict(**PRINTED, frozen=True)

    @classmethod
    def _of(cls, value: Any, **more: Any) -> Self:
        """Return the part of a value of the model; ``more`` is what the value has not, or has otherwise."""
        same = {name: getattr(value, name) for name in cls.model_fields if hasattr(value, name)}
        return cls.model_validate({**same, **more}, by_alias=False, by_name=True)

    def same(self, value: type) -> dict[str, Any]:
        """Return the fields that the class of the model has under the same names."""
        return {each.name: getattr(self, each.name) for each in fields(value) if each.name in type(self).model_fields}


class NamedPart(_Part):
    """A resource by name."""

    address: Address
    """The resource's address, unique in the realm."""
    type: Kind
    """The kind of resource."""
    name: str
    """The realm's name, the organization's alias, the clientId or the webhook's name."""

    @classmethod
    def named(cls, address: Address, value: Any = None, **more: Any) -> Self:
        """Return the part of a resource; ``value`` is what the model has of it."""
        return cls._of(value, address=address, type=address.kind, name=address.name, **more)


class UnmanagedPart(NamedPart):
    """A live resource that is not ours."""

    owner: str | None
    """The reconciler whose mark it carries; null where it carries none."""


class ChangePart(_Part):
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
    field_changes: tuple[FieldChange, ...]
    """The fields that differ, for readers."""
    risk: Risk
    """The highest of the risks of the action, of the fields and of the consequences."""
    consequences: Annotated[tuple[Consequence, ...], Field(exclude_if=is_empty)] = ()
    """What the live system does beyond what the steps say, such as deleting the accounts of managed members."""
    event_risk: Annotated[Risk | None, Field(exclude_if=is_none)] = None
    """What it means that somebody made it what is live, the highest of its fields; only in a report of drift."""
    attribution: Annotated[Attribution | None, Field(exclude_if=is_none)] = None
    """Who deleted what is missing, or took our mark away; only in a report of drift, and only where it is known."""
    origin: Annotated[Origin | None, Field(exclude_if=is_none)] = None
    """With `--base`: whether this change of the manifests makes the difference, or it was there before."""

    @classmethod
    def of(cls, change: Change) -> Self:
        """Return the change, with its fields in order."""
        before, after = (each and dict(sorted(each.items())) for each in (change.before, change.after))
        words = (_WORDS[change.action],)
        return cls._of(change, actions=words, before=before, after=after, before_sensitive={}, after_sensitive={})


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
    same_as: Annotated[Address | None, Field(exclude_if=is_none)] = None
    """Where five organizations or more have this very change in common, the first resource that has it, be it this
    one: what says the same here is shown to people once."""
    change: ChangePart
    """The change in Terraform's words."""
    steps: tuple[Step, ...]
    """The writes, in order."""
    depends_on: tuple[Address, ...]
    """The changes that must be done before all but the first writes."""
    takes_name_of: Annotated[tuple[Address, ...], Field(exclude_if=is_empty)] = ()
    """The changes that must have given up their names before all but the first writes."""
    placeholder: Annotated[str, Field(exclude_if=is_empty)] = ""
    """The display name that the organization has until it has its own, or is gone: another takes the one it had."""
    precondition: Annotated[str, Field(alias="moved_if")]
    """The fingerprint of the live object: the plan is stale where it differs. Empty for creations."""
    unread: Annotated[tuple[str, ...], Field(exclude_if=is_empty)] = ()
    """Fields that could not be read: they are neither compared nor written."""
    sender: Annotated[str, Field(exclude_if=is_empty)] = ""
    """Of a webhook: the client whose token writes it."""
    new_user_defaults: Annotated[NewUserDefaults | None, Field(alias="new_user", exclude_if=is_none)] = None
    """What a service account that is made for the client gets unasked, and gives back at once."""

    @classmethod
    def of(cls, change: Change, same: Mapping[Address, Address]) -> Self:
        """Return the change, with null for what it does not have, and what it is the ``same`` as."""
        unasked = change.new_user_defaults
        return cls.named(
            change.address,
            change,
            change=ChangePart.of(change),
            blocked=change.blocked or None,
            renamed_from=change.renamed_from or None,
            same_as=same.get(change.address),
            labels=None if change.labels is None else dict(sorted(change.labels.items())),
            new_user_defaults=unasked if unasked != NewUserDefaults() else None,
        )

    def value(self) -> Change:
        """Return the change of the model."""
        otherwise = {
            "blocked": self.blocked or "",
            "renamed_from": self.renamed_from or "",
            "new_user_defaults": self.new_user_defaults or NewUserDefaults(),
        }
        return Change(**self.same(Change) | self.change.same(Change) | otherwise)


class PlanDocument(_Part):
    """A plan: every choice that an apply will make, as data. It holds no secret."""

    kind: DocumentKind
    """What the document is: a plan that can be applied; the report of `drift`, or of `diff`, which cannot."""
    format_version: Literal["1.1"]
    """The version of this format."""
    reconciler_version: str
    """The version of the program that made it."""
    created_at: Annotated[AwareDatetime, Field(alias="timestamp")]
    """When the live systems were read; of a `diff`, when the manifests were committed, or read."""
    keycloak_url: str
    """The Keycloak server that was read."""
    api_url: Annotated[str, Field(exclude_if=is_empty)] = ""
    """The NT24 Integration API that was asked, and that webhooks are written to."""
    environment: Annotated[str, Field(exclude_if=is_empty)] = ""
    """The environment of `reconciler.yaml`; missing where none was chosen."""
    login: Annotated[str, Field(exclude_if=is_empty)] = ""
    """The client id or user name by which the reconciler logged in; missing where it is not known."""
    realm: str
    """The managed realm."""
    owner: str
    """The name in the marks of managed objects."""
    revision: str
    """The git commit that the manifests were read at; empty where that is not known."""
    targets: tuple[Address, ...]
    """What the plan was restricted to; empty for everything."""
    excluded: Annotated[tuple[Address, ...], Field(exclude_if=is_empty)] = ()
    """What `--exclude` named; missing where it named nothing."""
    left_out: Annotated[tuple[Address, ...], Field(exclude_if=is_empty)] = ()
    """What would be written without that: it is excluded, or waits for it."""
    destroys: Annotated[bool, Field(exclude_if=is_empty)] = False
    """Whether it was planned as if no manifest declared what is meant (`--destroy`)."""
    expired: Annotated[bool, Field(exclude_if=is_empty)] = False
    """Whether it was planned to write nothing but the end of grants (`--expired`)."""
    grants: Annotated[tuple[Grant, ...], Field(exclude_if=is_empty)] = ()
    """What the manifests grant until some moment; then a saved plan that writes the organization is stale."""
    platform_fields: Annotated[tuple[str, ...], Field(exclude_if=is_empty)] = ()
    """The fields of organizations that the platform decides: they are compared with `GET /v1/me`, and not written."""
    verdict: Verdict
    """What it comes to. `plan --detailed-exitcode` and `drift` exit with 2 for `changes` and `not-in-sync`; 1 means
    `incomplete`, and 6 `denied`."""
    complete: bool
    """Whether everything that the plan depends on could be read."""
    applyable: bool
    """Whether there is something to write that is not blocked, and no policy denies it."""
    errored: bool
    """Always false: a plan that fails is not written."""
    asked_effective: Annotated[bool, Field(alias="effective_asked")]
    """Whether `GET /v1/me` was asked."""
    coverage: Annotated[Coverage | None, Field(alias="basis", exclude_if=is_none)] = None
    """What a report of drift rests on; a plan has none."""
    base: Annotated[Base | None, Field(exclude_if=is_none)] = None
    """With `--base`: what this change of the manifests is told from. Of a `diff`: what the changes start from."""
    counts: Counts
    """What the plan does, in numbers."""
    risk_counts: RiskCounts
    """How many risks there are that a reviewer is told of."""
    changes: Annotated[tuple[ResourcePart, ...], Field(alias="resource_changes")]
    """What would be written, in order; no no-ops."""
    resource_drift: tuple[ResourcePart, ...]
    """Those of the changes that put back what somebody changed in Keycloak."""
    rules: tuple[PlacedPolicy, ...]
    """The policies that the plan was held against; apply holds it against them again, and against those of its own
    settings."""
    policy_hits: Annotated[tuple[PolicyHit, ...], Field(alias="policies")]
    """The policies that stop the plan; apply refuses it unless approvals satisfy all of them."""
    unchanged: tuple[NamedPart, ...]
    """What is as desired."""
    findings: tuple[Finding, ...]
    """What no write can put right."""
    read_failures: Annotated[tuple[ReadFailure, ...], Field(alias="holes")]
    """What could not be read."""
    unmanaged: tuple[UnmanagedPart, ...]
    """What is live but not ours."""
    references: Mapping[AddressKey, str]
    """The ids of the live resources that steps refer to, in Keycloak or on the platform, by address."""
    names: Annotated[Mapping[str, str], Field(alias="partner_names")]
    """What readers know partners by, by UUID."""
    effects: tuple[Effect, ...]
    """The third side, `GET /v1/me`, of the fields that change or differ."""
    places: Mapping[AddressKey, Mapping[str, Place]]
    """Where the manifests say what changes: by address, then by field; the field `""` is the resource itself."""
    fingerprint: str
    """SHA-256 of everything else in the document: an approval is bound to it."""
    checksum: str
    """SHA-256 of the document without this key, as canonical JSON: an edited or damaged plan is refused."""

    @classmethod
    def of(cls, plan: Plan, kind: DocumentKind) -> Self:
        """Return the document of a plan, without fingerprint and checksum."""
        verdict, same = verdict_of(plan, is_diff=kind == DIFF), alike(plan)
        places = sorted_by_address(plan.places)
        return cls._of(
            plan,
            kind=kind,
            format_version=FORMAT_VERSION,
            reconciler_version=__version__,
            verdict=verdict,
            applyable=kind != DIFF and verdict is not Verdict.DENIED and not all(c.blocked for c in plan.changes),
            errored=False,
            changes=tuple(ResourcePart.of(change, same) for change in plan.changes),
            resource_drift=tuple(ResourcePart.of(change, same) for change in plan.changes if change.is_drift),
            unchanged=tuple(map(NamedPart.named, plan.unchanged)),
            unmanaged=tuple(UnmanagedPart.named(each, owner=plan.owners.get(each)) for each in plan.unmanaged),
            places={address: dict(sorted(found.items())) for address, found in places},
            fingerprint="",
            checksum="",
        )

    def plan(self) -> Plan:
        """Return the plan."""
        otherwise = {
            "changes": tuple(part.value() for part in self.changes),
            "unchanged": tuple(part.address for part in self.unchanged),
            "unmanaged": tuple(part.address for part in self.unmanaged),
            "owners": {part.address: part.owner for part in self.unmanaged if part.owner is not None},
        }
        return Plan(**self.same(Plan) | otherwise)
