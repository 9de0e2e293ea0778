"""A review as JSON lines: one field, resource, finding, policy or hole a line, and the rest at the end."""

import json
from typing import Any

from reconciler.model.plan import Plan
from reconciler.review.plan_json import KINDS, plan_document
from reconciler.review.subject import Subject


def plan_lines(plan: Plan, subject: Subject) -> str:
    """Return one JSON object a line; ``kind`` says what it is.

    It is a field, resource, finding, policy, setting, hole or report.

    What is created, adopted or deleted is one line, of kind resource; its fields are those of one side.
    """
    document = plan_document(plan, kind=KINDS[subject])
    lines: list[dict[str, Any]] = []
    for part in document["resource_changes"]:
        about = {key: part[key] for key in ("address", "type", "name", "action")}
        if part["action"] in {"create", "adopt", "delete"}:
            lines.append(
                {
                    "kind": "resource",
                    **about,
                    **_chosen(part["change"], "risk", "consequences", "origin", "attribution"),
                }
            )
        else:
            lines += [{"kind": "field", **about, **field} for field in part["change"]["field_changes"]]
    lines += [{"kind": "finding", **part} for part in document["findings"]]
    lines += [{"kind": "policy", **part} for part in document["policies"]]
    lines += [{"kind": "setting", **part} for part in document.get("base", {}).get("settings", ())]
    lines += [{"kind": "hole", **part} for part in document["holes"]]
    keys = ("timestamp", "keycloak_url", "realm", "owner", "revision", "targets", "complete", "basis", "base")
    lines.append({"kind": "report", "of": subject, **_chosen(document, *keys), "changes": len(plan.changes)})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _chosen(part: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: part[key] for key in keys if key in part}
