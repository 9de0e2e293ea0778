"""Which plans a person must say yes to."""

from dataclasses import replace

import pytest

from reconciler.model.address import Address
from reconciler.model.change import Action, Change
from reconciler.model.errors import ExitCode, GuardRefused
from reconciler.model.expectations import Guards
from reconciler.model.value import Fields
from reconciler.plan.guards import check_guards, needed_options
from tests.builders import ACME_CLIENT, a_change, a_plan

OTHERS = [Address.organization(f"org-{number}") for number in range(100)]


def suspensions(number: int) -> list[Change]:
    before, after = {"suspended": False}, {"suspended": True}
    return [a_change(address, before=before, after=after) for address in OTHERS[:number]]


def test_a_plan_that_deletes_nothing_passes() -> None:
    check_guards(a_plan(a_change(), a_change(ACME_CLIENT, Action.CREATE)), allow_delete=False, force=False)


def test_a_delete_needs_leave_and_the_message_names_object_and_flag() -> None:
    with pytest.raises(GuardRefused) as error:
        check_guards(a_plan(a_change(ACME_CLIENT, Action.DELETE)), allow_delete=False, force=False)
    assert "client/acme/api-client-acme" in error.value.message
    assert "--allow-delete" in error.value.remedy
    assert error.value.exit_code is ExitCode.REFUSED


@pytest.mark.parametrize(
    ("saved_as", "only_file", "destroys", "otherwise"),
    [
        ("", "", False, ", or --soft-delete to suspend and disable first; otherwise restore the manifests."),
        ("acme.plan", "", False, "; otherwise restore the manifests, and plan again."),
        ("acme.plan", "", True, "; otherwise narrow it by --target or --exclude, and plan again."),
        ("", "a.yaml", False, "; otherwise name the folder with all manifests, as only a.yaml was read."),
        ("", "", True, "; otherwise narrow it by --target or --exclude."),
    ],
)
def test_the_remedy_fits_how_it_was_called(saved_as: str, only_file: str, destroys: bool, otherwise: str) -> None:
    plan = replace(a_plan(a_change(ACME_CLIENT, Action.DELETE)), destroys=destroys)
    with pytest.raises(GuardRefused) as error:
        check_guards(plan, allow_delete=False, force=False, saved_as=saved_as, only_file=only_file)
    assert error.value.remedy.startswith("Add --allow-delete if that is intended")
    assert error.value.remedy.endswith(otherwise)


def test_a_delete_passes_with_leave() -> None:
    check_guards(a_plan(a_change(ACME_CLIENT, Action.DELETE)), allow_delete=True, force=False)


def test_a_delete_that_is_blocked_anyway_needs_no_leave() -> None:
    check_guards(a_plan(a_change(ACME_CLIENT, Action.DELETE, blocked="protected")), allow_delete=False, force=False)


def test_many_deletes_are_counted_and_only_some_are_named() -> None:
    deletes = [a_change(address, Action.DELETE) for address in OTHERS[:7]]
    with pytest.raises(GuardRefused, match=r"deletes 7 .*org-4, \.\.\.\)"):
        check_guards(a_plan(*deletes), allow_delete=False, force=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [({"suspended": False}, {"suspended": True}), ({"enabled": True}, {"enabled": False})],
)
def test_a_plan_that_disables_too_large_a_share_is_refused(before: Fields, after: Fields) -> None:
    changes = [a_change(address, before=before, after=after) for address in OTHERS[:4]]
    with pytest.raises(GuardRefused, match=r"4 of 10 resources, more than 30%") as error:
        check_guards(a_plan(*changes, unchanged=OTHERS[4:10]), allow_delete=True, force=False)
    assert "--force" in error.value.remedy


def test_deletes_count_into_the_share() -> None:
    deletes = [a_change(address, Action.DELETE) for address in OTHERS[:4]]
    with pytest.raises(GuardRefused, match="deletes or disables 4 of 10"):
        check_guards(a_plan(*deletes, unchanged=OTHERS[4:10]), allow_delete=True, force=False)


def test_a_share_of_exactly_thirty_per_cent_passes() -> None:
    check_guards(a_plan(*suspensions(3), unchanged=OTHERS[3:10]), allow_delete=False, force=False)


def test_of_fewer_than_ten_resources_any_share_passes() -> None:
    check_guards(a_plan(*suspensions(9)), allow_delete=False, force=False)


def test_force_lets_a_large_share_pass() -> None:
    check_guards(a_plan(*suspensions(50)), allow_delete=False, force=True)


def test_resources_that_are_created_are_no_part_of_the_whole() -> None:
    created = [a_change(address, Action.CREATE) for address in OTHERS[10:]]
    with pytest.raises(GuardRefused):
        check_guards(a_plan(*suspensions(10), *created), allow_delete=False, force=False)


def test_an_environment_may_be_stricter_or_more_patient() -> None:
    three_of_ten = a_plan(*suspensions(3), unchanged=OTHERS[3:10])
    with pytest.raises(GuardRefused, match="3 of 10 resources, more than 10%"):
        check_guards(three_of_ten, allow_delete=False, force=False, guards=Guards(max_share=0.1))
    six = a_plan(*suspensions(6))
    with pytest.raises(GuardRefused, match="6 of 6 resources, more than 30%"):
        check_guards(six, allow_delete=False, force=False, guards=Guards(min_resources=5))
    assert needed_options(six, Guards(min_resources=5)) == ("--force",)
    check_guards(a_plan(*suspensions(50)), allow_delete=False, force=False, guards=Guards(max_share=1))
