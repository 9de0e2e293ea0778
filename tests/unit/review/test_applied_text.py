"""What an apply did, and whether it is proven, for a terminal."""

from dataclasses import replace

import click

from reconciler.model.address import Address
from reconciler.model.change import Action, Change, Step, Verb
from reconciler.model.finding import FieldStatus
from reconciler.model.outcome import Applied, Outcome, Status, Verification
from reconciler.review.applied_text import applied_text, verification_text
from tests.builders import ACME, ACME_CLIENT, a_change, a_field_change, a_finding

STEPS = (Step(Verb.CREATE_CLIENT), Step(Verb.JOIN_ORGANIZATION))


def done(change: Change) -> Outcome:
    return Outcome(change, Status.DONE, len(change.steps))


def lines(text: str) -> list[str]:
    return click.unstyle(text).splitlines()


def test_a_complete_apply_counts_in_terraforms_words() -> None:
    actions = (Action.CREATE, Action.UPDATE, Action.ADOPT, Action.DELETE)
    applied = Applied(tuple(done(a_change(action=action)) for action in actions))
    assert lines(applied_text(applied)) == ["Apply complete! Resources: 1 added, 2 changed, 1 destroyed."]


def test_an_apply_of_a_plan_with_gaps_is_not_complete() -> None:
    applied = Applied((done(a_change(action=Action.UPDATE)),))
    assert click.unstyle(applied_text(applied, is_whole=False)) == (
        "Apply incomplete: the plan was applied, but not everything could be read. "
        "Resources: 0 added, 1 changed, 0 destroyed.\n"
    )


def test_an_incomplete_apply_counts_what_was_done_and_says_what_was_not_and_why() -> None:
    client = a_change(ACME_CLIENT, Action.CREATE, steps=STEPS)
    outcomes = (
        done(a_change(ACME, Action.CREATE)),
        Outcome(client, Status.FAILED, 1, "It broke\x1b[2J.", "Run plan again."),
        Outcome(a_change(action=Action.UPDATE), Status.SKIPPED, 0, "not tried"),
    )
    assert lines(applied_text(Applied(outcomes))) == [
        "Apply incomplete. Resources: 1 added, 0 changed, 0 destroyed. 2 resources not done:",
        "  client/acme/api-client-acme failed after 1 of 2 writes: It broke\\x1b[2J.",
        "    Run plan again.",
        "  organization/acme skipped: not tried",
    ]


def test_where_each_new_secret_went_is_said() -> None:
    delivered = replace(done(a_change(ACME_CLIENT, Action.CREATE)), secret_in="the file secrets/acme")
    kept = [done(a_change(Address.client("acme", f"api-client-{name}"), Action.CREATE)) for name in "ab"]
    place, deliver = "  Secret of client/acme/api-client-acme: the file secrets/acme", "reconciler rotate deliver"
    one = f"  Secret of client/acme/api-client-a: in Keycloak alone. To deliver it: {deliver} api-client-a --sink SINK"
    two = f"  Secrets of 2 new clients: in Keycloak alone. To deliver one: {deliver} api-client-a --sink SINK"
    for outcomes, expected in (([delivered], [place]), (kept[:1], [one]), ([delivered, *kept], [place, two])):
        assert lines(applied_text(Applied(tuple(outcomes))))[1:] == expected


def test_a_proof_names_its_sources() -> None:
    proven = Verification((), (), 2.04)
    assert lines(verification_text(proven, asked_effective=True)) == [
        "Verified: Keycloak and /v1/me say what the manifests say (2.0 s)."
    ]
    assert lines(verification_text(proven, asked_effective=False, desired="the plan says")) == [
        "Verified: Keycloak says what the plan says (2.0 s)."
    ]


def test_what_was_not_done_is_left_out_of_the_proof_and_said() -> None:
    one, two = frozenset({ACME}), frozenset({ACME, ACME_CLIENT})
    assert lines(verification_text(Verification((), (), 0.3, left_out=one), asked_effective=False)) == [
        "Verified: Keycloak says what the manifests say (0.3 s), but for 1 resource that was not done."
    ]
    assert lines(verification_text(Verification((a_change(),), (), 9.0, left_out=two), asked_effective=False))[0] == (
        "Not verified after 9.0 s, but for 2 resources that were not done:"
    )


def test_what_is_not_proven_is_listed_with_its_remedy() -> None:
    change = a_change(field_changes=[a_field_change("suspended"), a_field_change("displayName")])
    finding = a_finding(ACME_CLIENT, status=FieldStatus.OVERRIDDEN, detail="Differs.", remedy="Ask NT24.")
    assert lines(verification_text(Verification((change,), (finding,), 60.0), asked_effective=True)) == [
        "Not verified after 60.0 s:",
        "  organization/acme still differs: suspended, displayName",
        "  Error: client/acme/api-client-acme: Differs. [effective-differs, overridden]",
        "    Ask NT24.",
    ]


def test_what_still_differs_is_said_so_that_no_terminal_obeys_it() -> None:
    residual = a_change(field_changes=[a_field_change("keycloak.attributes.\x1b[2J", "x", "y")])
    assert verification_text(Verification((residual,), (), 1.0), asked_effective=True).count("\\x1b[2J") == 1
