"""A plan as JSON, in the shape of Terraform's plan representation, so that policies adapt; or as JSON lines."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from reconciler.kinds.partner_names import names_in
from reconciler.model.plan import Plan
from reconciler.review.plan_document import DIFF, DRIFT, PLAN, DocumentKind, PlanDocument
from reconciler.review.subject import Subject

KINDS: Final[Mapping[Subject, DocumentKind]] = {Subject.PLAN: PLAN, Subject.DRIFT: DRIFT, Subject.DIFF: DIFF}
"""What a document says of itself, by what it is about."""


def plan_json(plan: Plan, subject: Subject = Subject.PLAN) -> str:
    """Return the plan as indented JSON; the same plan gives the same bytes.

    A report of drift, or of what two sets of manifests differ in, says of itself that it cannot be applied.
    """
    return json.dumps(plan_document(plan, kind=KINDS[subject]), indent=2, ensure_ascii=False) + "\n"


def plan_document(plan: Plan, *, kind: DocumentKind = PLAN) -> dict[str, Any]:
    """Return the plan as JSON types."""
    document = PlanDocument.of(plan, kind).model_dump(mode="json")
    document["fingerprint"] = fingerprint(document)
    return document | {"checksum": checksum(document)}


def fingerprint_of(plan: Plan) -> str:
    """Return what the plan's document says as its ``fingerprint``: an approval is bound to it."""
    return str(plan_document(plan)["fingerprint"])


# docs/decisions.md, 97: why it covers the whole document.
def fingerprint(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the whole document: whatever a reviewer is shown, and whatever is carried out.

    It has its full length, unlike the fingerprints of fields: whoever writes manifests could find two plans that share
    a short one.
    """
    return _digest({key: value for key, value in document.items() if key not in {"fingerprint", "checksum"}})


def checksum(document: Mapping[str, Any]) -> str:
    """Return what ``checksum`` must say: it covers the meaning of everything else, not indentation or order of keys."""
    return f"sha256:{_digest({key: value for key, value in document.items() if key != 'checksum'})}"


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plan_lines(plan: Plan, subject: Subject) -> str:
    """Return one JSON object a line; ``kind`` says what it is.

    It is a field, resource, finding, policy, setting, hole or report.

    What is created, adopted or deleted is one line, of kind resource; its fields are those of one side.
    """
    document = plan_document(plan, kind=KINDS[subject])
    lines: list[dict[str, Any]] = []
    for part in document["resource_changes"]:
        about = _chosen(part, "address", "type", "name", "action", "same_as")
        if part["action"] in {"create", "adopt", "delete"}:
            lines.append(
                {
                    "kind": "resource",
                    **about,
                    **_chosen(part["change"], "risk", "consequences", "origin", "attribution"),
                }
            )
        else:
            for field in part["change"]["field_changes"]:
                sides = (tuple(side) if isinstance(side, list) else side for side in (field["before"], field["after"]))
                names = names_in(field["path"], sides, plan.names)
                lines.append({"kind": "field", **about, **field} | ({"partner_names": names} if names else {}))
    lines += [{"kind": "finding", **part} for part in document["findings"]]
    lines += [{"kind": "policy", **part} for part in document["policies"]]
    lines += [{"kind": "setting", **part} for part in document.get("base", {}).get("settings", ())]
    lines += [{"kind": "hole", **part} for part in document["holes"]]
    target = ("environment", "keycloak_url", "realm", "api_url", "owner", "login", "revision")
    keys = ("timestamp", *target, "risk_counts", "targets", "complete", "basis", "base")
    lines.append({"kind": "report", "of": subject, **_chosen(document, *keys), "changes": len(plan.changes)})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _chosen(part: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: part[key] for key in keys if key in part}
