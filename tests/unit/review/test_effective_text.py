"""What is in force for a client, for a terminal and as JSON."""

import json

from reconciler.model.observed import Effective
from reconciler.review.effective_text import effective_json, effective_text

ANSWER = Effective.model_validate(
    {
        "organizationUuid": "0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01",
        "name": "Acme",
        "authorizedPartners": [
            {"uuid": "3b0d6f0a-6c1e-4d5b-8f57-2f6f5c0c9a11", "name": "Nord\x1b[2J", "country": "DE"},
            {"uuid": "7d1f4b52-0c8e-4a63-9d0f-51b2e8a4c3d7"},
        ],
        "capabilities": {"rateLimitTier": "STANDARD", "allowMultiVinOrders": True},
        "dpaVersion": "2026-01",
        "dpaAcceptedAt": "2026-01-15T11:00:00+01:00",
    }
)
BARE = Effective.model_validate(
    {"organizationUuid": "0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01", "name": "Acme", "capabilities": {}}
)


def test_the_answer_is_a_table() -> None:
    assert effective_text("api-client-acme", ANSWER).splitlines() == [
        "client                            api-client-acme",
        "organization                      Acme",
        "organizationUuid                  0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01",
        "capabilities.allowMultiVinOrders  true",
        'capabilities.rateLimitTier        "STANDARD"',
        "dpaVersion                        2026-01",
        "dpaAcceptedAt                     2026-01-15T10:00:00Z",
        "partner                           3b0d6f0a-6c1e-4d5b-8f57-2f6f5c0c9a11  Nord\\x1b[2J (DE)",
        "partner                           7d1f4b52-0c8e-4a63-9d0f-51b2e8a4c3d7  - (-)",
    ]


def test_what_is_missing_is_a_dash() -> None:
    assert effective_text("x", BARE).splitlines()[-2:] == ["dpaVersion        -", "dpaAcceptedAt     -"]


def test_json_speaks_the_platforms_names() -> None:
    document = json.loads(effective_json("api-client-acme", ANSWER))
    assert document["clientId"] == "api-client-acme"
    assert document["authorizedPartners"][0]["name"] == "Nord\x1b[2J"
    assert document["dpaVersion"] == "2026-01"
