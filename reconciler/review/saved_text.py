"""Where a saved plan comes from, and by which fingerprint it is approved: what its own text does not say."""

from collections.abc import Iterator

from reconciler.model.plan import Plan
from reconciler.model.policy import PlacedPolicy
from reconciler.review.labels import visible
from reconciler.review.plan_file import SavedPlan


def provenance_text(saved: SavedPlan) -> str:
    """Return when, for what and by which program the plan was made, what it was held against, and its fingerprint."""
    plan = saved.plan
    place = f"for the realm {visible(plan.realm)} at {visible(plan.keycloak_url)}, as the owner {visible(plan.owner)}"
    commit = f" The manifests were those of commit {visible(plan.revision)}." if plan.revision else ""
    made = f"Planned {plan.created_at:%Y-%m-%d %H:%M:%S} UTC by reconciler {visible(saved.made_by)}"
    platform = f" The platform that was asked is {visible(plan.api_url)}." if plan.api_url else ""
    lines = [
        f"{made} {place}.{platform}{commit}",
        *_rules(plan),
        f"Fingerprint: {saved.fingerprint}",
    ]
    return "\n".join(lines) + "\n"


def _rules(plan: Plan) -> Iterator[str]:
    """Yield which policies the plan was held against, and the labels that some of them go by."""
    if not plan.rules:
        return
    named = (f"{each.policy.name} ({_kind(each)}, {each.place})" for each in plan.rules)
    yield f"Held against the policies: {visible(', '.join(named))}."
    if any(each.policy.when.label or each.policy.requires for each in plan.rules):
        for change in plan.changes:
            if change.labels:
                labels = ", ".join(f"{label}={value}" for label, value in sorted(change.labels.items()))
                yield f"Labels of {change.address}: {visible(labels)}."
        for address, labels_there in plan.base.labels.items() if plan.base else ():
            labels = ", ".join(f"{label}={value}" for label, value in labels_there.items())
            yield f"Labels of {address} at the base: {visible(labels)}."


def _kind(placed: PlacedPolicy) -> str:
    return f"{placed.policy.then}, of the base" if placed.at_base else placed.policy.then
