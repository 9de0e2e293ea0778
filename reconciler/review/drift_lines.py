"""A report of drift as JSON lines: one field, finding or hole a line, and what it rests on at the end."""

import json
from typing import Any

from reconciler.model.plan import Plan
from reconciler.review.plan_document import DRIFT
from reconciler.review.plan_json import plan_document


def drift_lines(plan: Plan) -> str:
    """Return one JSON object a line; ``kind`` says what it is: field, resource, finding, hole or report."""
    document = plan_document(plan, kind=DRIFT)
    lines: list[dict[str, Any]] = []
    for part in document["resource_changes"]:
        about = {key: part[key] for key in ("address", "type", "name", "action")}
        if part["action"] in {"create", "adopt"}:
            lines.append({"kind": "resource", **about, **_chosen(part["change"], "attribution")})
        else:
            lines += [{"kind": "field", **about, **field} for field in part["change"]["field_changes"]]
    lines += [{"kind": "finding", **part} for part in document["findings"]]
    lines += [{"kind": "hole", **part} for part in document["holes"]]
    keys = ("timestamp", "keycloak_url", "realm", "owner", "targets", "complete", "basis")
    lines.append({"kind": "report", **_chosen(document, *keys), "changes": len(plan.changes)})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _chosen(part: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: part[key] for key in keys if key in part}
