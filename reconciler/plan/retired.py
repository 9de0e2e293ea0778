"""Retired resources: a soft deletion has switched them off, and they wait for being deleted, or declared again."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from reconciler.kinds.compare import known
from reconciler.kinds.row import Row
from reconciler.kinds.situation import Situation
from reconciler.kinds.wording import day
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.layout import SOFT_DELETED_MARK


def retired_findings(rows: Iterable[Row], situation: Situation) -> Iterator[Finding]:
    """Yield a note for each retired resource, but for what went with its organization."""
    retired = {
        row.address: str(known(row.before or {})[SOFT_DELETED_MARK])
        for row in rows
        if row.is_leaving and SOFT_DELETED_MARK in known(row.before or {}) and situation.means(row.address)
    }
    for address, moment in retired.items():
        if address == address.home or address.home not in retired:
            yield Finding(
                address,
                Code.RETIRED,
                Severity.INFO,
                FieldStatus.IN_SYNC,
                f"It is retired: no manifest declares it, and --soft-delete switched it off{_when(moment)}.",
                "apply --allow-delete deletes it. A manifest that declares it again revives it, with its secrets.",
            )


def _when(moment: str) -> str:
    """Return when it was; nothing where somebody wrote something else into the mark."""
    with suppress(ValueError):
        return f" on {day(datetime.fromisoformat(moment))}"
    return ""
