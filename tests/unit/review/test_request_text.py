"""Requests are messages that are ready to send, and JSON for whatever sends them."""

import json
from datetime import timedelta

from reconciler.model.expectations import DpaRequirement
from reconciler.model.request import Agreement, Ask, Request, RequestReport
from reconciler.review.request_text import left_out_text, requests_json, requests_text
from tests.builders import ACME, NOW, a_dpa, a_uuid
from tests.unit.review.showcase import HOSTILE

NORD, LAC = str(a_uuid("Autohaus Nord")), str(a_uuid("Garage du Lac"))
REQUEST = Request(
    name="acme",
    display_name="Acme Motors GmbH",
    uuid=str(a_uuid("acme")),
    clients=("api-client-acme", "api-client-acme-crm"),
    seen_as="api-client-acme",
    asks=(
        Ask("capabilities.rateLimitTier", "STANDARD", "HIGH_VOLUME"),
        Ask("capabilities.allowMultiVinOrders", None, True),
    ),
    authorize=(LAC,),
    withdraw=(NORD,),
    agreement=Agreement("2026-01", accepted=a_dpa("2026-07").model_copy(update={"evidence": "dpa.pdf"})),
    written=NOW - timedelta(hours=1),
)
TEXT = f"""\
Subject: Acme Motors GmbH ({a_uuid("acme")}): please change what is in force

Dear NT24 integration team,

please change this for our organization:

  Organization  Acme Motors GmbH
  UUID          {a_uuid("acme")}
  Clients       api-client-acme, api-client-acme-crm
  Environment   production, https://api.example
  Seen          2026-03-01 12:00 UTC, by GET /v1/me as api-client-acme
  In Keycloak   as we need it; last written 2026-03-01T11:00:00Z

What we need
  rateLimitTier: HIGH_VOLUME instead of STANDARD
  allowMultiVinOrders: true instead of nothing

Trade partners to authorize (1)
  {LAC}  Garage du Lac (CH)

Trade partners to withdraw (1)
  {NORD}

Data Processing Agreement
  In force      2026-01
  Accepted      2026-07, on 2026-01-15T10:00:00Z
  Evidence      dpa.pdf (attached)
  Please record this acceptance; or send us the version that you require, for a person to accept.

Please tell us when it is in force, or why it cannot be.

Kind regards
"""


def a_report(*requests: Request) -> RequestReport:
    names = {LAC: "Garage du Lac (CH)"}
    return RequestReport(NOW, requests, names, {}, (), (), "production", "https://api.example")


def test_a_message_says_who_what_is_in_force_what_is_needed_and_the_evidence() -> None:
    assert requests_text(a_report(REQUEST)) == TEXT


def test_each_organization_has_a_message_of_its_own() -> None:
    assert requests_text(a_report(REQUEST, REQUEST)).count("Subject: ") == 2


def test_nothing_to_ask_for_is_said() -> None:
    assert requests_text(a_report()) == "There is nothing to request from NT24.\n"
    assert json.loads(requests_json(a_report()))["requests"] == []


def test_json_holds_the_parts_and_the_message() -> None:
    (found,) = json.loads(requests_json(a_report(REQUEST)))["requests"]
    assert found["text"] == TEXT
    assert found["fields"][0] == {
        "path": "capabilities.rateLimitTier",
        "in_force": "STANDARD",
        "wanted": "HIGH_VOLUME",
    }
    assert found["authorize"] == [{"uuid": LAC, "name": "Garage du Lac (CH)"}]
    assert found["dpa"]["accepted"] == {
        "version": "2026-07",
        "acceptedAt": "2026-01-15T10:00:00Z",
        "evidence": "dpa.pdf",
    }


def test_an_agreement_that_is_missing_is_asked_for() -> None:
    required = DpaRequirement.model_validate({"required": "2026-07", "deadline": "2026-12-31"})
    bare = Request("acme", "Acme", str(a_uuid("acme")), ("api-client-acme",), "")
    text = requests_text(a_report(Request(*_parts(bare), agreement=Agreement(None, required=required))))
    assert "Seen          2026-03-01 12:00 UTC: calls are refused\n" in text
    assert "Required      2026-07, from 2026-12-31T00:00:00Z on\n" in text
    assert "Please send us the version 2026-07, for a person to accept." in text
    current = requests_text(a_report(Request(*_parts(bare), agreement=Agreement(None))))
    assert "Please send us the current version" in current


def test_about_whom_nothing_is_asked_is_said_with_the_reason() -> None:
    report = RequestReport(NOW, (), {}, {ACME: "no secret\x1b[2J"}, (ACME,), (ACME,))
    text = left_out_text(report)
    assert "Warning: organization/acme: what is in force is not known: no secret\\x1b[2J" in text
    assert text.count("Note: organization/acme") == 2


def test_names_of_others_cannot_break_out_of_their_line() -> None:
    for name in HOSTILE[:-1]:
        report = RequestReport(NOW, (REQUEST,), {LAC: name, NORD: name}, {}, (), ())
        (line,) = [line for line in requests_text(report).splitlines() if line.startswith(f"  {LAC}")]
        assert line.isprintable()


def _parts(request: Request) -> tuple[str, str, str, tuple[str, ...], str]:
    return request.name, request.display_name, request.uuid, request.clients, request.seen_as
