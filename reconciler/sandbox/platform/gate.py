"""What every call must pass before its endpoint sees it: token, organization, rate limit, DPA."""

from dataclasses import dataclass

from starlette.requests import Request

from reconciler.sandbox.platform.limits import Allowance, Category, RateLimiter
from reconciler.sandbox.platform.organizations import Organization, OrganizationLookup
from reconciler.sandbox.platform.problems import Problem, ProblemType
from reconciler.sandbox.platform.tokens import TokenVerifier


@dataclass(frozen=True, slots=True)
class Gate:
    """Decide who may call at all."""

    tokens: TokenVerifier
    organizations: OrganizationLookup
    limiter: RateLimiter
    current_dpa_version: str
    """The oldest version of the Data Processing Agreement that is accepted, such as ``2026-01``."""

    async def admit(self, request: Request, category: Category) -> Organization:
        """Return the organization that calls.

        Raises:
            Problem: 401, 403 or 429: the call is refused.
            KeycloakUnavailable: Keycloak does not answer.
        """
        token = await self.tokens.verify(request.headers.get("authorization"))
        organization = await self._organization(token.organization_id, token.client_id)
        allowance = self.limiter.take(organization.id, organization.rate_limit_tier, category)
        request.state.headers.update(allowance.headers)
        _check_rate(allowance)
        self._check_dpa(organization)
        return organization

    async def _organization(self, organization_id: str | None, client_id: str) -> Organization:
        organization = await self.organizations.find(organization_id) if organization_id else None
        if organization is None or not organization.enabled or not organization.uuid:
            raise Problem(
                ProblemType.FORBIDDEN,
                f"The client {client_id} is not linked to exactly one active integration organization.",
            )
        return organization

    def _check_dpa(self, organization: Organization) -> None:
        # Versions are year and month, so that they sort as text.
        accepted = organization.dpa_version if organization.dpa_accepted_at else None
        if accepted is None or accepted < self.current_dpa_version:
            state = "none was accepted" if accepted is None else f"{accepted} was accepted"
            raise Problem(
                ProblemType.DPA_NOT_ACCEPTED,
                f"The Data Processing Agreement {self.current_dpa_version} must be accepted first; {state}.",
            )


def _check_rate(allowance: Allowance) -> None:
    if allowance.retry_after is not None:
        raise Problem(
            ProblemType.RATE_LIMITED,
            f"More than {allowance.limit} requests per minute in the category {allowance.category},"
            " or too many of them within ten seconds.",
            headers={"Retry-After": str(allowance.retry_after)},
        )
