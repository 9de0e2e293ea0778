"""Rotations for people and programs: how one went, and how old every secret is."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from reconciler.model.duration import about
from reconciler.model.finding import Finding
from reconciler.model.rotation import ClientRotation, RotationOutcome, RotationStatus
from reconciler.model.text import counted, visible

_COLORS = {
    RotationStatus.DONE: "green",
    RotationStatus.SKIPPED: "yellow",
    RotationStatus.REFUSED: "yellow",
    RotationStatus.FAILED: "red",
}


def outcome_text(outcome: RotationOutcome) -> str:
    """Return how a client's rotation went: a line, and more below it."""
    head = f"{outcome.address}: {click.style(outcome.status, fg=_COLORS[outcome.status])}"
    lines = [head, *(f"  {visible(said)}" for said in outcome.said)]
    return "\n".join([*lines, *([f"  {visible(outcome.remedy)}"] if outcome.remedy else []), ""])


def outcomes_json(outcomes: Iterable[RotationOutcome]) -> str:
    """Return how the rotations went."""
    rows = [{"address": str(o.address), "status": o.status, "said": list(o.said), "remedy": o.remedy} for o in outcomes]
    return json.dumps({"format_version": "1.0", "rotations": rows}, indent=2, ensure_ascii=False) + "\n"


def status_text(rows: Iterable[tuple[ClientRotation, bool, tuple[Finding, ...]]], now: datetime) -> str:
    """Return a line for each client, and what should be done."""
    found = list(rows)
    if not found:
        return "There are no managed clients.\n"
    header = ("CLIENT", "AGE", "EXPIRES", "LEFT", "OLD SECRET", "STATE")
    table = [header, *(_cells(rotation, due, now) for rotation, due, _ in found)]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    findings = [finding for *_, each in found for finding in each]
    due = sum(1 for _, is_due, _ in found if is_due)
    notes = [f"{f.severity.title()}: {f.address}: {visible(f.detail)}\n  {visible(f.remedy)}" for f in findings]
    return "\n".join([*lines, "", *notes, f"{counted(len(found), 'client')}, {due} due.", ""])


def _cells(rotation: ClientRotation, due: bool, now: datetime) -> tuple[str, ...]:
    times = rotation.times
    state = f"{rotation.phase}, due" if due else str(rotation.phase)
    return (
        rotation.address.name,
        about(now - times.created) if times.created else "?",
        f"{times.expires:%Y-%m-%d %H:%M}" if times.expires else "never",
        ("expired" if times.has_expired(now) else about(times.expires - now)) if times.expires else "-",
        _old(rotation, now),
        state,
    )


def _old(rotation: ClientRotation, now: datetime) -> str:
    end = rotation.times.old_expires
    if end is None or not rotation.times.old_is_alive(now):
        return "-"
    return f"{end:%Y-%m-%d %H:%M} ({about(end - now)})"


def status_json(rows: Iterable[tuple[ClientRotation, bool, tuple[Finding, ...]]], now: datetime) -> str:
    """Return the same for programs; ages and times left are in seconds."""
    document = {"format_version": "1.0", "clients": [_entry(*row, now) for row in rows]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _entry(rotation: ClientRotation, due: bool, findings: tuple[Finding, ...], now: datetime) -> dict[str, Any]:
    times = rotation.times

    def left(end: datetime | None) -> int | None:
        return None if end is None else int((end - now).total_seconds())

    return {
        "address": str(rotation.address),
        "state": rotation.phase,
        "due": due,
        "created": _text(times.created),
        "age": None if times.created is None else int((now - times.created).total_seconds()),
        "expires": _text(times.expires),
        "left": left(times.expires),
        "old_expires": _text(times.old_expires),
        "old_left": left(times.old_expires),
        "findings": [
            {"code": f.code, "severity": f.severity, "detail": f.detail, "remedy": f.remedy} for f in findings
        ],
    }


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
