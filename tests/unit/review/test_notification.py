"""People are told what changed, by whom, and only once."""

from datetime import UTC, datetime

from reconciler.model.address import Address
from reconciler.model.attribution import Attribution
from reconciler.model.change import FieldChange, Reason
from reconciler.model.drift_report import DriftReport, DriftState
from reconciler.plan.drift import drift_of
from reconciler.review.notification import DriftMessage, state_of
from reconciler.review.plan_json import plan_lines
from reconciler.review.subject import Subject
from tests.builders import NOW, OWNER, REALM, a_change, a_plan

EVE = Attribution(datetime(2026, 3, 1, 11, 5, tzinfo=UTC), "eve", "console", "192.0.2.1", "UPDATE clients/x", True)


def drift(value: str = "<evil>") -> DriftReport:
    field = FieldChange("displayName", value, "Acme", Reason.KEYCLOAK_CHANGED, attribution=EVE)
    return DriftReport(REALM, OWNER, NOW, 1.0, DriftState.DRIFT, drift_of(a_plan(a_change(field_changes=[field]))))


def in_sync() -> DriftReport:
    return DriftReport(REALM, OWNER, NOW, 1.0, DriftState.IN_SYNC, a_plan())


def test_a_message_names_the_field_and_the_person() -> None:
    text = DriftMessage(drift()).slack()["text"]
    assert text.splitlines()[0] == f"*Drift* in realm {REALM} (owner {OWNER})"
    event = 'organization/acme: displayName was set to "&lt;evil&gt;"; it was "Acme"'
    assert f"[low] {event}, by eve (console) from 192.0.2.1, 2026-03-01 11:05:00 UTC" in text


def test_many_events_are_grouped_as_the_summary_of_a_text_is() -> None:
    field = FieldChange("displayName", "Evil", "Acme", Reason.KEYCLOAK_CHANGED, attribution=EVE)
    names = [f"org-{n}" for n in range(30)]
    changes = [a_change(Address.organization(name), field_changes=[field]) for name in names]
    text = DriftMessage(DriftReport(REALM, OWNER, NOW, 1.0, DriftState.DRIFT, drift_of(a_plan(*changes)))).slack()[
        "text"
    ]
    listed = ", ".join(sorted(names)[:10])
    row = f"[low] 30 organizations ({listed} and 20 more): 30 changes; displayName was set to"
    assert text.splitlines()[1:] == [
        "• 30 changes in 30 organizations, the worst first",
        f'• {row} "Evil"; it was "Acme"',
    ]


def test_a_message_for_slack_escapes_what_slack_would_obey() -> None:
    failed = DriftReport(REALM, OWNER, NOW, 1.0, DriftState.FAILED, error="<!channel> & more")
    assert "&lt;!channel&gt; &amp; more" in DriftMessage(failed).slack()["text"]


def test_a_message_for_slack_says_any_more_only_after_drift() -> None:
    said = [
        DriftMessage(in_sync(), before).slack()["text"].partition("*")[2].partition("*")[0]
        for before in (state_of(drift()), state_of(in_sync()), "")
    ]
    assert said == ["No drift any more", "No drift", "No drift"]


def test_a_webhook_gets_the_state_and_the_one_before() -> None:
    body = DriftMessage(drift(), state_of(in_sync())).webhook()
    assert (body["state"], body["previous"]) == ("drift", "in-sync")
    assert body["changes"] == [
        {
            "address": "organization/acme",
            "path": "displayName",
            "by": "by eve (console) from 192.0.2.1, 2026-03-01 11:05:00 UTC",
            "event": 'displayName was set to "<evil>"; it was "Acme"',
            "event_risk": "low",
        }
    ]


def test_the_state_changes_with_what_drifted_and_not_with_time() -> None:
    assert state_of(drift()) == state_of(drift())
    assert len({state_of(drift()), state_of(drift("other")), state_of(in_sync())}) == 3


def test_each_field_is_a_json_line_with_its_attribution() -> None:
    report = drift().drift
    assert report is not None
    first, last = plan_lines(report, Subject.DRIFT).splitlines()
    assert '"kind": "field"' in first
    assert '"user": "eve"' in first
    assert '"kind": "report"' in last
