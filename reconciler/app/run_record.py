"""What the history keeps of a run: what is known at its start, what it tells on the way, and how it ends."""

import time
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconciler.kinds.partner_names import names_in
from reconciler.model.history import RecordedChange, RecordedField, Run
from reconciler.model.outcome import Applied, Outcome
from reconciler.model.plan import Plan
from reconciler.ports.run_events import Planned, RunEvent, Verified, Written
from reconciler.review.plan_json import fingerprint_of


@dataclass(slots=True)
class RunRecord:
    """What is known of a run so far; ``run`` is what was known at its start, and ``said`` a word about its end."""

    run: Run
    exit_code: int = 0
    said: str = ""
    started: float = field(default_factory=time.monotonic)
    durations: dict[str, float] = field(default_factory=dict)
    """In seconds, by stage."""
    plan: Plan | None = None
    fingerprint: str = ""
    applied: Applied | None = None

    def hear(self, event: RunEvent) -> tuple[str, float] | None:
        """Take note of what the run tells; return which stage has ended by it, if any, and its seconds.

        Of several plans, the first is what the run is about, with what a later one adds that follows a write.
        """
        match event:
            case Planned(plan, fingerprint) if self.plan is None:
                self.plan, self.fingerprint = plan, fingerprint
                return self._ended("plan")
            case Planned(plan) if self.plan is not None and self.applied is not None:
                self.plan = replace(self.plan, changes=self.plan.changes + plan.changes)
                return None
            case Written(_, applied):
                self.applied = applied
                return self._ended("apply")
            case Verified(found):
                self.said = "verified" if found.is_proven else "not verified"
                return self._ended("verify")
            case _:
                return None

    def _ended(self, stage: str) -> tuple[str, float]:
        """Keep how long a stage took; it began when the one before it ended."""
        self.durations[stage] = round(time.monotonic() - self.started - sum(self.durations.values()), 3)
        return stage, self.durations[stage]

    def ended(self, at: datetime, outcome: str) -> Run:
        """Return the run, whole; ``outcome`` says in a few words how it ended."""
        plan = self.plan
        return replace(
            self.run,
            ended_at=at,
            revision=self.run.revision if plan is None else plan.revision,
            api_url=self.run.api_url if plan is None else plan.target.api_url or "",
            fingerprint=self.fingerprint or ("" if plan is None else fingerprint_of(plan)),
            exit_code=int(self.exit_code),
            outcome=outcome,
            findings=0 if plan is None else len(plan.findings),
            durations=self.durations,
            changes=() if plan is None else recorded_changes(plan, self.applied),
        )


def _secret(outcome: Outcome) -> str:
    return f"its secret was delivered: {outcome.secret_in}" if outcome.secret_in else ""


def recorded_changes(plan: Plan, applied: Applied | None) -> tuple[RecordedChange, ...]:
    """Return what a plan changes, each with how it ended."""
    ends = {} if applied is None else {outcome.change.address: outcome for outcome in applied.outcomes}
    found: list[RecordedChange] = []
    for change in plan.changes:
        end = ends.get(change.address)
        fields = tuple(
            RecordedField(
                f.path, f.before, f.after, f.reason, f.attribution, names_in(f.path, (f.before, f.after), plan.names)
            )
            for f in change.field_changes
        )
        status, detail = ("planned", change.blocked) if end is None else (str(end.status), end.detail or _secret(end))
        found.append(RecordedChange(str(change.address), change.action, status, detail, change.attribution, fields))
    return tuple(found)
