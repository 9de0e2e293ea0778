"""Every review begins with where it was read and would be written, without a secret."""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest

from reconciler.adapters.login_variables import login_name
from reconciler.app.run_record import RunRecord
from reconciler.model.history import Run
from reconciler.model.plan import Plan
from reconciler.ports.run_events import Planned
from reconciler.review.formats import Format, render
from reconciler.review.history_text import run_text
from reconciler.review.subject import Subject
from tests.builders import OWNER, REALM, a_change, a_field_change, a_plan

PLAN = replace(
    a_plan(a_change(field_changes=[a_field_change()])),
    environment="production",
    keycloak_url="https://user:pass@keycloak.example/auth?token=x",
    api_url="https://api.example",
    login="reconciler-writer",
    revision="1a2b3c4d5e6f, with changes",
)


def a_token(**claims: object) -> str:
    return f"e30.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"


FACTS = (
    "production",
    "keycloak.example/auth",
    REALM,
    "api.example",
    OWNER,
    "reconciler-writer",
    "1a2b3c4d5e6f",
)


EMPTY = replace(PLAN, changes=())


@pytest.mark.parametrize("plan", [PLAN, EMPTY], ids=["changes", "no changes"])
@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("form", [each for each in Format if each not in {Format.JSON, Format.LINES}])
def test_every_format_tells_the_whole_target_and_no_login_of_a_url(form: Format, subject: Subject, plan: Plan) -> None:
    text = render(plan, form, subject)
    assert [fact for fact in FACTS if fact not in text] == []
    assert "user:pass" not in text
    assert "token=x" not in text


@pytest.mark.parametrize("form", [Format.JSON, Format.LINES])
def test_documents_hold_each_part_of_the_target(form: Format) -> None:
    text = render(PLAN, form)
    for key in ("environment", "keycloak_url", "realm", "api_url", "owner", "login", "revision"):
        assert f'"{key}": "{getattr(PLAN, key)}"' in text


def test_what_is_not_asked_or_not_known_is_not_made_up() -> None:
    bare = replace(PLAN, environment="", login="", asked_effective=False)
    assert bare.target.line == (
        f"Keycloak https://…@keycloak.example/auth?…, realm {REALM}, API not asked, owner {OWNER}, "
        "revision 1a2b3c4d5e6f, with changes"
    )


@pytest.mark.parametrize(
    ("shell", "name"),
    [
        ({"KEYCLOAK_CLIENT_ID": "reader", "KEYCLOAK_CLIENT_SECRET": "s3cret"}, "reader"),
        ({"KEYCLOAK_USER": "admin", "KEYCLOAK_PASSWORD": "s3cret", "KEYCLOAK_CLIENT_ID": "admin-cli"}, "admin"),
        ({"KEYCLOAK_ACCESS_TOKEN": "s3cret"}, ""),
        ({"KEYCLOAK_ACCESS_TOKEN": a_token(client_id="writer", preferred_username="service-account-writer")}, "writer"),
        ({"KEYCLOAK_ACCESS_TOKEN": a_token(preferred_username="ada", azp="admin-cli")}, "ada"),
        ({"KEYCLOAK_ACCESS_TOKEN": a_token(preferred_username=["ada"], azp="admin-cli")}, "admin-cli"),
        ({}, ""),
    ],
)
def test_the_login_is_named_and_its_secret_is_not(shell: dict[str, str], name: str) -> None:
    assert login_name(shell) == name


def test_the_history_begins_with_the_target_of_what_the_run_planned() -> None:
    now = PLAN.created_at
    begun = Run(
        "r1",
        "plan",
        now,
        None,
        "ada",
        "the commit of this folder",
        "1.0",
        "production",
        "https://keycloak.example/auth",
        REALM,
        "https://api.example",
        OWNER,
        "reconciler-writer",
    )
    record = RunRecord(begun)
    record.hear(Planned(PLAN))
    assert run_text(record.ended(now, "done")).splitlines()[:8] == [
        "Environment: production",
        "Keycloak:    https://keycloak.example/auth",
        f"Realm:       {REALM}",
        "API:         https://api.example",
        f"Owner:       {OWNER}",
        "Login:       reconciler-writer",
        "Revision:    1a2b3c4d5e6f, with changes",
        "Run:         r1",
    ]
    record.plan = replace(PLAN, asked_effective=False)
    assert "API:" not in run_text(record.ended(now, "done"))
