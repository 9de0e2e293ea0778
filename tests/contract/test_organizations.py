"""Organizations and their members."""

from typing import Any

import pytest

from reconciler.model.errors import Conflict, NotFound, RequestFailed
from reconciler.ports import AdminApi
from tests import broker
from tests.contract.hands import Hands

pytestmark = pytest.mark.anyio

CAR = "\N{AUTOMOBILE}"
"""A character of two UTF-16 code units, in which H2 counts."""
INVITED = "invit"
ACME: dict[str, Any] = {"name": "Acme", "alias": "acme", "enabled": True, "attributes": {"k": ["b", "a"]}}
SHARED: dict[str, Any] = {**ACME, "domains": [{"name": "example.com", "verified": True}]}


async def test_a_created_organization_reads_back_as_it_was_sent(keycloak: AdminApi) -> None:
    organization_id = await keycloak.create_organization({**ACME, "description": "Cars"})
    expected = {**ACME, "id": organization_id, "description": "Cars"}
    assert await keycloak.organization(organization_id) == expected
    assert await keycloak.find_organization("acme") == expected
    assert await keycloak.organizations() == (expected,)


async def test_an_alias_that_nobody_has_finds_nothing(keycloak: AdminApi) -> None:
    assert await keycloak.find_organization("acme") is None


async def test_an_unknown_organization_is_not_found(keycloak: AdminApi) -> None:
    for call in (keycloak.organization, keycloak.delete_organization, keycloak.members):
        with pytest.raises(NotFound):
            await call("nope")
    with pytest.raises(NotFound):
        await keycloak.update_organization("nope", ACME)


async def test_order_and_duplicates_of_attribute_values_are_kept(keycloak: AdminApi) -> None:
    organization_id = await keycloak.create_organization({**ACME, "attributes": {"k": ["b", "a", "b"]}})
    assert (await keycloak.organization(organization_id))["attributes"] == {"k": ["b", "a", "b"]}


async def test_an_attribute_without_values_is_not_kept(keycloak: AdminApi) -> None:
    organization_id = await keycloak.create_organization({**ACME, "attributes": {"k": []}})
    assert (await keycloak.organization(organization_id))["attributes"] == {}


@pytest.mark.parametrize("taken", [{"name": "Acme", "alias": "other"}, {"name": "Other", "alias": "acme"}])
async def test_alias_and_name_are_unique(keycloak: AdminApi, taken: dict[str, Any]) -> None:
    await keycloak.create_organization(ACME)
    with pytest.raises(Conflict):
        await keycloak.create_organization(taken)


@pytest.mark.parametrize("wrong", [{"name": "A b", "alias": "a b"}, {"alias": "acme"}])
async def test_an_alias_with_a_space_and_a_missing_name_are_refused(keycloak: AdminApi, wrong: dict[str, Any]) -> None:
    with pytest.raises(RequestFailed) as error:
        await keycloak.create_organization(wrong)
    assert error.value.status == 400


async def test_alias_and_name_are_told_apart_by_case(keycloak: AdminApi) -> None:
    await keycloak.create_organization(ACME)
    await keycloak.create_organization({**ACME, "name": "ACME", "alias": "ACME"})
    assert {each["alias"] for each in await keycloak.organizations()} == {"acme", "ACME"}


async def test_a_name_is_free_as_soon_as_its_organization_has_another(keycloak: AdminApi) -> None:
    first = await keycloak.create_organization(ACME)
    second = await keycloak.create_organization({**ACME, "name": "Other", "alias": "other"})
    with pytest.raises(Conflict):
        await keycloak.update_organization(second, {**ACME, "alias": "other"})
    await keycloak.update_organization(first, {**ACME, "name": "acme (placeholder)"})
    await keycloak.update_organization(second, {**ACME, "alias": "other"})
    await keycloak.update_organization(first, {**ACME, "name": "Other"})
    names = {each["alias"]: each["name"] for each in await keycloak.organizations()}
    assert names == {"acme": "Other", "other": "Acme"}


@pytest.mark.parametrize(
    "long",
    [
        {"name": "n" * 256},
        {"name": CAR * 128},
        {"attributes": {"k": ["v" * 256]}},
        {"attributes": {"k": [CAR * 128]}},
        {"description": CAR * 2001},
    ],
)
async def test_what_is_too_long_breaks_the_server(keycloak: AdminApi, long: dict[str, Any]) -> None:
    with pytest.raises(RequestFailed) as error:
        await keycloak.create_organization({**ACME, **long})
    assert error.value.status == 500


