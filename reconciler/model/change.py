"""Changes: what a plan wants to do to one resource, field by field and step by step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Annotated, ClassVar, Self

from pydantic import Field

from reconciler.model.address import Address
from reconciler.model.attribution import Attribution
from reconciler.model.layout import OWNER_MARK
from reconciler.model.observed import NewUserDefaults
from reconciler.model.origin import Origin
from reconciler.model.risk import ACCOUNTS_DELETED, NO_RISK, Consequence, Risk
from reconciler.model.strict import is_empty, is_none, printed_as
from reconciler.model.value import Fields, Value


class Action(StrEnum):
    """Name what happens to a resource; closed."""

    NO_OP = "no-op"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADOPT = "adopt"


class Reason(StrEnum):
    """Say, for readers, which side moved since the last apply. Never steers."""

    MANIFEST_CHANGED = "manifest-changed"
    KEYCLOAK_CHANGED = "keycloak-changed"
    PLATFORM_CHANGED = "platform-changed"
    BOTH_CHANGED = "both-changed"
    RULES_CHANGED = "rules-changed"
    NEVER_APPLIED = "never-applied"
    NOT_DECLARED = "not-declared"


DRIFT = frozenset({Reason.KEYCLOAK_CHANGED, Reason.PLATFORM_CHANGED, Reason.BOTH_CHANGED})
"""The reasons that mean: somebody changed Keycloak, or an endpoint on the platform."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's way from live to desired."""

    __pydantic_config__: ClassVar = printed_as("FieldPart")
    path: str
    """The field."""
    before: Value
    """What is live; null means: nothing."""
    after: Value
    """What is desired; null means: nothing."""
    reason: Reason
    """Which side moved since the last apply."""
    risk: Risk = NO_RISK
    """What the change of this field can do."""
    event_risk: Annotated[Risk | None, Field(exclude_if=is_none)] = None
    """What it means that somebody made the live value what it is; only in a report of drift."""
    attribution: Annotated[Attribution | None, Field(exclude_if=is_none)] = None
    """Who made the live value what it is; only in a report of drift, and only where it is known."""
    origin: Annotated[Origin | None, Field(exclude_if=is_none)] = None
    """With `--base`: whether this change of the manifests makes the difference, or it was there before."""
    at_base: Annotated[Value, Field(exclude_if=is_none)] = None
    """With the origin `both`: what the base's manifests say."""

    @property
    def is_drift(self) -> bool:
        """Tell whether somebody changed the live value since the last apply."""
        return self.reason in DRIFT


class Repeat(Enum):
    """Say what has to be looked at before a write is repeated; closed."""

    SAME = auto()
    """It means the same when it is repeated, or reads for itself."""
    ADDITION = auto()
    """It means the same, but is a POST, which nobody below us repeats where no answer came."""
    CREATION = auto()
    """A POST that makes an object, which is looked for before it is repeated."""
    MERGE = auto()
    """A merged whole: it is read and merged again before it is repeated."""
    ON_TOP = auto()
    """It goes on top of what was written before, which is read first."""
    REMOVAL = auto()
    """It is done where there is nothing to remove: it may be repeated below us when its answer is lost."""

    @property
    def is_post(self) -> bool:
        """Tell whether it sends a POST."""
        return self in {Repeat.ADDITION, Repeat.CREATION}

    @property
    def needs_live(self) -> bool:
        """Tell whether it is made of what is live."""
        return self in {Repeat.MERGE, Repeat.ON_TOP}


