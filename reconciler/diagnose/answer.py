"""Explain an error answer that somebody brought along; no system is asked."""

import json
from typing import Final

from reconciler.diagnose.problems import PROBLEMS
from reconciler.diagnose.results import failed, said, seen, warning
from reconciler.diagnose.token_causes import possible_causes
from reconciler.model.diagnosis import Cause, CheckName, CheckResult
from reconciler.model.probe import ProbeAnswer

_UNKNOWN: Final = Cause(
    "unexplained",
    "This is no error answer of Keycloak's token endpoint or of the NT24 Integration API that is known.",
    "Bring the whole body of the answer, as JSON; with its head (curl -i), more can be said.",
)


def explained(text: str) -> CheckResult:
    """Return what an answer means: its JSON body, or all of it as ``curl -i`` prints it."""
    answer = _parsed(text)
    causes = PROBLEMS.get(answer.code) or possible_causes(answer)
    shown = (*_wait(answer), *seen(answer))
    if not causes:
        return failed(CheckName.ANSWER, "The answer is not known.", (_UNKNOWN,), shown[:1] if answer.code else ())
    return warning(CheckName.ANSWER, said(answer), causes, (*shown, *_fields(answer)))


def _parsed(text: str) -> ProbeAnswer:
    head, body = "", text.strip()
    while body.startswith("HTTP/"):  # a proxy's answer may come first
        head, _, body = body.replace("\r\n", "\n").partition("\n\n")
    headers = dict(_header(line) for line in head.splitlines()[1:])
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    status = (
        head.split()[1] if len(head.split()) > 1 else document.get("status", "") if isinstance(document, dict) else ""
    )
    number = int(str(status)) if str(status).isascii() and str(status).isdigit() else 0
    return ProbeAnswer(number, headers, document, headers.get("x-request-id", ""))


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _wait(answer: ProbeAnswer) -> tuple[tuple[str, str], ...]:
    wait = answer.headers.get("retry-after")
    return (("Retry-After", f"{wait} s"),) if wait else ()


def _fields(answer: ProbeAnswer) -> tuple[tuple[str, str], ...]:
    errors = answer.fields.get("errors")
    found = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return tuple((str(each.get("field", "?")), str(each.get("message", ""))) for each in found)
