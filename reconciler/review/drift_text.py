"""A report of drift for a terminal: what somebody else changed, who did, and what the report rests on."""

from collections.abc import Iterator
from typing import Final

import click

from reconciler.model.basis import Basis, Reading
from reconciler.model.plan import Plan
from reconciler.review.plan_text import change_text, findings_text, holes_text
from reconciler.review.words import NO_DRIFT_SEEN, counted, dim, visible

_NOBODY: Final = "none"


def drift_text(plan: Plan) -> str:
    """Return what somebody else changed; the plan holds nothing but drift."""
    changes = (change_text(change, plan.names) for change in plan.changes)
    parts = [*changes, *findings_text(plan.findings), *holes_text(plan)]
    head = "Objects have changed outside of the reconciler; apply would put this back:\n\n" if plan.changes else ""
    fields = sum(len(change.field_changes) for change in plan.changes)
    if plan.changes:
        title = click.style("Drift:", fg="yellow", bold=True)
        summary = f"{title} {counted(fields, 'field')} of {counted(len(plan.changes), 'resource')}."
    elif not plan.complete:
        summary = click.style(NO_DRIFT_SEEN, fg="yellow", bold=True)
    else:
        summary = f"{click.style('No drift.', fg='green', bold=True)} Keycloak is as last applied."
    rests_on = "".join(f"\n{dim(line)}" for line in basis_lines(plan.basis)) if plan.basis else ""
    return head + "\n\n".join([*parts, summary + rests_on]) + "\n"


def basis_lines(basis: Basis) -> Iterator[str]:
    """Yield what the report rests on."""
    requests = counted(basis.requests, "request")
    if basis.reading is Reading.FULL:
        yield f"Read everything, in {requests}: {visible(basis.why)}."
    else:
        yield (
            f"Read what may have changed, in {requests}: {counted(basis.events, 'admin event')} since the last run, "
            f"{counted(basis.read_again, 'object')} read again; everything was last read "
            f"{basis.last_full:%Y-%m-%d %H:%M} UTC."
        )
    yield (
        "/v1/me was not asked."
        if basis.effective == _NOBODY
        else f"/v1/me was asked for {basis.asked} of {counted(basis.clients, 'client')} ({basis.effective})."
    )
    if basis.unattributed:
        yield f"Who changed it is not known: {visible(basis.unattributed)}."