class Verb(StrEnum):
    """Name the writes that an apply can make; closed."""

    repeat: Repeat
    is_on_platform: bool
    """Whether the platform is written, which follows Keycloak some seconds late."""

    @property
    def makes_secret(self) -> bool:
        """Tell whether what it makes has a secret, which somebody must be given."""
        return self in {Verb.CREATE_CLIENT, Verb.CREATE_WEBHOOK}

    def __new__(cls, value: str, repeat: Repeat = Repeat.SAME, is_on_platform: bool = False) -> Self:
        """Return the verb of that name."""
        self = str.__new__(cls, value)
        self._value_, self.repeat, self.is_on_platform = value, repeat, is_on_platform
        return self

    CREATE_REALM = "create-realm", Repeat.CREATION
    UPDATE_REALM = "update-realm", Repeat.MERGE
    PUT_ORGANIZATION_SCOPE = "put-organization-scope", Repeat.ADDITION
    PUT_SCOPE_MAPPERS = "put-scope-mappers", Repeat.ADDITION
    REMOVE_SCOPE_MAPPER = "remove-scope-mapper", Repeat.REMOVAL
    REMOVE_MAPPING_OF_SCOPE = "remove-mapping-of-scope", Repeat.REMOVAL
    PUT_ROTATION_POLICY = "put-rotation-policy"
    ADD_DEFAULT_ROLE = "add-default-role", Repeat.ADDITION
    REMOVE_DEFAULT_ROLE = "remove-default-role", Repeat.REMOVAL
    CREATE_ORGANIZATION = "create-organization", Repeat.CREATION
    UPDATE_ORGANIZATION = "update-organization", Repeat.MERGE
    DELETE_ORGANIZATION = "delete-organization", Repeat.REMOVAL
    REMOVE_MEMBER = "remove-member", Repeat.REMOVAL
    UNLINK_IDENTITY_PROVIDER = "unlink-identity-provider", Repeat.REMOVAL
    LINK_IDENTITY_PROVIDER = "link-identity-provider", Repeat.ADDITION
    UPDATE_IDENTITY_PROVIDER = "update-identity-provider"
    MARK_IDENTITY_PROVIDER = "mark-identity-provider"
    UNMARK_IDENTITY_PROVIDER = "unmark-identity-provider", Repeat.REMOVAL
    LEAVE_ORGANIZATION_GROUP = "leave-organization-group", Repeat.REMOVAL
    DELETE_ORGANIZATION_GROUP = "delete-organization-group", Repeat.REMOVAL
    DELETE_INVITATION = "delete-invitation", Repeat.REMOVAL
    CREATE_CLIENT = "create-client", Repeat.CREATION
    UPDATE_CLIENT = "update-client", Repeat.MERGE
    DELETE_CLIENT = "delete-client", Repeat.REMOVAL
    PUT_CLIENT_SCOPES = "put-client-scopes", Repeat.ON_TOP
    ADD_CLIENT_SCOPE = "add-client-scope"
    REMOVE_CLIENT_SCOPE = "remove-client-scope", Repeat.REMOVAL
    DELETE_CLIENT_ROLE = "delete-client-role", Repeat.REMOVAL
    ADD_SCOPE_MAPPING = "add-scope-mapping", Repeat.ADDITION
    REMOVE_SCOPE_MAPPING = "remove-scope-mapping", Repeat.REMOVAL
    UNREGISTER_NODE = "unregister-node", Repeat.REMOVAL
    UPDATE_SERVICE_ACCOUNT = "update-service-account"
    REPLACE_SERVICE_ACCOUNT = "replace-service-account"
    GRANT_ROLE = "grant-role", Repeat.ADDITION
    REVOKE_ROLE = "revoke-role", Repeat.REMOVAL
    LEAVE_GROUP = "leave-group", Repeat.REMOVAL
    UNLINK_SERVICE_ACCOUNT = "unlink-service-account", Repeat.REMOVAL
    JOIN_ORGANIZATION = "join-organization", Repeat.ADDITION
    LEAVE_ORGANIZATION = "leave-organization", Repeat.REMOVAL
    CREATE_WEBHOOK = "create-webhook", Repeat.SAME, True
    UPDATE_WEBHOOK = "update-webhook", Repeat.MERGE, True
    DELETE_WEBHOOK = "delete-webhook", Repeat.REMOVAL, True
    MARK_WEBHOOK = "mark-webhook"
    UNMARK_WEBHOOK = "unmark-webhook", Repeat.REMOVAL


