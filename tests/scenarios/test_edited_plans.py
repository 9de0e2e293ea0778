"""Whoever edits a saved plan and makes its checksum fit is refused, or seen: in its text and its fingerprint."""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from reconciler.app.review import check_shown
from reconciler.manifest.settings_file import read_settings_file
from reconciler.model.change import Action
from reconciler.model.errors import WrongUsage
from reconciler.model.lifecycle import Lifecycle
from reconciler.model.manifest import DesiredState, OrganizationMetadata
from reconciler.model.policy import Condition, PlacedPolicy, Policy, PolicyEffect
from reconciler.model.risk import RiskLevel
from reconciler.plan.derive import action_of, derived
from reconciler.plan.policy import evaluated, with_rules_of
from reconciler.plan.settings_changes import settings_changes
from reconciler.plan.since import Before
from reconciler.review.plan_document import PlanDocument
from reconciler.review.plan_file import SavedPlan, parse_plan
from reconciler.review.plan_json import checksum, fingerprint, plan_document
from reconciler.review.plan_text import plan_text
from reconciler.review.saved_text import provenance_text
from tests.builders import a_realm, an_organization, desired
from tests.fakes.world import World
from tests.scenarios.situations import names
from tests.scenarios.test_scenarios import plan

RULES: Final = (
    PlacedPolicy(
        Policy(
            name="two-people", when=Condition(risk=RiskLevel.MEDIUM), then=PolicyEffect.REQUIRE_APPROVAL, message="Ask."
        ),
        "reconciler.yaml:4",
    ),
    PlacedPolicy(
        Policy(
            name="labelled",
            when=Condition(action=(Action.DELETE, Action.CREATE)),
            then=PolicyEffect.REQUIRE_LABEL,
            requires={"ticket": "yes"},
            message="Name a ticket.",
        ),
        "reconciler.yaml:9",
    ),
)
SETTINGS: Final = (
    """\
environments: {a: {keycloak: {url: https://idp.example.com}}}
policies:
  - {name: gone, when: {action: update}, then: deny, message: No.}
  - {name: vip, when: {label: {team: vip}}, then: deny, message: No.}
""",
    "environments: {a: {keycloak: {url: https://idp.evil.com}, owner: x}, b: {}}",
)
MOST: Final = 40
"""Edits of one plan; a longer one is thinned out evenly."""


def saved(name: str) -> dict[str, Any]:
    return plan_document(evaluated(plan(name), RULES, "production"))


def read(document: dict[str, Any]) -> SavedPlan:
    """Read the plan as apply, approve and show do."""
    text = json.dumps(document | {"checksum": checksum(document)})
    found = parse_plan(text, "edited.plan")
    check_shown(found, "edited.plan")
    return found


def shown(found: SavedPlan) -> str:
    """Return what a person reads, but for the fingerprint, which nobody can judge by looking at it."""
    text = plan_text(found.plan) + provenance_text(found)
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("Fingerprint: "))


NO_WRITE: Final = {"unchanged", "partner_names"}
"""What is as desired, and what partners are called that no line names: no write goes by them, and no refusal, but for
how much is as desired."""
COUNTED: Final = ("unchanged",)
HELD_LIVE: Final = {"references"}
"""Ids, which apply holds against what is live under the name, as it does with each precondition."""