async def test_what_is_just_short_enough_is_kept(keycloak: AdminApi) -> None:
    organization = {
        **ACME,
        "name": "n" * 255,
        "description": CAR * 2000,
        "attributes": {"k": ["v" * 255]},
    }
    organization_id = await keycloak.create_organization(organization)
    assert await keycloak.organization(organization_id) == {**organization, "id": organization_id}


async def test_an_update_forgets_what_it_leaves_out_but_for_the_attributes(keycloak: AdminApi) -> None:
    whole = {
        **ACME,
        "enabled": False,
        "description": "Cars",
        "redirectUrl": "https://acme.example/",
        "domains": [{"name": "acme.example", "verified": True}],
    }
    organization_id = await keycloak.create_organization(whole)
    before = await keycloak.organization(organization_id)
    await keycloak.update_organization(organization_id, {"name": "Acme", "alias": "acme"})
    assert before == {**whole, "id": organization_id}
    assert await keycloak.organization(organization_id) == {**ACME, "id": organization_id}


@pytest.mark.parametrize("attributes", [{}, {"new": ["1"]}])
async def test_an_update_replaces_the_attributes_whole(keycloak: AdminApi, attributes: dict[str, Any]) -> None:
    organization_id = await keycloak.create_organization(ACME)
    await keycloak.update_organization(organization_id, {**ACME, "attributes": attributes})
    assert (await keycloak.organization(organization_id))["attributes"] == attributes


@pytest.mark.parametrize("alias", ["other", None])
async def test_the_alias_never_changes(keycloak: AdminApi, alias: str | None) -> None:
    organization_id = await keycloak.create_organization(ACME)
    with pytest.raises(RequestFailed) as error:
        await keycloak.update_organization(organization_id, {**ACME, "alias": alias})
    assert error.value.status == 400


async def test_an_update_cannot_take_the_name_of_another(keycloak: AdminApi) -> None:
    await keycloak.create_organization({"name": "Other", "alias": "other"})
    organization_id = await keycloak.create_organization(ACME)
    with pytest.raises(Conflict):
        await keycloak.update_organization(organization_id, {**ACME, "name": "Other"})


async def test_an_update_with_a_value_that_is_too_long_changes_nothing(keycloak: AdminApi) -> None:
    organization_id = await keycloak.create_organization(ACME)
    with pytest.raises(RequestFailed) as error:
        await keycloak.update_organization(organization_id, {**ACME, "attributes": {"k": ["v" * 256]}})
    assert error.value.status == 500
    assert await keycloak.organization(organization_id) == {**ACME, "id": organization_id}


async def test_while_organizations_are_off_there_are_none(keycloak: AdminApi) -> None:
    organization_id = await keycloak.create_organization(ACME)
    await keycloak.update_realm({"organizationsEnabled": False})
    for call in (keycloak.organization, keycloak.delete_organization, keycloak.members, keycloak.organizations_of):
        with pytest.raises(NotFound):
            await call(organization_id)
    with pytest.raises(NotFound):
        await keycloak.organizations()
    with pytest.raises(NotFound):
        await keycloak.create_organization(ACME)
    await keycloak.update_realm({"organizationsEnabled": True})
    assert [each["alias"] for each in await keycloak.organizations()] == ["acme"]


async def test_members_are_whole_users(keycloak: AdminApi, hands: Hands) -> None:
    organization_id, user_id = await keycloak.create_organization(ACME), hands.add_user("hugo")
    await keycloak.add_member(organization_id, user_id)
    (member,) = await keycloak.members(organization_id)
    assert {key: value for key, value in member.items() if key != "createdTimestamp"} == {
        "id": user_id,
        "username": "hugo",
        "emailVerified": False,
        "enabled": True,
        "totp": False,
        "disableableCredentialTypes": [],
        "requiredActions": [],
        "notBefore": 0,
        "membershipType": "UNMANAGED",
    }


async def test_a_member_cannot_join_twice(keycloak: AdminApi, hands: Hands) -> None:
    organization_id, user_id = await keycloak.create_organization(ACME), hands.add_user("hugo")
    await keycloak.add_member(organization_id, user_id)
    with pytest.raises(Conflict):
        await keycloak.add_member(organization_id, user_id)


async def test_a_user_may_be_a_member_of_several(keycloak: AdminApi, hands: Hands) -> None:
    user_id = hands.add_user("hugo")
    none = await keycloak.organizations_of(user_id)
    for name in ("Zeta", "Acme"):
        await keycloak.add_member(await keycloak.create_organization({"name": name, "alias": name.lower()}), user_id)
    assert (none, await keycloak.organizations_of(user_id)) == ((), ("acme", "zeta"))


