"""What answers at the address of a live system: the system itself, a mock, or something else."""

from typing import Final

from reconciler.diagnose.results import certain
from reconciler.model.diagnosis import Cause
from reconciler.model.probe import ProbeAnswer

_PRISM: Final = "stoplight.io/prism"
_VIOLATIONS: Final = "sl-violations"
"""What Prism's answers carry: the type of its own errors, and a header (Prism 5, measured)."""
_KEYCLOAKS: Final = "Unable to find matching target resource method"
"""What Keycloak answers at a path that it does not have (26.7.5, measured)."""

MOCK: Final = certain(
    "mock",
    "It is a mock (Prism, say) that answers from examples: what it says of organizations, partners, capabilities and "
    "the DPA is made up, and a refusal proves nothing, either.",
    "Use it to develop against the API's form. Set NT24_API_URL to the staging's URL to find out what is in force.",
)
_WRONG_PATH: Final = certain(
    "api-path-wrong",
    "There is no /v1/me below this URL.",
    "Check NT24_API_URL: without /v1, and with the base path, if it has one.",
)
_KEYCLOAK: Final = certain(
    "api-is-keycloak",
    "Keycloak answers at this URL.",
    "Check NT24_API_URL: it must name the Integration API, not KEYCLOAK_URL.",
)
KEYCLOAK_IS_API: Final = certain(
    "keycloak-is-api",
    "The NT24 Integration API answers at this URL.",
    "Check KEYCLOAK_URL: it must name Keycloak, not NT24_API_URL.",
)
_PROBLEMS: Final = "novatrade24.com/problems/"
"""What the type of each of the platform's errors begins with, after its scheme and host."""
_NO_SUCH_PATH: Final = frozenset({404, 405, 410})


def stand_in(answer: ProbeAnswer) -> Cause | None:
    """Return what stands in the platform's place, by its answer to ``GET /v1/me`` with a token that is none.

    The platform itself refuses that with 401; any 5xx tells nothing.
    """
    if answer.is_success or _VIOLATIONS in answer.headers or _PRISM in str(answer.fields.get("type") or ""):
        return MOCK
    if answer.status in _NO_SUCH_PATH:
        return _KEYCLOAK if answer.fields.get("error") == _KEYCLOAKS else _WRONG_PATH
    return None


def is_platforms(answer: ProbeAnswer) -> bool:
    """Tell whether the platform itself gave an error answer: its type says so."""
    return _PROBLEMS in str(answer.fields.get("type") or "")


def takes_no_token(realm: str) -> str:
    """Return what to do where the platform refuses a token that Keycloak has just issued."""
    return (
        f"The platform takes no such token: KEYCLOAK_URL, NT24_REALM ({realm}) and NT24_API_URL must be of one "
        "environment (reconciler doctor finds out more)."
    )
