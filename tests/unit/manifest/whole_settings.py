"""A ``reconciler.yaml`` that says everything that one can say, and whatever can be wrong with each of its values."""

import json
from collections.abc import Iterator
from typing import Any, Final

WHOLE: Final[dict[str, Any]] = {
    "environments": {
        "staging": {
            "default": True,
            "allowEmpty": True,
            "keycloak": {"url": "https://idp.example.com", "realm": "nt24"},
            "api": {"url": "https://api.example.com"},
            "manifests": ["organizations"],
            "overlays": "overlays",
            "owner": "team-a",
            "history": "none",
            "sink": "files",
            "notifications": [{"kind": "slack", "urlFrom": "HOOK", "required": True}],
            "dpa": {"required": "2026-07", "deadline": "2026-12-31", "notice": "60d"},
            "people": "none",
            "authority": dict.fromkeys(("organizationUuid", "authorizedPartners", "capabilities", "dpa"), "platform"),
            "guards": {"maxShare": 0.5, "minResources": 5},
            "keycloakFields": {"ignore": [{"path": "keycloak.attributes.x", "reason": "x", "until": "2027-01-01"}]},
        }
    },
    "sinks": {
        "files": {"file": {"path": "secrets/{name}"}},
        "env": {"dotenv": {"path": ".env", "variable": "{name}_s"}},
        "k": {"kubernetes": {"path": "{name}.yaml", "namespace": "ns", "secretName": "{name}", "key": "k"}},
        "put": {"command": {"run": ["put", "{name}"], "check": ["true"], "timeout": "30s"}},
        "gh": {"githubActions": {"output": "{name}_s"}},
    },
    "dpa": {"required": "2026-07", "deadline": "2026-12-31", "notice": "60d"},
    "policies": [
        {
            "name": "p",
            "when": {
                "risk": "high", "kind": ["client"], "action": ["delete"], "path": ["capabilities.*"],
                "label": {"tier": "gold"}, "environment": ["staging"],
            },
            "then": "require-label",
            "requires": {"approved": "yes"},
            "message": "Ask.",
        }
    ],
}  # fmt: skip
Path = tuple[str | int, ...]
_LONG: Final = "x" * 5_000
WRONG: Final[dict[str, Any]] = {
    "null": None, "a boolean": True, "a number": 3, "a fraction": -1.5, "a huge number": 10**400, "nothing": "",
    "a blank": " ", "a list": [], "a mapping": {}, "an unknown key": {"zzz": 1}, "a deep one": {"a": {"b": 1}},
    "too long": _LONG, "a list of too long": [_LONG], "a list of null": [None], "a list of mappings": [{"zzz": 1}],
    "NUL": "a\0b", "a list of NUL": ["a\0b"], "a line break": "a\nb", "an escape": "a\x1b[31mb", "U+202E": "a\u202eb",
    "U+2028": "a\u2028b", "half a pair": "a\ud800b", "spaces around": " a ", "a URL": "https://a b.example.com/x",
}  # fmt: skip
"""What is wrong in most places."""
CONTROL: Final = frozenset({"NUL", "an escape", "U+202E", "U+2028", "half a pair"})
"""What no text of any key may hold."""


def places(value: Any, above: Path = ()) -> Iterator[Path]:
    """Yield the path of each key and each item, the outer first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield (*above, step)
        yield from places(inner, (*above, step))


def with_value(path: Path, value: Any, whole: Any = WHOLE) -> Any:
    """Return the settings with ``value`` at ``path``."""
    if not path:
        return value
    copy: Any = list(whole) if isinstance(whole, list) else dict(whole)
    copy[path[0]] = with_value(path[1:], value, whole[path[0]])
    return copy


def text_of(settings: Any) -> str:
    """Return the settings as YAML with one value a line."""
    return json.dumps(settings, indent=1)


def lines_of(path: Path) -> range:
    """Return the lines of :func:`text_of` that a value at ``path`` may touch, and the line of what it stands in."""
    mark = "\N{WHITE MEDIUM STAR}"
    lines = json.dumps(with_value(path, mark), indent=1, ensure_ascii=False).splitlines()
    number = next(number for number, line in enumerate(lines, 1) if mark in line)
    return range(number - 1, number + 4)