def edits(whole: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield, for every place of a JSON document, what else could stand there."""
    return ((place, value) for place, is_, value in _edits(whole, ()) if is_ != value)


def _edits(whole: Any, place: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    match whole:
        case dict():
            for key, inner in whole.items():
                yield from _edits(inner, (*place, key))
                yield place, whole, {other: value for other, value in whole.items() if other != key}
            yield place, whole, {**whole, "surprise": "true"}
        case list():
            for index, inner in enumerate(whole):
                yield from _edits(inner, (*place, index))
                yield place, whole, [*whole[:index], *whole[index + 1 :]]
                yield place, whole, [*whole, inner]
            if len(whole) > 1:
                yield place, whole, whole[::-1]
            yield place, whole, [*whole, "surprise"]
        case bool():
            yield place, whole, not whole
        case int() | float():
            yield place, whole, whole + 1
        case str():
            yield place, whole, f"{whole}x"
            yield place, whole, ""
        case None:
            yield place, whole, "surprise"


def with_edit(document: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    edited = copy.deepcopy(document)
    inner: Any = edited
    for key in place[:-1]:
        inner = inner[key]
    if not place:
        return dict(value)
    inner[place[-1]] = value
    return edited


def rehashed(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with a fingerprint that fits, as somebody who knows how it is made would write it."""
    return document | {"fingerprint": fingerprint(document), "checksum": ""}


def recomputed(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with all that follows from its changes, as somebody who has our source would make it."""
    found = PlanDocument.model_validate_json(json.dumps(rehashed(document))).plan()
    changes = [replace(change, action=action_of(change)) for change in found.changes]
    return plan_document(evaluated(replace(found, changes=derived(changes, found.realm)), (), ""))


def outcome(document: dict[str, Any], place: tuple[Any, ...], value: Any, known: SavedPlan) -> str:
    """Return what is wrong with how one edit is met; empty where it is refused, or seen."""
    edited = with_edit(document, place, value)
    return _met(rehashed(edited), place, value, known) or _met_recomputed(edited, place, value, known)


def _met_recomputed(edited: dict[str, Any], place: tuple[Any, ...], value: Any, known: SavedPlan) -> str:
    try:
        again = recomputed(edited)
    except (ValueError, TypeError, AttributeError):
        # No such plan can be made.
        return ""
    if again == plan_document(known.plan):
        return ""
    return _met(rehashed(again), place, value, known)


def _met(document: dict[str, Any], place: tuple[Any, ...], value: Any, known: SavedPlan) -> str:
    try:
        found = read(document)
    except WrongUsage:
        return ""
    if found.fingerprint == known.fingerprint:
        return f"{place} = {value!r}: the fingerprint is the same"
    preconditions = [[change.precondition for change in each.plan.changes] for each in (found, known)]
    if shown(found) != shown(known) or preconditions[0] != preconditions[1]:
        return ""
    if place != COUNTED and place[0] in NO_WRITE | HELD_LIVE:
        return ""
    return f"{place} = {value!r}: the text is the same"


@pytest.mark.parametrize("name", names())
def test_an_edited_plan_is_refused_or_seen(name: str) -> None:
    document = saved(name)
    known = read(document)
    every = [edit for edit in edits(document) if rehashed(with_edit(document, *edit)) != rehashed(document)]
    thinned = every[:: len(every) // MOST + 1]
    assert [wrong for place, value in thinned if (wrong := outcome(document, place, value, known))] == []


def test_an_edited_plan_since_a_base_is_refused_or_seen() -> None:
    """Edit what a plan says of settings that change, and of policies and labels of its base, and nothing else."""
    found = plan("this-change-is-told-apart-from-what-differed-before")
    assert found.base is not None
    before, after = (read_settings_file("reconciler.yaml", text) for text in SETTINGS)
    settings = settings_changes(before.settings, after.settings, after.source.at)
    known_base = replace(found.base, settings=settings)
    metadata = OrganizationMetadata(name="acme", labels={"team": "vip"})
    labelled = an_organization("acme").model_copy(update={"metadata": metadata})
    rules = Before(DesiredState(organizations=(labelled,)), known_base, policies=before.policies, environment="a")
    found = evaluated(with_rules_of(rules, replace(found, base=known_base), after.policies, "a"), after.policies, "a")
    assert [hit.policy for hit in found.policy_hits if hit.at_base]
    document = plan_document(found)
    known = read(document)

    every = [
        edit for edit in edits(document)
        if edit[0][:2] in {("base", "settings"), ("base", "labels")} or edit[0][:1] == ("policies",)
    ]  # fmt: skip
    assert len(every) > MOST
    thinned = every[:: len(every) // (3 * MOST) + 1]
    assert [wrong for place, value in thinned if (wrong := outcome(document, place, value, known))] == []


def test_steps_that_are_not_shown_are_refused() -> None:
    document = saved("an-organization-is-suspended")
    change = document["resource_changes"][0]
    change["steps"].append({"verb": "delete-organization", "body": {}})
    with pytest.raises(WrongUsage, match="was edited"):
        read(rehashed(document))


def test_a_policy_that_is_taken_out_of_a_plan_is_missed() -> None:
    document = saved("an-organization-is-removed-after-its-clients")
    assert document["policies"]
    with pytest.raises(WrongUsage, match="policies"):
        read(rehashed(document | {"policies": [], "applyable": True, "verdict": "changes"}))


def test_the_share_that_guards_allow_is_not_enlarged_unseen() -> None:
    """The share of what is deleted or disabled is one of all that is managed, which the plan itself says."""
    document = saved("a-protected-organization-is-not-deleted")
    known = read(document)
    assert document["unchanged"]
    for more in (document["unchanged"][-1:], document["resource_changes"][:1]):
        named = [{key: each[key] for key in document["unchanged"][0]} for each in more]
        with pytest.raises(WrongUsage, match="stands there twice"):
            read(rehashed(document | {"unchanged": [*document["unchanged"], *named]}))
    fewer = read(rehashed(document | {"unchanged": []}))
    assert shown(fewer) != shown(known)


Fields = dict[str, Any]


def without_entry(after: Fields, path: str) -> Fields:
    return {"reconciler/applied": [e for e in after["reconciler/applied"] if not e.startswith(f"{path}=")]}


WORDS: Final[dict[str, tuple[str, Any]]] = {
    "a-public-client": ("client", lambda after: {"keycloak.publicClient": True}),
    "every-scope": ("client", lambda after: {"keycloak.fullScopeAllowed": True}),
    "passwords": ("client", lambda after: {"keycloak.directAccessGrantsEnabled": True}),
    "a-browser": ("client", lambda after: {"keycloak.standardFlowEnabled": True}),
    "another-key-for-a-rule": (
        "client",
        lambda after: {
            "keycloak.clientAuthenticatorType": "client-jwt",
            "keycloak.attributes.jwks.url": "https://evil.example.com/keys",
            "keycloak.notBefore": None,
        },
    ),
    "a-redirect": ("client", lambda after: {"keycloak.redirectUris": ["https://evil.example.com/*"]}),
    "more-scopes": (
        "client",
        lambda after: {"keycloak.defaultClientScopes": [*after["keycloak.defaultClientScopes"], "roles"]},
    ),
    "another-organization": ("client", lambda after: {"serviceAccount.organizations": ["other"]}),
    "another-owner": ("organization", lambda after: {"reconciler/owner": "other"}),
    "another-owner-of-a-client": ("client", lambda after: {"reconciler/owner": "other"}),
    "an-unknown-field": ("client", lambda after: {"directGrants": "x"}),
    "no-fingerprint-of-the-rules": ("client", lambda after: without_entry(after, "rules")),
    "no-fingerprint-of-the-address": ("client", lambda after: without_entry(after, "address")),
}
"""What is folded away in the text of a plan: the kind, and what is wanted instead of the reconciler's own rules."""


@pytest.mark.parametrize("name", ["everything-is-created", "what-carries-no-mark-is-adopted"])
@pytest.mark.parametrize("word", WORDS)
def test_no_plan_wants_something_else_than_the_rules(name: str, word: str) -> None:
    document = saved(name)
    kind, others = WORDS[word]
    changes = [each for each in document["resource_changes"] if each["type"] == kind]
    assert changes
    for each in changes:
        after = each["change"]["after"]
        edited = {path: value for path, value in (after | others(after)).items() if value is not None}
        each["change"]["after"] = dict(sorted(edited.items()))
    with pytest.raises(WrongUsage, match="was edited"):
        read(rehashed(recomputed(document)))


def test_that_a_field_is_not_marked_as_applied_is_refused_or_seen() -> None:
    for name, is_adopted in (("everything-is-created", False), ("what-carries-no-mark-is-adopted", True)):
        document = saved(name)
        (change,) = (each["change"] for each in document["resource_changes"] if each["type"] == "organization")
        change["after"] |= without_entry(change["after"], "displayName")
        if is_adopted:
            assert "left unchanged: displayName" in shown(read(rehashed(recomputed(document))))
            continue
        with pytest.raises(WrongUsage, match="reconciler/applied of displayName"):
            read(rehashed(recomputed(document)))


@pytest.mark.anyio
async def test_that_deletion_is_not_forbidden_any_more_is_seen() -> None:
    organization = an_organization("acme").model_copy(update={"lifecycle": Lifecycle(prevent_destroy=True)})
    document = plan_document(await World().plan(desired(organization, realm=a_realm())))
    assert "lifecycle.preventDestroy is set" in shown(read(document))
    for each in document["resource_changes"]:
        each["change"]["after"] |= without_entry(each["change"]["after"], "lifecycle.preventDestroy")
    assert "lifecycle.preventDestroy" not in shown(read(rehashed(recomputed(document))))
