"""Graphs: what depends on what, in the order of an apply."""

import re

import pytest

from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.review.graph import Graph, GraphFormat, graph_of_manifests, graph_of_plan, graph_text
from tests.builders import a_change, a_client, a_plan, a_realm, a_webhook, an_organization, desired

REALM, ACME, BETA = Address.realm("nt24-idp"), Address.organization("acme"), Address.organization("beta")
CLIENT, HOOK = Address.client("acme", "api-client-acme"), Address.webhook("acme", "compliance")
MANIFESTS = desired(
    an_organization("acme", clients=(a_client("api-client-acme"),), webhooks=(a_webhook("compliance"),)),
    an_organization("beta"),
    realm=a_realm("nt24-idp"),
)
ODD = "a\"b'c`d]e}f<script>g&h#i;j%%k\\l\nm_*n|o é--> end"
LABEL = r"(?:[A-Za-z0-9 /.:@()\-]|#\d+;)+"
MERMAID = re.compile(
    rf'flowchart LR\n(?:  n\d+\["{LABEL}"\](?::::\w+)?\n)+(?:  n\d+ --> n\d+\n)*'
    r"(?:  classDef \w+ fill:#\w{6},stroke:#\w{6},color:#\w{6}\n)*"
)


def odd() -> Graph:
    return Graph({Address.organization(ODD): Action.CREATE, Address.client(ODD, "x"): None}, ())


def test_arrows_lead_from_what_is_applied_first_to_what_needs_it() -> None:
    assert graph_of_manifests(MANIFESTS).arrows == (
        (REALM, ACME),
        (REALM, BETA),
        (ACME, CLIENT),
        (BETA, Address.client("beta", "api-client-beta")),
        (CLIENT, HOOK),
    )


def test_without_a_realm_organizations_need_nothing() -> None:
    graph = graph_of_manifests(desired(an_organization("acme")))

    assert graph.arrows == ((ACME, CLIENT),)
    assert set(graph.nodes.values()) == {None}


def test_what_a_plan_deletes_goes_before_what_it_needs() -> None:
    plan = a_plan(a_change(CLIENT, Action.DELETE), a_change(ACME, Action.DELETE), unchanged=(REALM,))

    assert graph_of_plan(plan).arrows == ((ACME, REALM), (CLIENT, ACME))


def test_a_target_brings_what_it_needs() -> None:
    graph = graph_of_manifests(MANIFESTS).around((ACME,))
    assert list(graph.nodes) == [REALM, ACME, CLIENT, HOOK]


def test_the_changes_bring_what_they_need() -> None:
    plan = a_plan(a_change(CLIENT, Action.UPDATE), unchanged=(REALM, ACME, BETA))

    assert graph_of_plan(plan).changes().nodes == {REALM: Action.NO_OP, ACME: Action.NO_OP, CLIENT: Action.UPDATE}


@pytest.mark.parametrize(
    "graph", [graph_of_manifests(MANIFESTS), odd(), Graph(dict.fromkeys([ACME], Action.NO_OP), ())]
)
def test_mermaid_is_nothing_but_the_grammar_that_we_mean(graph: Graph) -> None:
    assert MERMAID.fullmatch(graph_text(graph, GraphFormat.MERMAID))


def test_changes_are_said_in_words_and_colours() -> None:
    text = graph_text(graph_of_plan(a_plan(a_change(ACME, Action.CREATE))), GraphFormat.MERMAID)

    assert '["organization/acme: create"]:::create' in text
    assert "classDef create" in text