async def test_a_membership_can_be_ended_once(keycloak: AdminApi, hands: Hands) -> None:
    organization_id, user_id = await keycloak.create_organization(ACME), hands.add_user("hugo")
    await keycloak.add_member(organization_id, user_id)
    await keycloak.remove_member(organization_id, user_id)
    with pytest.raises(NotFound):
        await keycloak.remove_member(organization_id, user_id)
    assert await keycloak.members(organization_id) == ()


async def test_unknown_users_and_organizations_have_no_membership(keycloak: AdminApi, hands: Hands) -> None:
    organization_id, user_id = await keycloak.create_organization(ACME), hands.add_user("hugo")
    for organization, user in ((organization_id, "nope"), ("nope", user_id)):
        with pytest.raises(NotFound):
            await keycloak.add_member(organization, user)
        with pytest.raises(NotFound):
            await keycloak.remove_member(organization, user)
    with pytest.raises(NotFound):
        await keycloak.organizations_of("nope")


async def test_an_identity_provider_is_linked_to_an_organization_and_can_be_unlinked(
    keycloak: AdminApi, hands: Hands
) -> None:
    organization_id = await keycloak.create_organization(ACME)
    hands.link_identity_provider("corporate", "acme")
    linked = [(each["alias"], each.get("organizationId")) for each in await keycloak.identity_providers()]
    await keycloak.unlink_identity_provider(organization_id, "corporate")
    left = [(each["alias"], each.get("organizationId")) for each in await keycloak.identity_providers()]
    with pytest.raises(NotFound):
        await keycloak.unlink_identity_provider(organization_id, "corporate")
    assert (linked, left) == ([("corporate", organization_id)], [("corporate", None)])


async def test_an_identity_provider_that_is_unlinked_forgets_its_domain(keycloak: AdminApi, hands: Hands) -> None:
    organization_id = await keycloak.create_organization(SHARED)
    hands.add_managed_member("acme", "jane")
    assert await domains(keycloak) == ["example.com"]
    await keycloak.unlink_identity_provider(organization_id, broker.ALIAS)
    assert await domains(keycloak) == [None]


async def test_an_identity_provider_forgets_the_domain_that_its_organization_loses(
    keycloak: AdminApi, hands: Hands
) -> None:
    organization_id = await keycloak.create_organization(SHARED)
    hands.add_managed_member("acme", "jane")
    await keycloak.update_organization(organization_id, ACME)
    await keycloak.update_organization(organization_id, SHARED)
    assert await domains(keycloak) == [None]


async def domains(keycloak: AdminApi) -> list[str | None]:
    return [provider["config"].get("kc.org.domain") for provider in await keycloak.identity_providers()]


# Managed members.


async def test_a_managed_members_account_ends_with_the_membership(keycloak: AdminApi, hands: Hands) -> None:
    organization_id, hugo = await keycloak.create_organization(SHARED), hands.add_user("hugo")
    await keycloak.add_member(organization_id, hugo)
    jane = hands.add_managed_member("acme", "jane")
    assert await types(keycloak, organization_id) == {"hugo": "UNMANAGED", "jane": "MANAGED"}
    # Without its identity provider, the member stays a managed one.
    await keycloak.unlink_identity_provider(organization_id, broker.ALIAS)
    assert await types(keycloak, organization_id) == {"hugo": "UNMANAGED", "jane": "MANAGED"}
    for user_id in (hugo, jane):
        await keycloak.remove_member(organization_id, user_id)
    assert await keycloak.roles_of(hugo) != ()
    with pytest.raises(NotFound):
        await keycloak.roles_of(jane)


async def test_a_managed_members_account_ends_with_the_organization(keycloak: AdminApi, hands: Hands) -> None:
    organization_id, hugo = await keycloak.create_organization(SHARED), hands.add_user("hugo")
    await keycloak.add_member(organization_id, hugo)
    jane = hands.add_managed_member("acme", "jane")
    await keycloak.delete_organization(organization_id)
    assert await keycloak.roles_of(hugo) != ()
    with pytest.raises(NotFound):
        await keycloak.roles_of(jane)
    (provider,) = await keycloak.identity_providers()
    assert (provider.get("organizationId"), provider["config"].get("kc.org.domain")) == (None, None)


