"""Policies: rules of ``reconciler.yaml`` that deny a change, or ask for a label or an approval. They never add one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from reconciler.model.address import Address, Kind
from reconciler.model.change import Action
from reconciler.model.risk import RiskLevel
from reconciler.model.scalars import Label, Slug, Text, broken
from reconciler.model.strict import Strict, is_empty, printed_as, several


class PolicyEffect(StrEnum):
    """Name what a policy does to what it hits; closed."""

    DENY = "deny"
    REQUIRE_LABEL = "require-label"
    REQUIRE_APPROVAL = "require-approval"


@dataclass(frozen=True, slots=True)
class PolicyHit:
    """A policy that stops the plan."""

    __pydantic_config__: ClassVar = printed_as("PolicyPart")
    policy: str
    """The policy's name."""
    effect: PolicyEffect
    """What it does; only an approval can satisfy require-approval."""
    address: Address
    """The resource that it hits."""
    path: str
    """The field that it hits; empty for the whole resource."""
    message: str
    """The policy's own words."""
    place: str
    """Where the policy stands: file and line."""
    requires: tuple[str, ...] = ()
    """With require-label, the labels that would do, each as label=value."""
    at_base: Annotated[bool, Field(exclude_if=is_empty)] = False
    """Whether it is a policy of the base that this change takes away, alters, or is not meant by any more."""

    @property
    def is_final(self) -> bool:
        """Tell whether no approval helps."""
        return self.effect is not PolicyEffect.REQUIRE_APPROVAL

    @property
    def sort_key(self) -> tuple[bool, str, tuple[int, tuple[str, ...]], str, str]:
        """Return the key that sorts what is denied first, then by policy, address and field."""
        return not self.is_final, self.policy, self.address.sort_key, self.path, self.place


def _member(enum: type[StrEnum], allowed: Iterable[StrEnum], value: Any) -> Any:
    words = [str(each) for each in allowed]
    if value in words:
        return enum(value)
    raise PydanticCustomError("enum", "not one of {expected}", {"expected": ", ".join(words)})


def _member_of(enum: type[StrEnum], words: Iterable[StrEnum]) -> BeforeValidator:
    """Return what takes one of ``words`` as a member of ``enum``."""
    allowed = tuple(words)
    return BeforeValidator(lambda value: _member(enum, allowed, value))


def _members(words: Iterable[StrEnum]) -> tuple[Any, ...]:
    """Return the annotations of a tuple of members: one text, or a list of texts, of ``words`` alone."""
    return BeforeValidator(several), *_one_or_list({"type": "string", "enum": [str(each) for each in words]})


def _one_or_list(item: dict[str, Any]) -> tuple[Any, ...]:
    schema = {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}
    return Field(min_length=1), WithJsonSchema(schema)


_PLANNED: Final = (Action.CREATE, Action.UPDATE, Action.DELETE, Action.ADOPT)
_Kinds = Annotated[tuple[Annotated[Kind, _member_of(Kind, Kind)], ...], *_members(Kind)]
_Actions = Annotated[tuple[Annotated[Action, _member_of(Action, _PLANNED)], ...], *_members(_PLANNED)]
_Texts = Annotated[tuple[Text, ...], BeforeValidator(several), *_one_or_list({"type": "string", "minLength": 1})]


class Condition(Strict):
    """What a policy is about: a change must meet everything that is said; what is not said is met by all."""

    risk: RiskLevel | None = None
    """At least this risk: of the field where `path` is said, else of the whole change."""
    kind: _Kinds | None = None
    """The kind of resource, or several."""
    action: _Actions | None = None
    """What happens to the resource, or several: create, update, delete, adopt."""
    path: _Texts | None = None
    """A field, with all that is below it, or several; `*` stands for any text: `capabilities.*`."""
    label: dict[Label, Label] = Field(default_factory=dict)
    """Labels that the organization's manifest has, all of them. Where no manifest declares it any more, they are not
    known, and are taken to be there."""
    environment: _Texts | None = None
    """The environment of this file, or several."""


class Policy(Strict):
    """One rule. It can only ever stop a change."""

    name: Slug
    """The policy's name; unique in the file."""
    when: Condition
    """What it is about."""
    then: PolicyEffect
    """What it does: deny; require-label, unless the organization's manifest has the labels of `requires`;
    require-approval, unless an approval of exactly this plan is given."""
    requires: dict[Label, Label] = Field(default_factory=dict)
    """With `then: require-label`: the labels."""
    message: Text
    """Why, and whom to ask; shown to whoever is stopped."""

    @model_validator(mode="after")
    def _labels_where_they_are_required(self) -> Self:
        if (self.then is PolicyEffect.REQUIRE_LABEL) is not bool(self.requires):
            raise broken(
                "then: require-label and requires belong together.",
                "Write requires: {label: value} with then: require-label, and only there.",
            )
        return self


@dataclass(frozen=True, slots=True)
class PlacedPolicy:
    """A policy that the plan was held against."""

    __pydantic_config__: ClassVar = printed_as("RulePart")
    policy: Policy
    """The rule, as the settings say it."""
    place: str
    """Where it stands: file and line."""
    at_base: Annotated[bool, Field(exclude_if=is_empty)] = False
    """Whether it is a policy of the base, which holds for what this change introduces alone."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes to one plan, known by its fingerprint, on behalf of the named policies."""

    fingerprint: str
    policies: tuple[str, ...]
    approved_by: str
    approved_at: datetime
    reason: str = ""
