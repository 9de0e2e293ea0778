"""SARIF 2.1.0 (OASIS), as code hosts read it: results on lines of manifests, and the rules that they follow from.

What GitHub's code scanning asks beyond the standard is kept: each result has a location, and a
``primaryLocationLineHash`` that stays the same while the result does.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from reconciler._version import __version__
from reconciler.model.place import Place
from reconciler.model.text import visible
from reconciler.model.value import fingerprint

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "%SRCROOT%"


class Level(StrEnum):
    """Name SARIF's levels; closed."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """What results follow from; ``help_text`` says what to do about one."""

    id: str
    level: Level
    title: str
    help_text: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One result; ``identity`` is what makes it the same one in the next run, wherever its line moves to."""

    rule: Rule
    message: str
    place: Place
    identity: tuple[str, ...]
    resource: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    level: Level | None = None
    """Its own level, where that is not the rule's."""


def sarif_json(category: str, results: Sequence[Result], notices: Iterable[str] = (), **properties: str) -> str:
    """Return the log of one run; ``category`` tells it from other runs on the same commit.

    ``notices`` say what the run could not do.
    """
    rules = {rule.id: rule for rule in sorted((result.rule for result in results), key=lambda rule: rule.id)}
    order = list(rules)
    found = list(notices)
    run = {
        "tool": {
            "driver": {
                "name": "nt24-reconciler",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in rules.values()],
            }
        },
        "automationDetails": {"id": f"{visible(category)}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not found,
                "toolExecutionNotifications": [
                    {"level": Level.ERROR.value, "message": {"text": plain(notice)}} for notice in found
                ],
            }
        ],
        "results": [_result(result, order.index(result.rule.id)) for result in results],
        **({"properties": {name: visible(value) for name, value in properties.items()}} if properties else {}),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def plain(text: str) -> str:
    """Return a text in which nothing is a link: SARIF reads ``[text](target)`` as one."""
    return visible(text).replace("](", "] (")


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.replace("/", "-").split("-")),
        "shortDescription": {"text": plain(rule.title)},
        "fullDescription": {"text": plain(rule.title)},
        "help": {"text": plain(rule.help_text)},
        "defaultConfiguration": {"level": rule.level.value},
        "properties": {"precision": "very-high", "tags": list(rule.tags)},
    }


def _result(result: Result, rule_index: int) -> dict[str, Any]:
    identity = fingerprint((result.rule.id, *result.identity))
    location: dict[str, Any] = {"physicalLocation": _physical(result.place)}
    if result.resource:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(result.resource), "kind": "resource"}]
    return {
        "ruleId": result.rule.id,
        "ruleIndex": rule_index,
        "level": (result.level or result.rule.level).value,
        "message": {"text": plain(result.message)},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": identity, "reconcilerResult/v1": identity},
        **({"properties": dict(result.properties)} if result.properties else {}),
    }


def _physical(place: Place) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column} if place.line else {"startLine": 1}
    return {"artifactLocation": _artifact(place.file), "region": region}


def _artifact(file: str) -> dict[str, str]:
    if file.startswith("/"):
        return {"uri": f"file://{_quoted(file)}"}
    return {"uri": _quoted(file), "uriBaseId": _ROOT}


def _quoted(file: str) -> str:
    return quote(file, errors="surrogatepass")