@dataclass(frozen=True, slots=True)
class Step:
    """One write."""

    __pydantic_config__: ClassVar = printed_as("StepPart")
    verb: Verb
    """What is written."""
    body: Mapping[str, Value] = field(default_factory=dict)
    """A whole representation for creations, a merge patch (RFC 7396) for updates."""
    first: Annotated[bool, Field(exclude_if=is_empty)] = False
    """Whether it waits for nothing: it ends access, or gives up a name that another change takes."""
    undo: Annotated["Step | None", Field(exclude_if=is_none)] = None
    """The write that takes it back where the rest of the change cannot be done."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan wants to do to one resource.

    =========  ==========  ==========
    action     ``before``  ``after``
    =========  ==========  ==========
    create     None        desired
    update     live        desired
    adopt      live        desired
    delete     live        None
    =========  ==========  ==========

    ``precondition`` is the fingerprint of the live object at planning time (empty for create): the write is refused
    where it differs. ``blocked`` says why the change cannot be applied now; empty if it can. ``renamed_from`` is the
    name that the live object still has, empty where it keeps its name. All but the first steps wait until the changes
    in ``depends_on`` are done, and until those in ``takes_name_of`` have given up their names; ``placeholder`` is the
    display name that one of these has meanwhile. ``risk`` is the highest of the risks of the action, of its
    fields and of its consequences. ``labels`` are those of the organization's manifest; None where no manifest declares
    the organization, so that nothing tells them.
    """

    address: Address
    action: Action
    before: Fields | None
    after: Fields | None
    field_changes: tuple[FieldChange, ...]
    steps: tuple[Step, ...]
    depends_on: tuple[Address, ...] = ()
    precondition: str = ""
    blocked: str = ""
    renamed_from: str = ""
    takes_name_of: tuple[Address, ...] = ()
    placeholder: str = ""
    risk: Risk = NO_RISK
    attribution: Attribution | None = None
    """Who deleted what is missing, or took our mark away, where the admin events tell."""
    labels: Mapping[str, str] | None = None
    origin: Origin | None = None
    """Whether this change of the manifests makes the difference; None where no base tells."""
    unread: tuple[str, ...] = ()
    """Fields that could not be read, sorted: what they are is neither compared nor written."""
    sender: str = ""
    """Of a webhook: the client whose token writes it."""
    new_user_defaults: NewUserDefaults = field(default_factory=NewUserDefaults)
    """What a service account that is made for the client gets unasked."""
    consequences: tuple[Consequence, ...] = ()
    """What the live system does beyond what the steps say."""
    event_risk: Risk | None = None
    """The highest of what it means that somebody made it what is live; only in a report of drift."""

    @property
    def adopts(self) -> bool:
        """Tell whether others have set up the object: nobody has applied it, or somebody else."""
        if self.before is None or self.after is None:
            return False
        return self.action is Action.ADOPT or self.before.get(OWNER_MARK) not in {None, self.after.get(OWNER_MARK)}

    @property
    def own_risk(self) -> Risk:
        """Return the risk of the action itself; none where a field or a consequence says it."""
        said = {*(field.risk for field in self.field_changes), *(each.risk for each in self.consequences)}
        return NO_RISK if self.risk in said else self.risk

    @property
    def deleted_accounts(self) -> tuple[str, ...]:
        """Return the names of the accounts that Keycloak deletes with the change."""
        return tuple(name for each in self.consequences if each.risk.code == ACCOUNTS_DELETED for name in each.names)

    @property
    def is_drift(self) -> bool:
        """Tell whether somebody changed, or removed, the live object since the last apply."""
        return any(change.is_drift for change in self.field_changes)

    def named_by(self, verb: Verb, key: str) -> tuple[str, ...]:
        """Return what the steps of that verb name."""
        return tuple(str(step.body[key]) for step in self.steps if step.verb is verb)


def first_ones_first(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps, those that wait for nothing in front."""
    return tuple(sorted(steps, key=lambda step: not step.first))
