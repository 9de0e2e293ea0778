"""Metrics count what drifted, and a failed run keeps what the last one knew."""

from datetime import timedelta

from reconciler.model.change import Action, Reason
from reconciler.model.drift_report import DriftReport, DriftState
from reconciler.review.metrics import metrics_text
from tests.builders import ACME, ACME_CLIENT, NOW, OWNER, REALM, a_change, a_field_change, a_finding, a_plan

DRIFTED = a_plan(
    a_change(field_changes=[a_field_change("capabilities.allowMultiVinOrders", True, False, Reason.KEYCLOAK_CHANGED)]),
    a_change(ACME_CLIENT, Action.CREATE, field_changes=[a_field_change("enabled", None, True)]),
    findings=[a_finding()],
)


def a_report(state: DriftState = DriftState.DRIFT, **more: object) -> DriftReport:
    return DriftReport(REALM, OWNER, NOW, 1.5, state, **{"drift": DRIFTED, **more})  # type: ignore[arg-type]


def samples(text: str) -> dict[str, str]:
    """Return each sample without the prefix and the labels that all have."""
    common = f'realm="{REALM}",owner="{OWNER}"'
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {
        name.removeprefix("nt24_reconciler_drift_").replace(common, "").replace("{,", "{").replace("{}", ""): value
        for name, _, value in lines
    }


def test_drift_is_counted_by_organization_and_class_of_field() -> None:
    found = samples(metrics_text(a_report(secrets_end={ACME_CLIENT: NOW + timedelta(days=3)}, dpa_due={ACME: NOW})))
    assert found["up"] == "1"
    assert found['fields{organization="acme",class="capabilities"}'] == "1"
    assert found['fields{organization="acme",class="missing"}'] == "1"
    assert found['organization{organization="acme"}'] == "1"
    assert found['secret_days_left{organization="acme",client="api-client-acme"}'] == "3"
    assert found['dpa_days_left{organization="acme"}'] == "0"


def test_every_family_is_explained_once_and_labels_are_escaped() -> None:
    text = metrics_text(DriftReport(REALM, 'with "quotes"', NOW, 1.5, DriftState.DRIFT, drift=DRIFTED))
    names = [line.split(" ")[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    assert r'owner="with \"quotes\""' in text
    assert text.endswith("\n")


def test_a_failed_run_keeps_what_the_last_one_knew() -> None:
    before = metrics_text(a_report())
    later = DriftReport(REALM, OWNER, NOW + timedelta(hours=1), 0.1, DriftState.UNREACHABLE, error="no answer")
    after = metrics_text(later, before)
    assert samples(after)["up"] == "0"
    assert samples(after)["last_run_timestamp_seconds"] != samples(before)["last_run_timestamp_seconds"]
    kept = {name: value for name, value in samples(before).items() if not name.startswith(("up", "last_run"))}
    assert kept.items() <= samples(after).items()
    assert metrics_text(later, after) == after
