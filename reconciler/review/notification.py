"""What people are told when what ``drift`` finds changes: a message for Slack, or a JSON document."""

import hashlib
from typing import Any, Final

from reconciler.model.drift_report import DriftReport, DriftState
from reconciler.model.finding import FieldStatus, Finding, Severity
from reconciler.model.plan import Plan
from reconciler.model.text import counted, visible
from reconciler.review.labels import listed
from reconciler.review.subject import Subject
from reconciler.review.summary import SummaryRow
from reconciler.review.view import plan_view

_LISTED: Final = 20
_WORDS: Final = {
    DriftState.IN_SYNC: "No drift",
    DriftState.DRIFT: "Drift",
    DriftState.INCOMPLETE: "Not everything could be read",
    DriftState.UNREACHABLE: "A live system is unreachable, or denies access",
    DriftState.FAILED: "Drift detection failed",
}


def state_of(report: DriftReport) -> str:
    """Return what a change of is told: the state, with a fingerprint of what drifted."""
    text = "\n".join(sorted(_lines(report.drift)) if report.drift else ())
    return f"{report.state}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


class DriftMessage:
    """What is told of a report; ``previous`` is the state that was told last, empty where none was."""

    def __init__(self, report: DriftReport, previous: str = "") -> None:
        self._report = report
        self._previous = previous.partition(":")[0]
        self._view = plan_view(report.drift, Subject.DRIFT) if report.drift else None
        self._changes = self._view.events if self._view else ()

    def slack(self) -> dict[str, Any]:
        """Return the body for an incoming webhook of Slack, and of whatever accepts its messages."""
        report = self._report
        is_over = report.state is DriftState.IN_SYNC and self._previous == DriftState.DRIFT
        head = (
            f"*{_WORDS[report.state]}{' any more' if is_over else ''}* in realm {report.realm} (owner {report.owner})"
        )
        lines = [*self._told(), *([report.error] if report.error else [])]
        shown = [_escaped(line) for line in lines[:_LISTED]]
        more = [f"… and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
        return {"text": "\n".join([_escaped(head), *(f"• {line}" for line in shown), *more])}

    def webhook(self) -> dict[str, Any]:
        """Return the document for a webhook."""
        report = self._report
        return {
            "kind": "reconciler-drift-notification",
            "state": report.state.value,
            "previous": self._previous or None,
            "realm": report.realm,
            "owner": report.owner,
            "timestamp": report.at.isoformat(),
            "error": report.error or None,
            "changes": [
                {"address": str(each.change.address), "path": each.field.path if each.field else ""}
                | {"by": each.by or None, "event": each.text, "event_risk": each.risk.level.value}
                for each in self._changes
            ],
            "findings": [
                {"address": str(f.address), "code": f.code, "detail": f.detail}
                for f in (report.drift.findings if report.drift else ())
                if f.severity is Severity.ERROR
            ],
        }

    def _told(self) -> list[str]:
        drift = self._report.drift
        changes = [
            f"[{each.risk.level}] {each.change.address}: {each.text}" + (f", {each.by}" if each.by else "")
            for each in self._changes
        ]
        wrong = [f"{f.address}: {f.detail}" for f in (drift.findings if drift else ()) if _is_wrong(f)]
        if self._view is not None and len(changes) > _LISTED:
            # As the text of a large report begins: a line for what is the same in many.
            summary = self._view.summary
            changes = [summary.title, *map(_row, summary.rows), *([summary.left] if summary.left else [])]
        elif drift is not None and changes:
            changes.insert(0, f"{counted(len(changes), 'change')} of {counted(len(drift.changes), 'resource')}")
        return [visible(line) for line in (*changes, *wrong)]


def _row(row: SummaryRow) -> str:
    names = f" ({listed([home.alias or str(home) for home in row.homes])})" if len(row.homes) > 1 else ""
    notes = "; ".join(filter(None, (counted(row.changes, "change"), row.findings, row.worst)))
    return f"[{row.risk.level}] {row.subject}{names}: {notes}"


def _lines(drift: Plan) -> list[str]:
    fields = [
        f"{change.address} {change.action} {field.path} {field.before!r}"
        for change in drift.changes
        for field in change.field_changes
    ]
    return [*fields, *(f"{f.address} {f.code}" for f in drift.findings if _is_wrong(f))]


def _is_wrong(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR and finding.status is not FieldStatus.IN_SYNC


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
