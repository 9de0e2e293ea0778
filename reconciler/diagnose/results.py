"""How checks put what they found."""

from reconciler.model.diagnosis import Cause, CheckName, CheckResult, CheckStatus
from reconciler.model.probe import NoAnswer, ProbeAnswer, status_text

Evidence = tuple[tuple[str, str], ...]


def ok(name: CheckName, summary: str, evidence: Evidence = ()) -> CheckResult:
    """Say that all is well."""
    return CheckResult(name, CheckStatus.OK, summary, evidence=evidence)


def warning(name: CheckName, summary: str, causes: tuple[Cause, ...] = (), evidence: Evidence = ()) -> CheckResult:
    """Say what works, but should not stay so."""
    return CheckResult(name, CheckStatus.WARNING, summary, causes, evidence)


def failed(
    name: CheckName, summary: str, causes: tuple[Cause, ...] = (), evidence: Evidence = (), *, shut_out: bool = False
) -> CheckResult:
    """Say what is wrong; ``shut_out``: a live system cannot be used at all."""
    return CheckResult(name, CheckStatus.FAILED, summary, causes, evidence, shut_out)


def skipped(name: CheckName, why: str) -> CheckResult:
    """Say why a check was not made."""
    return CheckResult(name, CheckStatus.SKIPPED, why)


def certain(code: str, what: str, remedy: str) -> Cause:
    """Return a cause that is shown, so that it needs no telling apart."""
    return Cause(code, what, remedy, certain=True)


def sure(cause: Cause, what: str = "") -> Cause:
    """Return the cause as one that is shown; ``what`` says more closely what is wrong."""
    return certain(cause.code, what or cause.what, cause.remedy)


def said(answer: ProbeAnswer) -> str:
    """Return an answer in one line: ``403 Forbidden, dpa-not-accepted: The agreement …``."""
    words = ": ".join(dict.fromkeys(part for part in (answer.code, answer.words) if part))
    return ", ".join(part for part in (status_text(answer.status), words) if part)


def seen(answer: ProbeAnswer | NoAnswer) -> Evidence:
    """Return what a reader needs to find the request again; only what there is."""
    if isinstance(answer, NoAnswer):
        return (("detail", answer.detail), ("X-Request-Id", answer.request_id))
    return (("answer", said(answer)), *traces(answer))


def traces(answer: ProbeAnswer) -> Evidence:
    """Return only the names of the request, for an answer that is as it should be."""
    pairs = (("X-Request-Id", answer.request_id), ("traceId", answer.trace_id))
    return tuple(pair for pair in pairs if pair[1])