async def test_a_disabled_organization_locks_out_its_managed_members_and_deletes_nobody(
    keycloak: AdminApi, hands: Hands
) -> None:
    organization_id, hugo = await keycloak.create_organization(SHARED), hands.add_user("hugo")
    await keycloak.add_member(organization_id, hugo)
    hands.add_managed_member("acme", "jane")
    for enabled in (False, True):
        await keycloak.update_organization(organization_id, {**SHARED, "enabled": enabled})
        found = {each["username"]: each["enabled"] for each in await keycloak.members(organization_id)}
        assert found == {"hugo": True, "jane": enabled}
        assert [provider["enabled"] for provider in await keycloak.identity_providers()] == [enabled]


async def types(keycloak: AdminApi, organization_id: str) -> dict[str, str]:
    return {each["username"]: each["membershipType"] for each in await keycloak.members(organization_id)}


# Invitations.


async def test_an_invitation_is_listed_recorded_and_can_be_taken_back_once(keycloak: AdminApi, hands: Hands) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True})
    organization_id = await keycloak.create_organization(ACME)
    assert await keycloak.invitations(organization_id) == ()
    hands.invite("acme", "ines@example.net")
    (invitation,) = await keycloak.invitations(organization_id)
    assert invitation["email"] == "ines@example.net"
    events = await keycloak.events(path=f"organizations/{organization_id}/*{INVITED}*", limit=10)
    assert [event.resource for event in events] == ["ORGANIZATION_MEMBERSHIP"]
    await keycloak.delete_invitation(organization_id, invitation["id"])
    assert await keycloak.invitations(organization_id) == ()
    with pytest.raises(NotFound):
        await keycloak.delete_invitation(organization_id, invitation["id"])


async def test_an_organization_that_is_gone_has_no_invitations(keycloak: AdminApi) -> None:
    assert await keycloak.invitations("00000000-0000-4000-8000-000000000000") == ()


# Groups of an organization's own.


async def test_members_of_groups_of_an_organization_leave_with_their_membership(
    keycloak: AdminApi, hands: Hands
) -> None:
    organization_id, hugo = await keycloak.create_organization(ACME), hands.add_user("hugo")
    await keycloak.add_member(organization_id, hugo)
    team = hands.add_organization_group("acme", "team")
    leads = hands.add_organization_group("acme", "team/leads")
    hands.join_organization_group("acme", leads, "hugo")
    (below,) = await keycloak.organization_subgroups(organization_id, team)
    assert (below["id"], below["path"]) == (leads, "/team/leads")
    assert await keycloak.organization_group_members(organization_id, team) == ()
    (member,) = await keycloak.organization_group_members(organization_id, leads)
    assert (member["id"], member["username"]) == (hugo, "hugo")
    await keycloak.remove_member(organization_id, hugo)
    assert await keycloak.organization_group_members(organization_id, leads) == ()


async def test_a_member_can_leave_a_group_of_the_organization(keycloak: AdminApi, hands: Hands) -> None:
    organization_id, hugo = await keycloak.create_organization(ACME), hands.add_user("hugo")
    await keycloak.add_member(organization_id, hugo)
    team = hands.add_organization_group("acme", "team")
    hands.join_organization_group("acme", team, "hugo")
    await keycloak.leave_organization_group(organization_id, team, hugo)
    assert await keycloak.organization_group_members(organization_id, team) == ()


async def test_groups_below_a_group_that_is_deleted_are_gone(keycloak: AdminApi, hands: Hands) -> None:
    organization_id = await keycloak.create_organization(ACME)
    team = hands.add_organization_group("acme", "team")
    leads = hands.add_organization_group("acme", "team/leads")
    await keycloak.delete_organization_group(organization_id, team)
    with pytest.raises(NotFound):
        await keycloak.organization_group_members(organization_id, leads)


async def test_a_group_of_an_organization_is_listed_and_can_be_deleted_once(keycloak: AdminApi, hands: Hands) -> None:
    organization_id = await keycloak.create_organization({"name": "Acme", "alias": "acme"})
    assert await keycloak.organization_groups(organization_id) == ()
    hands.add_organization_group("acme", "admins")
    (group,) = await keycloak.organization_groups(organization_id)
    assert group["name"] == "admins"
    await keycloak.delete_organization_group(organization_id, group["id"])
    assert await keycloak.organization_groups(organization_id) == ()
    with pytest.raises(NotFound):
        await keycloak.delete_organization_group(organization_id, group["id"])


async def test_an_organization_that_is_gone_has_no_groups(keycloak: AdminApi) -> None:
    assert await keycloak.organization_groups("00000000-0000-4000-8000-000000000000") == ()


async def test_groups_of_an_organization_are_none_of_the_realm(keycloak: AdminApi, hands: Hands) -> None:
    await keycloak.create_organization({"name": "Acme", "alias": "acme"})
    hands.add_organization_group("acme", "admins")
    assert await keycloak.groups() == ()


