"""Where a saved plan comes from, and by which fingerprint it is approved: what its own text does not say."""

import json
from collections.abc import Iterator
from typing import Any

from reconciler.model.plan import Plan
from reconciler.model.policy import PlacedPolicy
from reconciler.model.text import visible
from reconciler.review.labels import kinds_counted, value_text
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
        *_labels(plan),
        *_as_declared(plan),
        *_for_readers(plan),
        f"Fingerprint: {saved.fingerprint}",
    ]
    return "\n".join(lines) + "\n"


def _rules(plan: Plan) -> Iterator[str]:
    """Yield which policies the plan was held against, in full: what they do not stop is said nowhere else."""
    for each in plan.rules:
        when = each.policy.when.model_dump(mode="json", exclude_defaults=True)
        needs = f", which needs {_json(each.policy.requires)}" if each.policy.requires else ""
        yield visible(
            f"Checked against the policy {each.policy.name} ({_kind(each)}{needs}, {each.place}) when {_json(when)}: "
            f"{each.policy.message}"
        )


def _labels(plan: Plan) -> Iterator[str]:
    """Yield the labels, which policies go by: those of the settings that apply is given, too."""
    for change in plan.changes:
        if change.labels:
            labels = ", ".join(f"{label}={value}" for label, value in sorted(change.labels.items()))
            yield visible(f"Labels of {change.address}: {labels}.")
    for address, labels_there in plan.base.labels.items() if plan.base else ():
        labels = ", ".join(f"{label}={value}" for label, value in labels_there.items())
        yield visible(f"Labels of {address} at the base: {labels}.")


def _as_declared(plan: Plan) -> Iterator[str]:
    """Yield how much stays as it is: the more there is, the more may be deleted without ``--force``."""
    if plan.unchanged:
        yield f"Up to date, counted by guards: {kinds_counted(plan.unchanged)}."


def _for_readers(plan: Plan) -> Iterator[str]:
    """Yield what other formats of the plan say beside it, so that it cannot say there what is not seen here."""
    if plan.platform_fields:
        yield visible(f"Decided by the platform: {', '.join(plan.platform_fields)}.")
    for each in plan.effects:
        sides = ((side, getattr(each, side)) for side in ("desired", "stored", "effective"))
        said = ", ".join(f"{side} {value_text(value)}" for side, value in sides)
        yield f"{visible(f'{each.client}: {each.path}')}: {said}."
    for address, places in plan.places.items():
        named = (f"{path or 'itself'} {each.file}:{each.line}:{each.column}" for path, each in places.items())
        yield visible(f"Declared, of {address}: {', '.join(named)}.")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _kind(placed: PlacedPolicy) -> str:
    return f"{placed.policy.then}, of the base" if placed.at_base else placed.policy.then
