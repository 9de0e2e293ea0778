"""A report of drift as Prometheus' text format, for node_exporter's textfile collector.

What a failed run cannot know stays as the last run knew it: ``up`` and the times say how old that is.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address, sorted_by_address
from reconciler.model.change import Action
from reconciler.model.drift_report import DriftReport, DriftState
from reconciler.model.field_class import FieldClass
from reconciler.model.plan import Plan

_PREFIX: Final = "nt24_reconciler_drift_"
_LAST_SUCCESS: Final = "last_success_timestamp_seconds"
_OF_RUN: Final = {
    "up": "Whether the last run could read everything.",
    "last_run_timestamp_seconds": "When drift was last checked.",
    "last_run_duration_seconds": "How long the last run took.",
}
_KNOWN: Final = {
    _LAST_SUCCESS: "When a run last read everything that it needed.",
    "last_full_timestamp_seconds": "When Keycloak was last read completely.",
    "keycloak_requests": "Requests to Keycloak in the last run, without token requests.",
    "resources": "Managed resources.",
    "fields": "Drifted fields, by organization and class of field.",
    "accounts": "Accounts of people that removing what drifted would delete, by organization.",
    "organization": "Whether an organization, or one of its clients, has drifted.",
    "findings": "Findings that no write can fix, by organization, code and severity.",
    "secret_days_left": "Days until the secret of a client ends.",
    "dpa_days_left": "Days until an agreement that was not renewed is enforced.",
    "grant_days_left": "Days until what was granted for a while ends.",
}
_Sample = tuple[Mapping[str, str], float]


def metrics_text(report: DriftReport, previous: str = "") -> str:
    """Return the metrics; ``previous`` is the file of the last run, whose knowledge a failed one keeps."""
    common = {"realm": report.realm, "owner": report.owner}
    run: dict[str, list[_Sample]] = {
        "up": [({}, float(report.state in {DriftState.IN_SYNC, DriftState.DRIFT}))],
        "last_run_timestamp_seconds": [({}, report.at.timestamp())],
        "last_run_duration_seconds": [({}, report.seconds)],
    }
    lines = list(_families(run, common))
    if report.drift is None:
        return "\n".join([*lines, *_kept(previous)]) + "\n"
    known = _known(report, report.drift)
    if report.state is DriftState.INCOMPLETE:
        known[_LAST_SUCCESS] = []
        lines += [line for line in _kept(previous) if line.partition("{")[0].endswith(_LAST_SUCCESS)]
    return "\n".join([*lines, *_families(known, common)]) + "\n"


def _known(report: DriftReport, drift: Plan) -> dict[str, list[_Sample]]:
    coverage = drift.coverage
    return {
        _LAST_SUCCESS: [({}, report.at.timestamp())],
        "last_full_timestamp_seconds": [({}, coverage.last_full.timestamp())] if coverage else [],
        "keycloak_requests": [({}, float(coverage.requests))] if coverage else [],
        "resources": [({}, float(len(drift.unchanged) + len(drift.changes)))],
        "fields": _fields(drift),
        "accounts": _accounts(drift),
        "organization": _organizations(drift),
        "findings": _findings(drift),
        "secret_days_left": _days(report.secrets_end, report.at),
        "dpa_days_left": _days(report.dpa_due, report.at),
        "grant_days_left": _grants(drift, report.at),
    }


def _families(samples: Mapping[str, list[_Sample]], common: Mapping[str, str]) -> Iterator[str]:
    explained = _OF_RUN | _KNOWN
    for name, found in samples.items():
        if found:
            yield f"# HELP {_PREFIX}{name} {explained[name]}"
            yield f"# TYPE {_PREFIX}{name} gauge"
            yield from (f"{_PREFIX}{name}{_labels({**common, **labels})} {value:.15g}" for labels, value in found)


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _fields(drift: Plan) -> list[_Sample]:
    counted: Counter[tuple[str, str]] = Counter()
    for change in drift.changes:
        if change.action is Action.CREATE:
            counted[change.address.alias, FieldClass.MISSING] += 1
            continue
        for field in change.field_changes:
            counted[change.address.alias, kind_of(change.address).fields.about(field.path)] += 1
    return [({"organization": o, "class": c}, float(n)) for (o, c), n in sorted(counted.items())]


def _accounts(drift: Plan) -> list[_Sample]:
    counts = Counter({change.address.alias: len(change.deleted_accounts) for change in drift.changes})
    return [({"organization": name}, float(number)) for name, number in sorted(counts.items()) if number]


def _organizations(drift: Plan) -> list[_Sample]:
    drifted = {change.address.alias for change in drift.changes}
    every = drifted | {address.alias for address in drift.unchanged}
    return [({"organization": each}, float(each in drifted)) for each in sorted(every - {""})]


def _findings(drift: Plan) -> list[_Sample]:
    counted = Counter((f.address.alias, f.code, f.severity.value) for f in drift.findings)
    return [
        ({"organization": organization, "code": code, "severity": severity}, float(number))
        for (organization, code, severity), number in sorted(counted.items())
    ]


def _days(ends: Mapping[Address, datetime], now: datetime) -> list[_Sample]:
    return [(_named(address), (end - now).total_seconds() / 86_400) for address, end in sorted_by_address(ends)]


def _grants(drift: Plan, now: datetime) -> list[_Sample]:
    return [
        (
            {"organization": grant.address.alias, "field": grant.path}
            | ({"partner": grant.item} if grant.item else {}),
            (grant.until - now).total_seconds() / 86_400,
        )
        for grant in sorted(drift.grants, key=lambda grant: (grant.address.sort_key, grant.path, grant.item))
    ]


def _named(address: Address) -> dict[str, str]:
    client = {"client": address.name} if kind_of(address).logs_in else {}
    return {"organization": address.alias, **client}


def _kept(previous: str) -> Iterator[str]:
    """Yield the lines of a file of ours that a failed run cannot know better."""
    known = {f"{_PREFIX}{name}" for name in _KNOWN}
    for line in previous.split("\n"):
        name = line.split(" ")[2] if line.startswith("# ") and line.count(" ") > 1 else line.partition("{")[0]
        if name in known:
            yield line
