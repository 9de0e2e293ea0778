"""A diagnosis for a terminal: a line for each check, and below those that found something why, and what to do."""

import textwrap
from collections import Counter
from typing import Final

import click

from reconciler.model.diagnosis import Cause, CheckName, CheckResult, CheckStatus, Diagnosis, DiagnosisSubject
from reconciler.model.text import visible
from reconciler.review.labels import dim

_COLORS: Final = {
    CheckStatus.OK: "green",
    CheckStatus.WARNING: "yellow",
    CheckStatus.FAILED: "red",
    CheckStatus.SKIPPED: "bright_black",
}
_STATUS_WIDTH: Final = max(map(len, CheckStatus))
_NAME_WIDTH: Final = max(map(len, CheckName))
_WIDTH: Final = 100
_INDENT: Final = " " * (_STATUS_WIDTH + 2)


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """Return the diagnosis: evidence only where something was found, no states where an answer was explained."""
    if diagnosis.subject is None:
        lines = [line for check in diagnosis.checks for line in (visible(check.summary), *_found(check))]
        return "\n".join([*lines, ""])
    lines = [line for check in diagnosis.checks for line in _check(check)]
    return "\n".join([*_subject(diagnosis.subject), *lines, "", _summary(diagnosis), ""])


def _subject(subject: DiagnosisSubject) -> tuple[str, ...]:
    return (
        f"client    {visible(subject.client_id)}",
        f"Keycloak  {visible(subject.keycloak_url)}, realm {visible(subject.realm)}",
        f"API       {visible(subject.api_url or 'not set')}",
        "",
    )


def _check(check: CheckResult) -> list[str]:
    status = click.style(f"{check.status:<{_STATUS_WIDTH}}", fg=_COLORS[check.status])
    summary = dim(visible(check.summary)) if check.status is CheckStatus.SKIPPED else visible(check.summary)
    head = f"{status}  {check.name:<{_NAME_WIDTH}}  {summary}"
    if check.status in {CheckStatus.OK, CheckStatus.SKIPPED}:
        return [head]
    return [head, *_found(check)]


def _found(check: CheckResult) -> list[str]:
    return [*_causes(check.causes), *_evidence(check)]


def _causes(causes: tuple[Cause, ...]) -> list[str]:
    if len(causes) < 2 or all(cause.certain for cause in causes):
        return [line for cause in causes for line in _cause(cause, "Cause")]
    numbered = enumerate(causes, 1)
    lines = [line for number, cause in numbered for line in ("", *_cause(cause, f"{number}."))]
    return [f"{_INDENT}Possible causes, the most likely first:", *lines, ""]


def _cause(cause: Cause, head: str) -> list[str]:
    told = [("Tell", cause.tell)] if cause.tell else []
    rows = [(head, f"{cause.what} [{cause.code}]"), *told, ("Remedy", cause.remedy)]
    return [line for name, text in rows for line in _wrapped(f"{_INDENT}{name:<8}", visible(text))]


def _evidence(check: CheckResult) -> list[str]:
    shown = [(name, text) for name, text in check.evidence if text not in check.summary]
    width = max((len(name) for name, _ in shown), default=0)
    return [dim(f"{_INDENT}{visible(name):<{width}}  {visible(text)}") for name, text in shown]


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _summary(diagnosis: Diagnosis) -> str:
    counts = Counter(check.status for check in diagnosis.checks)
    return ", ".join(f"{counts[status]} {status}" for status in CheckStatus if counts[status]) + "."
