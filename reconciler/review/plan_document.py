"""The document that a plan is written as: Terraform's shape, extended by what replaying it exactly needs.

The same document is printed by ``plan --json``, saved by ``plan --out`` and described by
``schema/plan.schema.json``.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias

from pydantic import AwareDatetime, Field

from reconciler._version import __version__
from reconciler.model.coverage import Coverage, ReadMode
from reconciler.model.effect import Effect
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.observed import ReadFailure
from reconciler.model.origin import Base, Origin, Resolved
from reconciler.model.place import Place
from reconciler.model.plan import Counts, Plan
from reconciler.model.policy import PlacedPolicy, Policy
from reconciler.model.policy_hit import PolicyEffect, PolicyHit
from reconciler.model.setting_change import SettingChange
from reconciler.model.value import Value
from reconciler.review.part import AddressKey, AddressText, Part, is_empty, is_none, part_of
from reconciler.review.resource_document import NamedPart, ResourcePart, RiskPart

FORMAT_VERSION: Final = "1.1"
PLAN: Final = "reconciler-plan"
DRIFT: Final = "reconciler-drift"
DIFF: Final = "reconciler-diff"
DocumentKind: TypeAlias = Literal["reconciler-plan", "reconciler-drift", "reconciler-diff"]


class UnmanagedPart(NamedPart):
    """A live resource that is not ours."""

    owner: str | None
    """The reconciler whose mark it carries; null where it carries none."""


class BasisPart(Part):
    """What a report of drift rests on."""

    mirrors: ClassVar = Coverage
    reading: ReadMode
    """Whether all was read, or only what may have changed."""
    why: str
    """Why all was read; empty for an incremental read."""
    last_full: AwareDatetime
    """When all was last read."""
    events: int
    """How many admin events came since the last run."""
    read_again: int
    """How many organizations and clients were read again because of them."""
    effective: str
    """Who was asked for `GET /v1/me`: all, changed, sample:N or none."""
    asked: int
    """How many clients were asked."""
    clients: int
    """How many clients are declared."""
    unattributed: str
    """Why nobody is named for what changed; empty where somebody is, or need not be."""
    requests: int
    """How many requests Keycloak was sent, tokens apart."""


class FindingPart(Part):
    """What a person should know about a resource."""

    mirrors: ClassVar = Finding
    address: AddressText
    """The resource."""
    path: str
    """The field of its organization that it is about; empty for the whole resource."""
    code: Code
    """The finding's name, for programs."""
    severity: Severity
    """How much it matters."""
    status: FieldStatus
    """Desired, stored and effective compared."""
    detail: str
    """What was found."""
    remedy: str
    """What to do."""
    origin: Annotated[Origin | None, Field(exclude_if=is_none)] = None
    """With `--base`: whether there would be none without this change of the manifests."""


class SettledPart(Part):
    """What differs for the base's manifests, and does not for these."""

    mirrors: ClassVar = Resolved
    address: AddressText
    """The resource."""
    path: str
    """The field; empty for the whole resource."""


class PlacePart(Part):
    """Where a manifest says it."""

    mirrors: ClassVar = Place
    file: str
    """The file, as it was named."""
    line: int
    """From 1."""
    column: int
    """From 1."""


class SettingPart(Part):
    """A setting of `reconciler.yaml` that differs between the base and what is reviewed."""

    mirrors: ClassVar = SettingChange
    path: str
    """The setting, as the file nests it; items of lists by their names."""
    before: Value
    """What the base says; null means: nothing."""
    after: Value
    """What is said now; null means: nothing."""
    risk: RiskPart
    """What could go wrong; high where credentials move, or where a guard or a policy may stop less."""
    place: PlacePart | None
    """Where the file says it now, or would; null where there is no file any more."""


class BasePart(Part):
    """The revision by which changes say where they come from."""

    mirrors: ClassVar = Base
    name: str
    """The revision, as it was named."""
    commit: str
    """The commit that it means."""
    resolved: Annotated[tuple[SettledPart, ...], Field(alias="settled")]
    """What differed before, and does not any more because of this change."""
    unknown: tuple[AddressText, ...]
    """The organizations, and the realm, whose manifests are invalid there: their changes have no origin."""
    notes: tuple[str, ...]
    """What was wrong with the base, for people."""
    head: str
    """Of a `diff`: what the base is compared with; else empty."""
    settings: Annotated[tuple[SettingPart, ...], Field(exclude_if=is_empty)] = ()
    """What differs in `reconciler.yaml`, the highest risk first."""
    labels: Annotated[Mapping[AddressKey, Mapping[str, str]], Field(exclude_if=is_empty)] = {}
    """The labels of organizations there, where policies of the base go by them."""

    @classmethod
    def said(cls, value: Base) -> Mapping[str, Any]:
        """Return the labels in order."""
        return {"labels": {address: dict(sorted(labels.items())) for address, labels in value.labels.items()}}


class EffectPart(Part):
    """One field in three places."""

    mirrors: ClassVar = Effect
    client: Annotated[AddressText, Field(alias="address")]
    """The client that was asked."""
    path: str
    """The field of its organization."""
    desired: Value
    """What the manifest says; null means: nothing."""
    stored: Value
    """What Keycloak has; null means: nothing."""
    effective: Value
    """What `GET /v1/me` answers; null means: nothing."""


class HolePart(Part):
    """What could not be read."""

    mirrors: ClassVar = ReadFailure
    what: str
    """What was to be read."""
    reason: str
    """Why it could not be."""
    remedy: str
    """What to do."""
    code: str
    """The live system's own word for it; may be empty."""


