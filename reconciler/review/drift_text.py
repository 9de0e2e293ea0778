"""A report of drift for a terminal: what somebody else changed, who did, and what the report rests on."""

from collections.abc import Iterator
from typing import Final

import click

from reconciler.model.plan import Coverage, Plan, ReadMode
from reconciler.review.labels import NO_DRIFT_SEEN, counted, dim, visible
from reconciler.review.plan_text import change_text, findings_text, read_failures_text
from reconciler.review.subject import Subject
from reconciler.review.view import plan_view

_NOBODY: Final = "none"


def drift_text(plan: Plan) -> str:
    """Return what somebody else changed; the plan holds nothing but drift."""
    view = plan_view(plan, Subject.DRIFT)
    parts = [*map(change_text, view.changes), *findings_text(view.findings), *read_failures_text(plan)]
    head = "Objects have changed outside of the reconciler; apply would put this back:\n\n" if plan.changes else ""
    if plan.changes:
        title, _, numbers = view.verdict.partition(" ")
        summary = f"{click.style(title, fg='yellow', bold=True)} {numbers}"
    elif not plan.complete:
        summary = click.style(NO_DRIFT_SEEN, fg="yellow", bold=True)
    else:
        summary = f"{click.style('No drift.', fg='green', bold=True)} Keycloak is as last applied."
    rests_on = "".join(f"\n{dim(line)}" for line in coverage_lines(plan.coverage)) if plan.coverage else ""
    return head + "\n\n".join([*parts, summary + rests_on]) + "\n"


def coverage_lines(coverage: Coverage) -> Iterator[str]:
    """Yield what the report rests on."""
    requests = counted(coverage.requests, "request")
    if coverage.reading is ReadMode.FULL:
        yield f"Read everything, in {requests}: {visible(coverage.why)}."
    else:
        yield (
            f"Read what may have changed, in {requests}: {counted(coverage.events, 'admin event')} since the last run, "
            f"{counted(coverage.read_again, 'object')} read again; everything was last read "
            f"{coverage.last_full:%Y-%m-%d %H:%M} UTC."
        )
    yield (
        "/v1/me was not asked."
        if coverage.effective == _NOBODY
        else f"/v1/me was asked for {coverage.asked} of {counted(coverage.clients, 'client')} ({coverage.effective})."
    )
    if coverage.unattributed:
        yield f"Who changed it is not known: {visible(coverage.unattributed)}."
