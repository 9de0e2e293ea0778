"""The order of changes, and what targets leave of them."""

from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.plan.order import in_order, restricted
from tests.builders import a_change

REALM = Address.realm("r")
ACME, BETA = Address.organization("acme"), Address.organization("beta")
ACME_CLIENT, BETA_CLIENT = Address.client("acme", "x"), Address.client("beta", "y")


def test_changes_go_in_the_order_of_creation_and_deletes_last_in_reverse() -> None:
    changes = [
        a_change(ACME, Action.DELETE),
        a_change(ACME_CLIENT, Action.DELETE),
        a_change(BETA_CLIENT, Action.CREATE),
        a_change(BETA, Action.CREATE),
        a_change(REALM),
    ]
    assert [change.address for change in in_order(changes)] == [REALM, BETA, BETA_CLIENT, ACME_CLIENT, ACME]


def test_a_change_depends_only_on_changes_of_the_same_plan() -> None:
    changes = [a_change(BETA, Action.CREATE), a_change(BETA_CLIENT, Action.CREATE, depends_on=(REALM, BETA))]
    assert [change.depends_on for change in in_order(changes)] == [(), (BETA,)]


def test_an_organization_is_deleted_after_its_clients_whatever_they_depended_on() -> None:
    changes = [
        a_change(ACME, Action.DELETE, depends_on=(REALM,)),
        a_change(ACME_CLIENT, Action.DELETE, depends_on=(REALM, ACME)),
        a_change(BETA_CLIENT, Action.DELETE),
    ]
    linked = {change.address: change.depends_on for change in in_order(changes)}
    assert linked == {ACME: (ACME_CLIENT,), ACME_CLIENT: (), BETA_CLIENT: ()}


def test_without_targets_everything_stays() -> None:
    changes = [a_change(ACME), a_change(BETA)]
    assert restricted(changes, ()) == tuple(changes)


def test_a_target_brings_what_it_contains_and_what_that_depends_on() -> None:
    changes = [
        a_change(REALM),
        a_change(ACME, depends_on=(REALM,)),
        a_change(BETA),
        a_change(ACME_CLIENT, depends_on=(ACME,)),
    ]
    assert [change.address for change in restricted(changes, (ACME_CLIENT,))] == [REALM, ACME, ACME_CLIENT]
    assert [change.address for change in restricted(changes, (BETA,))] == [BETA]
