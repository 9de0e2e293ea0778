"""What the models of manifests accept, where a text is not enough to show it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.model.duration import seconds, text_of
from reconciler.model.manifest import Client, Dpa, SecretRotation, parse_document, utc_text
from reconciler.model.scalars import parse_moment


def a_document(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "reconciler/v1",
        "kind": "IntegrationOrganization",
        "metadata": {"name": "acme"},
        "spec": {"displayName": "Acme", "organizationUuid": "0F8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01", **spec},
    }


def test_a_document_is_read_without_any_conversion() -> None:
    with pytest.raises(ValidationError):
        parse_document(a_document(suspended="true"))


def test_a_document_is_not_spelled_like_python() -> None:
    with pytest.raises(ValidationError):
        parse_document(a_document(authorized_partners=[]))


def test_code_may_spell_fields_like_python_and_give_seconds() -> None:
    assert Client(client_id="api-client-acme").client_id == "api-client-acme"
    assert SecretRotation(expiration=7_776_000, overlap=172_800).overlap == 172_800


def test_a_moment_is_kept_in_utc() -> None:
    dpa = Dpa(version="2026-01", accepted_at=parse_moment("2026-01-15T11:00:00+01:00"))
    assert dpa.accepted_at == datetime(2026, 1, 15, 10, tzinfo=UTC)
    assert utc_text(dpa.accepted_at) == "2026-01-15T10:00:00Z"


def test_what_is_dumped_is_what_was_written() -> None:
    document = a_document(dpa={"version": "2026-01", "acceptedAt": "2026-01-15T10:00:00Z"})
    manifest = parse_document(document)
    assert parse_document(manifest.model_dump(mode="json", by_alias=True)) == manifest


@pytest.mark.parametrize(("text", "length"), [("90d", 7_776_000), ("48h", 172_800), ("30m", 1_800), ("45s", 45)])
def test_a_length_of_time_prints_as_it_was_written(text: str, length: int) -> None:
    assert seconds(text) == length
    assert text_of(length) in {text, "2d"}


@pytest.mark.parametrize("text", ["", "0d", "90", "d", "1.5h", "90d\n", "1w", "-1d", "99999d", "\u0661d"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer than"):
        seconds(text)


@pytest.mark.parametrize("length", [1, 59, 60, 1_000_000, 86_400, 2**31 - 1])
def test_every_length_prints_as_one_that_is_read_back(length: int) -> None:
    assert seconds(text_of(length)) == length
