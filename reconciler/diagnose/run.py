"""The checks in their order, and the walk through them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from reconciler.diagnose import effective_checks, keycloak_checks, platform_checks, program, token_checks
from reconciler.diagnose.results import skipped
from reconciler.diagnose.session import Session
from reconciler.model.diagnosis import CheckName, CheckResult, CheckStatus, Diagnosis

_GOOD: Final = frozenset({CheckStatus.OK, CheckStatus.WARNING})


@dataclass(frozen=True, slots=True)
class _Check:
    """One check, and those without which it makes no sense."""

    name: CheckName
    needs: tuple[CheckName, ...]
    make: Callable[[Session], Awaitable[CheckResult]]


_REACHED: Final = (CheckName.KEYCLOAK, CheckName.KEYCLOAK_TLS)
_BOTH_SYSTEMS: Final = (CheckName.TOKEN, CheckName.API, CheckName.API_TLS)

CHECKS: Final = (
    _Check(CheckName.CREDENTIALS, (), keycloak_checks.credentials),
    _Check(CheckName.KEYCLOAK, (), keycloak_checks.keycloak),
    _Check(CheckName.KEYCLOAK_TLS, (CheckName.KEYCLOAK,), keycloak_checks.keycloak_tls),
    _Check(CheckName.REALM, _REACHED, keycloak_checks.realm),
    _Check(CheckName.ADMIN, _REACHED, keycloak_checks.admin_api),
    _Check(CheckName.TOKEN, (*_REACHED, CheckName.REALM), token_checks.token),
    _Check(CheckName.CLOCK, (CheckName.TOKEN,), token_checks.clock),
    _Check(CheckName.CLAIMS, (CheckName.TOKEN,), token_checks.claims),
    _Check(CheckName.API, (), platform_checks.api),
    _Check(CheckName.API_TLS, (CheckName.API,), platform_checks.api_tls),
    _Check(CheckName.ME, _BOTH_SYSTEMS, platform_checks.me),
    _Check(CheckName.RATE_LIMIT, _BOTH_SYSTEMS, effective_checks.rate_limit),
    _Check(CheckName.DPA, _BOTH_SYSTEMS, effective_checks.dpa),
    _Check(CheckName.PARTNERS, _BOTH_SYSTEMS, effective_checks.partners),
    _Check(CheckName.CAPABILITIES, _BOTH_SYSTEMS, effective_checks.capabilities),
    _Check(CheckName.PROGRAM_TOKEN, (), program.program_token),
    _Check(CheckName.PROGRAM_LOGINS, (CheckName.ADMIN,), program.program_logins),
)


async def diagnose(session: Session) -> Diagnosis:
    """Make every check whose prerequisites hold; the others are skipped, and say why."""
    results: dict[CheckName, CheckResult] = {}
    for check in CHECKS:
        missing = next((need for need in check.needs if not _holds(results[need])), None)
        if missing is None:
            results[check.name] = await check.make(session)
        else:
            results[check.name] = skipped(check.name, _why(results[missing]))
    return Diagnosis(session.clock.now(), session.subject, tuple(results.values()))


def _holds(result: CheckResult) -> bool:
    # Plain HTTP has no certificate to look at, and is no obstacle.
    is_plain = result.status is CheckStatus.SKIPPED and result.name in {CheckName.KEYCLOAK_TLS, CheckName.API_TLS}
    return result.status in _GOOD or is_plain


def _why(missing: CheckResult) -> str:
    verb = "failed" if missing.status is CheckStatus.FAILED else "was skipped"
    return f"{missing.name} {verb}"
