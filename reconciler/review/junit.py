"""JUnit's XML, in the shape that Jenkins, GitLab and GitHub's actions read: suites, cases, failures, errors."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from xml.etree import ElementTree as ET

from reconciler.model.text import visible

_ILLEGAL: Final = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""What XML 1.0 has no way to say."""

NO_PROPERTIES: Final[Mapping[str, str]] = {}


class CaseResult(StrEnum):
    """Name what a case came to, as JUnit's elements do; closed."""

    PASSED = "passed"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Case:
    """One case; ``kind``, ``message`` and ``lines`` say why it did not pass, ``notes`` what else is worth a look."""

    name: str
    result: CaseResult = CaseResult.PASSED
    kind: str = ""
    message: str = ""
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases that belong together."""

    name: str
    cases: tuple[Case, ...]


def junit_xml(
    name: str, suites: Iterable[Suite], timestamp: str = "", properties: Mapping[str, str] = NO_PROPERTIES
) -> str:
    """Return the document; ``timestamp`` is ISO 8601 without an offset, as the format wants it.

    Each suite has the ``properties``, as the format knows none of the whole.
    """
    found = [suite for suite in suites if suite.cases]
    # Jenkins' schema knows "skipped" of a suite alone.
    root = ET.Element("testsuites", {"name": _legal(name), **_counts([case for s in found for case in s.cases])})
    for suite in found:
        attributes = {"name": _legal(suite.name), **_counts(suite.cases), "skipped": "0", "time": "0"}
        element = ET.SubElement(root, "testsuite", attributes | ({"timestamp": timestamp} if timestamp else {}))
        if properties:
            holder = ET.SubElement(element, "properties")
            for key, value in properties.items():
                ET.SubElement(holder, "property", {"name": key, "value": _legal(value)})
        for case in suite.cases:
            _add(element, suite, case)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _counts(cases: Iterable[Case]) -> dict[str, str]:
    results = [case.result for case in cases]
    return {
        "tests": str(len(results)),
        "failures": str(results.count(CaseResult.FAILURE)),
        "errors": str(results.count(CaseResult.ERROR)),
    }


def _add(suite: ET.Element, within: Suite, case: Case) -> None:
    attributes = {"name": _legal(case.name), "classname": _legal(within.name), "time": "0"}
    element = ET.SubElement(suite, "testcase", attributes)
    if case.result is not CaseResult.PASSED:
        why = ET.SubElement(element, case.result.value, {"message": _legal(case.message), "type": _legal(case.kind)})
        why.text = "\n".join(map(_legal, case.lines))
    if case.notes:
        ET.SubElement(element, "system-out").text = "\n".join(map(_legal, case.notes))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", visible(text))
