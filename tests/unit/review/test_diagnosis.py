"""A diagnosis for a terminal, and as JSON of a form that a schema describes."""

import json
from pathlib import Path

import jsonschema
import pytest

from reconciler.model.diagnosis import Cause, CheckName, CheckResult, CheckStatus, Diagnosis, DiagnosisSubject
from reconciler.review.diagnosis_json import diagnosis_json, diagnosis_schema, diagnosis_schema_text
from reconciler.review.diagnosis_text import diagnosis_text
from tests.fakes.runtime import START

SUBJECT = DiagnosisSubject("api-client-acme", "https://idp.example", "nt24-idp", None)
LIKELY = (
    Cause("first", "It may be this.", "Do that.", "See here."),
    Cause("second", "Or this.", "Do this.", "Or here."),
)
SURE = (Cause("only", "It is this.", "Do that.", certain=True),)


def a_diagnosis(*checks: CheckResult, subject: DiagnosisSubject | None = SUBJECT) -> Diagnosis:
    return Diagnosis(START, subject, checks)


GOOD = CheckResult(CheckName.KEYCLOAK, CheckStatus.OK, "idp.example answers", evidence=(("X-Request-Id", "r1"),))
LEFT_OUT = CheckResult(CheckName.ME, CheckStatus.SKIPPED, "token failed")


def bad(causes: tuple[Cause, ...], summary: str = "No token", *, shut_out: bool = False) -> CheckResult:
    evidence = (("answer", "401 Unauthorized"), ("X-Request-Id", "r2"))
    return CheckResult(CheckName.TOKEN, CheckStatus.FAILED, summary, causes, evidence, shut_out)


def test_what_is_well_takes_one_line_without_evidence() -> None:
    text = diagnosis_text(a_diagnosis(GOOD, LEFT_OUT))

    assert "client    api-client-acme\n" in text
    assert "API       not set\n" in text
    assert "ok       keycloak        idp.example answers\n" in text.replace("\x1b[32m", "").replace("\x1b[0m", "")
    assert "r1" not in text
    assert text.endswith("1 ok, 1 skipped.\n")


def test_possible_causes_are_numbered_and_say_how_to_tell_them_apart() -> None:
    text = diagnosis_text(a_diagnosis(bad(LIKELY)))

    assert "Possible causes, the most likely first:" in text
    assert "1.      It may be this. [first]\n         Tell    See here.\n         Remedy  Do that.\n" in text
    assert text.index("[first]") < text.index("2.      Or this. [second]")
    assert "X-Request-Id  r2" in text


def test_a_cause_that_is_shown_is_not_called_possible() -> None:
    text = diagnosis_text(a_diagnosis(bad(SURE)))

    assert "Possible" not in text
    assert "Cause   It is this. [only]" in text


def test_an_answer_that_was_explained_has_no_state_of_its_own() -> None:
    text = diagnosis_text(a_diagnosis(bad(SURE, "401 Unauthorized, teapot: No."), subject=None))

    assert text.startswith("401 Unauthorized, teapot: No.\n         Cause   It is this. [only]\n")
    assert text.endswith("X-Request-Id  r2\x1b[0m\n")


def test_what_a_terminal_would_obey_is_escaped() -> None:
    cause = Cause("c", "The issuer is \x1b[2J.", "None.", certain=True)
    text = diagnosis_text(a_diagnosis(bad((cause,), "said \x1b]0;x\x07")))

    assert "\x1b[2J" not in text
    assert "\x1b]0;" not in text


@pytest.mark.parametrize(
    "diagnosis",
    [a_diagnosis(), a_diagnosis(GOOD, bad(LIKELY), bad(SURE), LEFT_OUT), a_diagnosis(bad(SURE), subject=None)],
)
def test_the_json_is_what_the_schema_describes(diagnosis: Diagnosis) -> None:
    jsonschema.validate(json.loads(diagnosis_json(diagnosis)), diagnosis_schema())


def test_the_json_says_what_to_do_and_how_certain_it_is() -> None:
    document = json.loads(diagnosis_json(a_diagnosis(bad(LIKELY, shut_out=True))))

    assert document["exit_code"] == 3
    assert document["timestamp"] == "2026-03-01T12:00:00Z"
    (check,) = document["checks"]
    assert check["evidence"] == {"answer": "401 Unauthorized", "X-Request-Id": "r2"}
    assert check["causes"][0] == {
        "code": "first",
        "cause": "It may be this.",
        "remedy": "Do that.",
        "certain": False,
        "tell": "See here.",
    }


def test_the_schema_that_is_checked_in_is_up_to_date() -> None:
    file = Path(__file__).parents[3] / "schema" / "diagnosis.schema.json"

    assert file.read_text(encoding="utf-8") == diagnosis_schema_text(), "run: make schema"
