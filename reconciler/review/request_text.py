"""Requests to NT24 as text that is ready to send, and as JSON for whatever sends it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from reconciler.model.address import sorted_by_address
from reconciler.model.manifest import Dpa, utc_text
from reconciler.model.request import Agreement, Ask, Request, RequestReport
from reconciler.model.text import counted, visible
from reconciler.model.value import Value, plain

FORMAT_VERSION: Final = "1.0"
_CUT: Final = f"\n{'=' * 78}\n\n"
_CAPABILITIES: Final = "capabilities."


def requests_text(report: RequestReport) -> str:
    """Return one message for each organization, or that there is nothing to ask for."""
    if not report.requests:
        return "There is nothing to request from NT24.\n"
    return _CUT.join(message(request, report) for request in report.requests)


def requests_json(report: RequestReport) -> str:
    """Return all of it as JSON, each message included."""
    document = {
        "format_version": FORMAT_VERSION,
        "timestamp": utc_text(report.seen_at),
        "environment": report.environment,
        "api_url": report.api_url,
        "requests": [_document(request, report) for request in report.requests],
        "unseen": [{"address": str(address), "reason": why} for address, why in sorted_by_address(report.unseen)],
        "pending": [str(address) for address in report.pending],
        "recent": [str(address) for address in report.recent],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def left_out_text(report: RequestReport) -> str:
    """Return about whom nothing, or not everything, is asked, and why; empty if there is nobody."""
    lines = [
        f"Warning: {address}: what is in force is not known: {visible(why)}" for address, why in report.unseen.items()
    ]
    lines += [f"Note: {each} has changes that are not applied yet; they are not asked for." for each in report.pending]
    lines += [
        f"Note: {each} was written just now, and the platform may still follow; ask again in some minutes."
        for each in report.recent
    ]
    return "".join(f"{line}\n" for line in lines)


def subject(request: Request) -> str:
    """Return the subject of the message."""
    return f"{visible(request.display_name)} ({request.uuid}): please change what is in force"


def message(request: Request, report: RequestReport) -> str:
    """Return the message for one organization."""
    seen = f"{report.seen_at:%Y-%m-%d %H:%M} UTC"
    where = ", ".join(filter(None, (report.environment, report.api_url)))
    rows = [
        ("Organization", visible(request.display_name)),
        ("UUID", request.uuid),
        ("Clients", ", ".join(request.clients)),
        *([("Environment", where)] if where else []),
        ("Seen", f"{seen}, by GET /v1/me as {request.seen_as}" if request.seen_as else f"{seen}: calls are refused"),
        *([("In Keycloak", f"as we need it; last written {utc_text(request.written)}")] if request.written else []),
    ]
    parts = [
        f"Subject: {subject(request)}\n\nDear NT24 integration team,\n\nplease change this for our organization:\n",
        _table(rows),
        *_fields(request.asks),
        *_partners("Trade partners to authorize", request.authorize, report.names),
        *_partners("Trade partners to withdraw", request.withdraw, report.names),
        *_agreement(request.agreement),
        "Please tell us when it is in force, or why it cannot be.\n\nKind regards\n",
    ]
    return "\n".join(parts)


def _table(rows: Iterable[tuple[str, str]]) -> str:
    return "".join(f"  {name:<14}{value}\n" for name, value in rows)


def _fields(asks: tuple[Ask, ...]) -> Iterator[str]:
    if asks:
        lines = (
            f"  {ask.path.removeprefix(_CAPABILITIES)}: {_said(ask.wanted)} instead of {_said(ask.in_force)}"
            for ask in asks
        )
        yield "What we need\n" + "".join(f"{line}\n" for line in lines)


def _partners(title: str, uuids: tuple[str, ...], names: Mapping[str, str]) -> Iterator[str]:
    if uuids:
        lines = (f"  {uuid}  {visible(names.get(uuid, ''))}".rstrip() for uuid in uuids)
        yield f"{title} ({len(uuids)})\n" + "".join(f"{line}\n" for line in lines)


def _agreement(agreement: Agreement | None) -> Iterator[str]:
    if agreement is None:
        return
    rows = [("In force", agreement.in_force or "none")]
    if agreement.accepted is not None:
        accepted = agreement.accepted
        rows.append(("Accepted", f"{accepted.version}, on {utc_text(accepted.accepted_at)}"))
        rows += [("Evidence", f"{visible(accepted.evidence)} (attached)")] if accepted.evidence else []
        what = "Please record this acceptance; or send us the version that you require, for a person to accept."
    elif agreement.required is not None:
        required = agreement.required
        rows.append(("Required", f"{required.required}, from {utc_text(required.deadline)} on"))
        what = f"Please send us the version {required.required}, for a person to accept."
    else:
        what = "Please send us the current version, for a person to accept."
    yield f"Data Processing Agreement\n{_table(rows)}  {what}\n"


def _said(value: Value) -> str:
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else visible(str(value))


def _document(request: Request, report: RequestReport) -> dict[str, Any]:
    return {
        "organization": request.name,
        "display_name": request.display_name,
        "organization_uuid": request.uuid,
        "clients": list(request.clients),
        "seen_as": request.seen_as,
        "last_written": utc_text(request.written) if request.written else None,
        "fields": [
            {"path": ask.path, "in_force": plain(ask.in_force), "wanted": plain(ask.wanted)} for ask in request.asks
        ],
        "authorize": [{"uuid": uuid, "name": report.names.get(uuid)} for uuid in request.authorize],
        "withdraw": [{"uuid": uuid, "name": report.names.get(uuid)} for uuid in request.withdraw],
        "dpa": _agreement_document(request.agreement),
        "subject": subject(request),
        "text": message(request, report),
    }


def _agreement_document(agreement: Agreement | None) -> dict[str, Any] | None:
    if agreement is None:
        return None
    required = agreement.required
    return {
        "in_force": agreement.in_force,
        "accepted": _accepted(agreement.accepted),
        "required": {"version": required.required, "deadline": utc_text(required.deadline)} if required else None,
    }


def _accepted(dpa: Dpa | None) -> dict[str, Any] | None:
    if dpa is None:
        return None
    return {"version": dpa.version, "acceptedAt": utc_text(dpa.accepted_at), "evidence": dpa.evidence}


def summary_text(report: RequestReport) -> str:
    """Return how many messages there are, for the person who sends them."""
    return f"{counted(len(report.requests), 'message')} for NT24; nothing was sent.\n" if report.requests else ""
