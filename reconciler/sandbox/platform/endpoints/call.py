"""A call that passed the gate, and the rules that endpoints share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from reconciler.sandbox.platform.directory import PartnerDirectory
from reconciler.sandbox.platform.organizations import Organization
from reconciler.sandbox.platform.problems import Problem, ProblemType

if TYPE_CHECKING:
    from reconciler.sandbox.platform.webhooks import WebhookStore

Document: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers; None is no body."""

    document: Document | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, and with what."""

    organization: Organization
    directory: PartnerDirectory
    webhooks: "WebhookStore"
    path: Mapping[str, str]
    """The variable parts of the path."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def uuid(self, name: str) -> str:
        """Return a part of the path that must be a UUID.

        Raises:
            Problem: 400: it is none.
        """
        try:
            return str(UUID(self.path[name]))
        except ValueError as error:
            raise Problem(ProblemType.MALFORMED_REQUEST, f"{name} in the path must be a UUID.") from error

    def partner(self) -> str:
        """Return the partner in the path, for whom the organization may act.

        Raises:
            Problem: 403: it may not.
        """
        partner = self.uuid("sellerId")
        if partner not in self.organization.partners or self.directory.find(partner) is None:
            raise Problem(ProblemType.FORBIDDEN, f"The organization may not act for the partner {partner}.")
        return partner

    def require(self, flag: str) -> None:
        """Check that the organization has a capability.

        Raises:
            Problem: 403: it has not.
        """
        if flag not in self.organization.flags:
            raise Problem(ProblemType.CAPABILITY_REQUIRED, f"This needs the capability {flag}.")


Endpoint: TypeAlias = Callable[[Call], Answer]
