"""What is in force for a client, as ``GET /v1/me`` reports it, for a terminal."""

import json

from reconciler.model.manifest import utc_text
from reconciler.model.observed import Effective
from reconciler.model.text import visible
from reconciler.review.labels import value_text


def effective_text(client_id: str, effective: Effective) -> str:
    """Return the answer as an indented table."""
    rows = [
        ("client", client_id),
        ("organization", visible(effective.name)),
        ("organizationUuid", str(effective.organization_uuid)),
        *((f"capabilities.{name}", value_text(value)) for name, value in sorted(effective.capabilities.items())),
        ("dpaVersion", effective.dpa_version or "-"),
        ("dpaAcceptedAt", utc_text(effective.dpa_accepted_at) if effective.dpa_accepted_at else "-"),
        *(
            ("partner", f"{partner.uuid}  {visible(partner.name or '-')} ({visible(partner.country or '-')})")
            for partner in effective.authorized_partners
        ),
    ]
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:<{width}}  {value}\n" for name, value in rows)


def effective_json(client_id: str, effective: Effective) -> str:
    """Return the answer as JSON, in the platform's own names, with the client that asked."""
    document = {"clientId": client_id, **effective.model_dump(mode="json", by_alias=True)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
