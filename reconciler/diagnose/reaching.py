"""Whether a live system answers at all, over a connection that can be trusted."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from reconciler.diagnose.results import certain, failed, ok, said, seen, skipped, warning
from reconciler.model.diagnosis import Cause, CheckName, CheckResult
from reconciler.model.duration import about
from reconciler.model.probe import Certificate, NoAnswer, ProbeAnswer, ProbeFailure, System

VARIABLE: Final = {System.KEYCLOAK: "KEYCLOAK_URL", System.API: "NT24_API_URL"}
_ENDS_SOON: Final = timedelta(days=14)
_BUSY: Final = frozenset({502, 503, 504})
_NAMES_SHOWN: Final = 5
_TLS_APART: Final = frozenset({CheckName.KEYCLOAK, CheckName.API})
"""The checks after which one of its own looks at the certificate."""

CAUSES: Final = {
    ProbeFailure.UNKNOWN_HOST: (
        "The name {host} is not known to DNS.",
        "Check the spelling in {variable}; inside of a company network also VPN and DNS.",
    ),
    ProbeFailure.CONNECTION_REFUSED: (
        "Nothing listens at {host}.",
        "Check host and port in {variable}, and whether {system} is up.",
    ),
    ProbeFailure.TIMED_OUT: (
        "{host} does not answer in time.",
        "Check firewalls and the proxy variables (HTTPS_PROXY, NO_PROXY); --timeout waits longer.",
    ),
    ProbeFailure.PROXY: (
        "The proxy does not let the request through.",
        "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and whether the proxy asks for a login.",
    ),
    ProbeFailure.BROKEN: (
        "The connection to {host} broke before an answer came.",
        "Try again. If it stays so, look at what stands in between: proxy, firewall, load balancer.",
    ),
    ProbeFailure.ENDLESS: (
        "What answers at {host} does not come to an end: at most 256 MiB are read, for ten times the time-out.",
        "Look at what stands in between: proxy, firewall, load balancer. Where the network is slow, --timeout helps.",
    ),
    ProbeFailure.NOT_TLS: (
        "{host} speaks no TLS at this port.",
        "Check the port in {variable}, and whether https:// is meant.",
    ),
    ProbeFailure.UNTRUSTED: (
        (
            "Nobody whom this machine trusts has issued the certificate of {host}: it is of a private CA, of the "
            "server itself, or of a proxy that opens TLS."
        ),
        (
            "Get the CA's certificate from whoever runs {system} or the proxy, and name it by --ca-file or "
            "RECONCILER_CA_FILE; your "
            "own program needs it, too. Do not switch the check off: the secret would go to whoever answers."
        ),
    ),
    ProbeFailure.EXPIRED: (
        "The certificate of {host} has expired.",
        "Whoever runs {system} must renew it. Nothing on your side helps, unless this machine's clock is wrong.",
    ),
    ProbeFailure.NOT_YET_VALID: (
        "The certificate of {host} is not valid yet.",
        "Check this machine's clock first; otherwise whoever runs {system} must replace the certificate.",
    ),
    ProbeFailure.WRONG_HOST: (
        "The certificate is for other names than {host}.",
        "Use one of its names in {variable}; an IP address or an internal name is seldom among them.",
    ),
    ProbeFailure.CERTIFICATE: (
        "The certificate of {host} is not fit for a server.",
        "Whoever runs {system} must replace it; the detail says what is wrong with it.",
    ),
    ProbeFailure.TLS: (
        "TLS cannot be agreed on with {host}.",
        "If {system} asks for a client certificate, name it by RECONCILER_CLIENT_CERT; otherwise compare TLS versions.",
    ),
}
"""What is wrong, and what to do, each way of getting no answer; {host}, {system} and {variable} are filled in."""


def reached(name: CheckName, system: System, url: str, answer: ProbeAnswer | NoAnswer) -> CheckResult:
    """Say whether the machine answers, and as the system itself; of what is looked at later, there are no causes."""
    if isinstance(answer, NoAnswer):
        if answer.failure.is_tls and name in _TLS_APART:
            return ok(name, f"{_host(url)} is reached")
        cause = cause_of(answer.failure, system, url)
        return failed(name, f"{_named(system)} cannot be reached", (cause,), seen(answer), shut_out=True)
    if (page := _in_its_place(answer)) is not None:
        return failed(name, f"{page} instead of {system}", (_PROXY_PAGE,), seen(answer), shut_out=True)
    if answer.status in _BUSY:
        wait = answer.headers.get("retry-after")
        busy = certain(
            "overloaded",
            f"{_named(system)} is overloaded, restarting, or cannot reach a system that it needs.",
            f"Try again {f'in {wait} s' if wait else 'later'}. If it stays so, tell whoever runs it, with the ids.",
        )
        return failed(name, said(answer), (busy,), seen(answer), shut_out=True)
    return ok(name, f"{_host(url)} answers")


def trusted(
    name: CheckName,
    system: System,
    url: str,
    answer: ProbeAnswer | NoAnswer,
    certificate: Certificate | None,
    now: datetime,
) -> CheckResult:
    """Say whether the connection can be trusted, and for how long."""
    if urlsplit(url).scheme != "https":
        return skipped(name, "plain HTTP: there is no certificate")
    evidence = _shown(certificate)
    if isinstance(answer, NoAnswer):
        cause = cause_of(answer.failure, system, url)
        return failed(name, "The certificate is refused", (cause,), (*evidence, *seen(answer)), shut_out=True)
    if certificate is None:
        return ok(name, "the certificate is trusted")
    left = certificate.not_after - now
    if left < _ENDS_SOON:
        cause = certain(
            "certificate-ends-soon",
            f"The certificate of {_host(url)} ends in {about(left)}.",
            f"Whoever runs {system} must renew it.",
        )
        return warning(name, f"trusted, but only until {certificate.not_after:%Y-%m-%d}", (cause,), evidence)
    return ok(name, f"trusted, until {certificate.not_after:%Y-%m-%d}", evidence)


def cause_of(failure: ProbeFailure, system: System, url: str) -> Cause:
    """Return why no answer came, and what to do."""
    what, remedy = CAUSES[failure]
    facts = {"host": _host(url), "system": str(system), "variable": VARIABLE[system]}
    return certain(failure, what.format(**facts), remedy.format(**facts))


_PROXY_PAGE: Final = certain(
    "answered-by-another",
    "Something else answers: a proxy, a login page, a load balancer, or another program at this address.",
    "Check the URL and its base path, and what stands in between; the proxy variables are HTTPS_PROXY and NO_PROXY.",
)


def _in_its_place(answer: ProbeAnswer) -> str | None:
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return f"A redirect to {answer.headers.get('location', 'nowhere')}"
    if "html" in answer.headers.get("content-type", "") and answer.status not in _BUSY:
        return "A web page"
    if answer.is_success and answer.document is None:
        return "Something that is no JSON"
    return None


def _shown(certificate: Certificate | None) -> tuple[tuple[str, str], ...]:
    if certificate is None:
        return ()
    names = ", ".join(certificate.names[:_NAMES_SHOWN]) + (", …" if len(certificate.names) > _NAMES_SHOWN else "")
    validity = f"{certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}"
    return (("certificate for", names or "no name"), ("issued by", certificate.issuer), ("valid", validity))


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _named(system: System) -> str:
    return f"{system[0].upper()}{system[1:]}"