class CountsPart(Part):
    """What the plan does, in numbers; what is blocked does not count."""

    mirrors: ClassVar = Counts
    added: Annotated[int, Field(alias="add")]
    """Resources that are created."""
    changed: Annotated[int, Field(alias="change")]
    """Resources that are updated or adopted."""
    destroyed: Annotated[int, Field(alias="destroy")]
    """Resources that are deleted, and accounts of people that are deleted with a membership."""
    accounts: int
    """Of what is destroyed: accounts of people."""


class PolicyPart(Part):
    """A policy that stops the plan."""

    mirrors: ClassVar = PolicyHit
    policy: str
    """The policy's name."""
    effect: PolicyEffect
    """What it does; only an approval can satisfy require-approval."""
    address: AddressText
    """The resource that it hits."""
    path: str
    """The field that it hits; empty for the whole resource."""
    message: str
    """The policy's own words."""
    place: str
    """Where the policy stands: file and line."""
    requires: tuple[str, ...]
    """With require-label, the labels that would do, each as label=value."""
    at_base: Annotated[bool, Field(exclude_if=is_empty)] = False
    """Whether it is a policy of the base that this change takes away, alters, or is not meant by any more."""


class RulePart(Part):
    """A policy that the plan was held against."""

    mirrors: ClassVar = PlacedPolicy
    policy: Policy
    """The rule, as the settings say it."""
    place: str
    """Where it stands: file and line."""
    at_base: Annotated[bool, Field(exclude_if=is_empty)] = False
    """Whether it is a policy of the base, which holds for what this change introduces alone."""


class PlanDocument(Part):
    """A plan: every choice that an apply will make, as data. It holds no secret."""

    mirrors: ClassVar = Plan
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
    realm: str
    """The realm that is managed."""
    owner: str
    """The name in the marks of managed objects."""
    revision: str
    """The git commit that the manifests were read at; empty where that is not known."""
    targets: tuple[AddressText, ...]
    """What the plan was restricted to; empty for everything."""
    platform_fields: Annotated[tuple[str, ...], Field(exclude_if=is_empty)] = ()
    """The fields of organizations that the platform decides: they are compared with `GET /v1/me`, and not written."""
    complete: bool
    """Whether everything that the plan depends on could be read."""
    applyable: bool
    """Whether there is something to write that is not blocked, and no policy denies it."""
    errored: bool
    """Always false: a plan that fails is not written."""
    asked_effective: Annotated[bool, Field(alias="effective_asked")]
    """Whether `GET /v1/me` was asked."""
    coverage: Annotated[BasisPart | None, Field(alias="basis", exclude_if=is_none)] = None
    """What a report of drift rests on; a plan has none."""
    base: Annotated[BasePart | None, Field(exclude_if=is_none)] = None
    """With `--base`: what this change of the manifests is told from. Of a `diff`: what the changes start from."""
    counts: CountsPart
    """What the plan does, in numbers."""
    changes: Annotated[tuple[ResourcePart, ...], Field(alias="resource_changes")]
    """What would be written, in order; no no-ops."""
    resource_drift: tuple[ResourcePart, ...]
    """Those of the changes that put back what somebody changed in Keycloak."""
    rules: tuple[RulePart, ...]
    """The policies that the plan was held against; apply holds it against them again, and against those of its own
    settings."""
    policy_hits: Annotated[tuple[PolicyPart, ...], Field(alias="policies")]
    """The policies that stop the plan; apply refuses it unless approvals satisfy all of them."""
    unchanged: tuple[NamedPart, ...]
    """What is as desired."""
    findings: tuple[FindingPart, ...]
    """What no write can put right."""
    read_failures: Annotated[tuple[HolePart, ...], Field(alias="holes")]
    """What could not be read."""
    unmanaged: tuple[UnmanagedPart, ...]
    """What is live but not ours."""
    references: Mapping[AddressKey, str]
    """The ids of the live resources that steps refer to, in Keycloak or on the platform, by address."""
    names: Annotated[Mapping[str, str], Field(alias="partner_names")]
    """What readers know partners by, by UUID."""
    effects: tuple[EffectPart, ...]
    """The third side, `GET /v1/me`, of the fields that change or differ."""
    places: Mapping[AddressKey, Mapping[str, PlacePart]]
    """Where the manifests say what changes: by address, then by field; the field `""` is the resource itself."""
    fingerprint: str
    """SHA-256 of everything else in the document: an approval is bound to it."""
    checksum: str
    """SHA-256 of the document without this key, as canonical JSON: an edited or damaged plan is refused."""

    @classmethod
    def said(cls, value: Plan) -> Mapping[str, Any]:
        """Return what follows from the plan, and what it knows by address."""
        places = sorted(value.places.items(), key=lambda item: item[0].sort_key)
        return {
            "format_version": FORMAT_VERSION,
            "reconciler_version": __version__,
            "errored": False,
            "resource_drift": tuple(ResourcePart.of(change) for change in value.changes if change.is_drift),
            "unchanged": tuple(map(NamedPart.of, value.unchanged)),
            "unmanaged": tuple(UnmanagedPart.of(each, owner=value.owners.get(each)) for each in value.unmanaged),
            "places": {address: part_of(dict(sorted(found.items()))) for address, found in places},
            "fingerprint": "",
            "checksum": "",
        }

    def meant(self) -> Mapping[str, Any]:
        """Return what the plan knows by address."""
        return {
            "unchanged": tuple(part.address for part in self.unchanged),
            "unmanaged": tuple(part.address for part in self.unmanaged),
            "owners": {part.address: part.owner for part in self.unmanaged if part.owner is not None},
        }