async def test_an_organization_cannot_be_created_with_groups(keycloak: AdminApi) -> None:
    organization_id = await keycloak.create_organization({"name": "Acme", "alias": "acme", "groups": [{"name": "a"}]})
    assert await keycloak.organization_groups(organization_id) == ()


# Linked identity providers.


async def test_an_identity_provider_is_linked_to_one_organization_at_most(keycloak: AdminApi, hands: Hands) -> None:
    acme = await keycloak.create_organization(ACME)
    beta = await keycloak.create_organization({"name": "Beta", "alias": "beta"})
    hands.add_identity_provider("corporate")
    await keycloak.link_identity_provider(acme, "corporate")
    with pytest.raises(Conflict):
        await keycloak.link_identity_provider(acme, "corporate")
    for organization_id, alias in ((beta, "corporate"), (beta, "missing")):
        with pytest.raises(RequestFailed):
            await keycloak.link_identity_provider(organization_id, alias)
    assert (await keycloak.identity_provider("corporate")).get("organizationId") == acme
    with pytest.raises(NotFound):
        await keycloak.identity_provider("missing")


async def test_settings_of_an_identity_provider_stay_when_it_is_linked_and_name_domains_of_its_organization(
    keycloak: AdminApi, hands: Hands
) -> None:
    acme = await keycloak.create_organization(SHARED)
    hands.add_identity_provider("corporate")
    wanted = {"kc.org.domain": "example.com", "kc.org.broker.redirect.mode.email-matches": "true"}
    await configure(keycloak, **wanted)
    await keycloak.link_identity_provider(acme, "corporate")
    assert await settings(keycloak) == wanted
    with pytest.raises(RequestFailed):
        await configure(keycloak, **{"kc.org.domain": "other.example"})
    await configure(keycloak, **{"kc.org.domain": "ANY"})
    assert await settings(keycloak) == {**wanted, "kc.org.domain": "ANY"}
    await keycloak.unlink_identity_provider(acme, "corporate")
    assert await settings(keycloak) == {"kc.org.broker.redirect.mode.email-matches": "true"}


async def test_an_identity_provider_stays_disabled_that_was_linked_to_a_disabled_organization(
    keycloak: AdminApi, hands: Hands
) -> None:
    organization_id = await keycloak.create_organization(ACME)
    for alias in ("kept", "unlinked", "linked-late"):
        hands.add_identity_provider(alias)
        if alias != "linked-late":
            await keycloak.link_identity_provider(organization_id, alias)
    await keycloak.update_organization(organization_id, {**ACME, "enabled": False})
    await keycloak.link_identity_provider(organization_id, "linked-late")
    await keycloak.unlink_identity_provider(organization_id, "unlinked")
    await keycloak.update_organization(organization_id, ACME)
    found = {each["alias"]: each["enabled"] for each in await keycloak.identity_providers()}
    assert found == {"kept": True, "unlinked": True, "linked-late": False}


async def test_what_concerns_the_link_of_an_identity_provider_leaves_no_admin_event_of_the_organization(
    keycloak: AdminApi, hands: Hands
) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    acme = await keycloak.create_organization(ACME)
    hands.add_identity_provider("corporate")
    await keycloak.link_identity_provider(acme, "corporate")
    await keycloak.unlink_identity_provider(acme, "corporate")
    listed = await keycloak.events(limit=0, path="organizations/*")
    assert [(event.operation, event.path) for event in listed] == [("CREATE", f"organizations/{acme}")]


async def test_an_identity_provider_is_created_once_as_it_is_sent(keycloak: AdminApi) -> None:
    sent = {"alias": "ci", "providerId": "oidc", "hideOnLogin": True, "config": {"issuer": "https://ci.example"}}
    await keycloak.create_identity_provider(sent)
    found = await keycloak.identity_provider("ci")
    assert (found["providerId"], found["enabled"]) == ("oidc", True)
    assert found["config"].items() >= {"issuer": "https://ci.example"}.items()
    with pytest.raises(Conflict):
        await keycloak.create_identity_provider(sent)


async def configure(keycloak: AdminApi, **settings: str) -> None:
    provider = await keycloak.identity_provider("corporate")
    config = {**(provider.get("config") or {}), **settings}
    await keycloak.update_identity_provider("corporate", {**provider, "config": config})


async def settings(keycloak: AdminApi) -> dict[str, str]:
    config = (await keycloak.identity_provider("corporate")).get("config") or {}
    return {key: value for key, value in config.items() if key.startswith("kc.org.")}
