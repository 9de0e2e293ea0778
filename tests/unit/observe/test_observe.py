"""What is read, how often, and how honest it is about what could not be read."""

import pytest

from reconciler.model.errors import AccessRefused, RequestFailed, Unreachable
from reconciler.model.manifest import AdminEvents, DesiredState
from reconciler.model.observed import Effective, ReadFailure
from tests.builders import ACME, a_client, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

ID = "api-client-acme"
ONE = desired(an_organization(), realm=a_realm())
MANY = desired(
    an_organization(clients=[a_client(f"api-client-acme-{number}") for number in range(4)]),
    an_organization("beta"),
    realm=a_realm(),
)
REFUSED = AccessRefused("403 Forbidden.", remedy="Give it the role.")


async def a_world(wanted: DesiredState = ONE) -> World:
    return await World().settled(wanted)


async def test_everything_is_read() -> None:
    world = await a_world()
    snapshot = await world.observe(ONE)
    client = snapshot.clients[ID]
    assert snapshot.realm is not None
    assert snapshot.members == {"acme": ("service-account-api-client-acme",)}
    assert (client.organizations, client.roles, client.has_default_role) == (("acme",), (), True)
    assert isinstance(snapshot.effective[ID], Effective)
    assert snapshot.read_failures == ()


async def test_without_a_platform_the_effect_is_not_asked_for() -> None:
    world = await World(effective=False).settled(ONE)
    assert (await world.observe(ONE)).effective == {}


async def test_clients_that_are_neither_declared_nor_marked_nor_named_like_ours_are_passed_over() -> None:
    world = await a_world()
    for client_id in ("some-portal", "api-client-zeta"):
        await world.keycloak.create_client({"clientId": client_id})
    assert set((await world.observe(ONE)).clients) == {ID, "api-client-zeta"}


async def test_a_client_that_nobody_declares_is_not_looked_at_closely() -> None:
    world = await a_world()
    uuid = await world.keycloak.create_client({"clientId": "api-client-zeta", "serviceAccountsEnabled": True})
    world.keycloak.by_hand.add_client_role("api-client-zeta", "own")
    world.keycloak.traffic.forget()
    snapshot = await world.observe(ONE)
    assert snapshot.clients["api-client-zeta"].id == uuid
    assert snapshot.clients["api-client-zeta"].own_roles == ()
    assert world.platform.asked[-1:] == [ID]


async def test_members_that_cannot_be_read_are_a_hole() -> None:
    world = await a_world()
    world.keycloak.traffic.fail(REFUSED, method="members")
    snapshot = await world.observe(ONE)
    failure = ReadFailure("members of organization/acme", "403 Forbidden.", "Give it the role.")
    assert snapshot.members["acme"] == failure
    assert snapshot.clients[ID].organizations == failure
    assert snapshot.read_failures == (failure,)


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("roles_of", "roles of"),
        ("client_roles", "roles and scope mappings of"),
        ("scope_mappings", "roles and scope mappings of"),
        ("groups", "groups of"),
    ],
)
async def test_what_cannot_be_read_of_a_client_is_a_hole_and_no_change(method: str, what: str) -> None:
    world = await a_world()
    world.keycloak.traffic.fail(REFUSED, method=method)
    plan = await world.plan(ONE)
    assert not plan.complete
    assert plan.read_failures[0].what.startswith(what)
    assert plan.changes == ()
    assert ID not in {address.name for address in plan.unchanged}


async def test_a_service_account_that_cannot_be_read_is_a_hole() -> None:
    world = await a_world()
    organization = await world.keycloak.find_organization("acme")
    assert organization is not None
    (member,) = await world.keycloak.members(organization["id"])
    await world.keycloak.remove_member(organization["id"], member["id"])
    world.keycloak.traffic.forget()
    world.keycloak.traffic.fail(REFUSED, method="service_account")
    assert isinstance((await world.observe(ONE)).clients[ID].service_account, ReadFailure)


@pytest.mark.parametrize("method", ["realm", "organizations", "clients"])
async def test_where_nothing_can_be_listed_there_is_no_plan(method: str) -> None:
    world = await a_world()
    world.keycloak.traffic.fail(Unreachable("down"), method=method)
    with pytest.raises(Unreachable):
        await world.plan(ONE)


async def test_a_platform_that_answers_nobody_is_unreachable() -> None:
    world = await a_world()
    world.platform.failure = Unreachable("down")
    with pytest.raises(Unreachable):
        await world.observe(ONE)


async def test_a_refusal_keeps_the_platforms_own_word() -> None:
    world = await a_world()
    world.platform.failure = RequestFailed("no", code="brand-new")
    failure = (await world.observe(ONE)).effective[ID]
    assert isinstance(failure, ReadFailure)
    assert failure.code == "brand-new"


async def test_a_disabled_client_is_not_asked_for_a_token() -> None:
    world = await a_world()
    await world.apply(desired(an_organization(clients=[a_client(enabled=False)]), realm=a_realm()))
    world.platform.asked.clear()
    failure = (await world.observe(ONE)).effective[ID]
    assert isinstance(failure, ReadFailure)
    assert (failure.code, world.platform.asked) == ("client-disabled", [])


async def test_a_target_is_read_closer_and_nothing_else() -> None:
    world = await a_world(MANY)
    world.platform.asked.clear()
    snapshot = await world.observe(MANY, ACME)
    assert set(snapshot.members) == {"acme"}
    assert sorted(world.platform.asked) == [f"api-client-acme-{number}" for number in range(4)]


async def test_a_target_sees_a_membership_in_an_organization_that_is_not_meant() -> None:
    world = await a_world(MANY)
    beta = await world.keycloak.find_organization("beta")
    client = await world.keycloak.find_client("api-client-acme-0")
    assert beta is not None
    assert client is not None
    user = await world.keycloak.service_account(client["id"])
    assert user is not None
    await world.keycloak.add_member(beta["id"], user["id"])
    assert (await world.observe(MANY, ACME)).clients["api-client-acme-0"].organizations == ("acme", "beta")


async def test_unlisted_things_are_not_read_where_admin_events_prove_that_nobody_touched_them() -> None:
    world = await a_world(MANY)
    await world.observe(MANY)
    assert "scope_mappings" not in world.keycloak.traffic.counts


async def test_unlisted_things_are_read_of_the_client_that_admin_events_name() -> None:
    world = await a_world(MANY)
    world.keycloak.by_hand.add_client_role("api-client-acme-2", "own")
    snapshot = await world.observe(MANY)
    assert world.keycloak.traffic.counts["scope_mappings"] == 1
    assert snapshot.clients["api-client-acme-2"].own_roles == ("own",)


async def test_an_own_role_that_came_by_a_partial_import_is_seen() -> None:
    world = await a_world(MANY)
    world.keycloak.by_hand.import_client_role("api-client-acme-2", "own")
    assert (await world.observe(MANY)).clients["api-client-acme-2"].own_roles == ("own",)


async def test_groups_of_an_organization_are_read_where_admin_events_name_it_and_nowhere_else() -> None:
    world = await a_world(MANY)
    world.keycloak.by_hand.add_organization_group("acme", "admins")
    world.keycloak.traffic.forget()
    snapshot = await world.observe(MANY)
    assert world.keycloak.traffic.counts["organization_groups"] == 1
    assert (snapshot.organizations["acme"].groups, snapshot.organizations["beta"].groups) == (("admins",), ())


async def test_without_admin_events_the_groups_of_every_organization_are_read() -> None:
    wanted = desired(*MANY.organizations, realm=a_realm(admin_events=AdminEvents(enabled=False)))
    world = await a_world(wanted)
    world.keycloak.by_hand.add_organization_group("acme", "admins")
    assert (await world.observe(wanted)).organizations["acme"].groups == ("admins",)


async def test_groups_of_an_organization_that_cannot_be_read_are_a_hole_and_no_change() -> None:
    world = await a_world()
    world.keycloak.traffic.fail(REFUSED, method="organization_groups")
    plan = await world.plan(ONE)
    assert [failure.what for failure in plan.read_failures] == ["groups and invitations of organization/acme"]
    assert plan.changes == ()
    assert ACME not in plan.unchanged


async def test_a_link_to_an_identity_provider_is_found_by_provider_or_by_user() -> None:
    world = await a_world()
    world.keycloak.by_hand.link_user("service-account-api-client-acme", "corporate")
    by_provider = (await world.observe(ONE)).clients[ID].links
    world.keycloak.by_hand.link_identity_provider("another", "acme")
    world.keycloak.traffic.forget()
    by_user = (await world.observe(ONE)).clients[ID].links
    assert by_provider == by_user == ("corporate",)
    assert world.keycloak.traffic.counts["linked_service_accounts"] == 0


async def test_links_that_cannot_be_read_are_a_hole() -> None:
    world = await a_world()
    world.keycloak.by_hand.link_identity_provider("corporate", "acme")
    world.keycloak.traffic.fail(REFUSED, method="linked_service_accounts")
    assert isinstance((await world.observe(ONE)).clients[ID].links, ReadFailure)


async def test_a_gap_in_the_admin_events_proves_nothing() -> None:
    world = await a_world(MANY)
    await world.keycloak.update_realm({"adminEventsEnabled": False})
    world.keycloak.by_hand.add_client_role("api-client-acme-2", "own")
    snapshot = await world.observe(MANY)
    assert snapshot.clients["api-client-acme-2"].own_roles == ("own",)


async def test_a_gap_that_was_made_by_the_resource_of_the_record_proves_nothing() -> None:
    world = await a_world(MANY)
    world.keycloak.by_hand.configure_events(adminEventsEnabled=False, adminEventsDetailsEnabled=True)
    world.keycloak.by_hand.add_client_role("api-client-acme-2", "own")
    world.keycloak.by_hand.configure_events(adminEventsEnabled=True, adminEventsDetailsEnabled=True)
    assert (await world.observe(MANY)).clients["api-client-acme-2"].own_roles == ("own",)


@pytest.mark.parametrize("told", [True, False])
async def test_an_event_of_a_type_that_is_not_understood_proves_nothing(told: bool) -> None:
    """Whether the server lists its types, or not: then all events are listed."""
    world = await a_world(MANY)
    store = world.keycloak.store
    store.event_types = (store.event_types or frozenset()) | {"SOMETHING_NEW"} if told else None
    await world.observe(MANY)
    assert "scope_mappings" not in world.keycloak.traffic.counts
    store.record("CREATE", "SOMETHING_NEW", "something/new")
    await world.observe(MANY)
    assert world.keycloak.traffic.counts["scope_mappings"] == 5


async def test_a_server_of_an_older_release_is_not_asked_for_types_that_it_does_not_know() -> None:
    world = await a_world(MANY)
    world.keycloak.store.event_types = (world.keycloak.store.event_types or frozenset()) - {"ORGANIZATION_GROUP"}
    world.keycloak.traffic.forget()
    await world.observe(MANY)
    assert "scope_mappings" not in world.keycloak.traffic.counts


async def test_admin_events_that_cannot_be_read_prove_nothing() -> None:
    world = await a_world(MANY)
    world.keycloak.by_hand.add_client_role("api-client-acme-2", "own")
    world.keycloak.traffic.fail(REFUSED, method="events", times=3)
    assert (await world.observe(MANY)).clients["api-client-acme-2"].own_roles == ("own",)


async def with_a_client_whose_roles_changed(wanted: DesiredState) -> World:
    """Give the service account of the eighth client a role, and take the default role from it."""
    world = await World(effective=False).settled(wanted)
    client = await world.keycloak.find_client("api-client-acme-7")
    assert client is not None
    user = await world.keycloak.service_account(client["id"])
    assert user is not None
    await world.keycloak.grant_role(user["id"], "realm-management/manage-users")
    await world.keycloak.revoke_role(user["id"], world.keycloak.store.default_role)
    world.keycloak.traffic.forget()
    return world


async def test_roles_are_read_of_the_service_account_that_admin_events_name_and_of_no_other() -> None:
    clients = [a_client(f"api-client-acme-{number}") for number in range(80)]
    wanted = desired(an_organization(clients=clients), realm=a_realm())
    world = await with_a_client_whose_roles_changed(wanted)
    snapshot = await world.observe(wanted)
    counts = world.keycloak.traffic.counts
    assert (counts["roles_of"], counts["role_holders"]) == (1, 0)
    tampered = snapshot.clients["api-client-acme-7"]
    assert (tampered.roles, tampered.has_default_role) == (("realm-management/manage-users",), False)
    assert snapshot.clients["api-client-acme-8"].has_default_role


async def test_of_many_clients_the_holders_of_each_role_are_read_where_no_admin_events_prove_their_roles() -> None:
    clients = [a_client(f"api-client-acme-{number}") for number in range(80)]
    wanted = desired(an_organization(clients=clients), realm=a_realm(admin_events=AdminEvents(enabled=False)))
    world = await with_a_client_whose_roles_changed(wanted)
    snapshot = await world.observe(wanted)
    assert world.keycloak.traffic.counts["roles_of"] == 0
    tampered = snapshot.clients["api-client-acme-7"]
    assert (tampered.roles, tampered.has_default_role) == (("realm-management/manage-users",), False)
    assert snapshot.clients["api-client-acme-8"].has_default_role


async def test_of_many_clients_that_were_given_roles_the_holders_of_each_role_are_read() -> None:
    clients = [a_client(f"api-client-acme-{number}", roles=("realm-management/view-users",)) for number in range(80)]
    wanted = desired(an_organization(clients=clients), realm=a_realm())
    world = await with_a_client_whose_roles_changed(wanted)
    snapshot = await world.observe(wanted)
    assert world.keycloak.traffic.counts["roles_of"] == 0
    tampered = snapshot.clients["api-client-acme-7"]
    assert tampered.roles == ("realm-management/manage-users", "realm-management/view-users")
    assert snapshot.clients["api-client-acme-8"].roles == ("realm-management/view-users",)


async def test_roles_that_authorization_services_bring_are_seen() -> None:
    world = await a_world(MANY)
    client = await world.keycloak.find_client("api-client-acme-2")
    assert client is not None
    await world.keycloak.update_client(client["id"], {"authorizationServicesEnabled": True})
    snapshot = await world.observe(MANY)
    assert snapshot.clients["api-client-acme-2"].roles == ("api-client-acme-2/uma_protection",)


async def test_a_service_account_that_a_partial_import_wrote_is_asked_for_its_roles() -> None:
    world = await a_world(MANY)
    world.keycloak.by_hand.import_account("api-client-acme-2", roles=("offline_access",))
    assert (await world.observe(MANY)).clients["api-client-acme-2"].roles == ("offline_access",)


async def test_credentials_are_not_asked_for_where_admin_events_prove_that_keycloak_made_the_account() -> None:
    world = await a_world(MANY)
    await world.observe(MANY)
    assert "credentials_of" not in world.keycloak.traffic.counts


async def test_credentials_are_read_of_the_account_that_was_imported_and_of_no_other() -> None:
    world = await a_world(MANY)
    world.keycloak.by_hand.import_account("api-client-acme-2", "password")
    snapshot = await world.observe(MANY)
    assert world.keycloak.traffic.counts["credentials_of"] == 1
    assert snapshot.clients["api-client-acme-2"].credentials == ("password",)


async def test_without_admin_events_the_credentials_of_every_account_are_read() -> None:
    wanted = desired(*MANY.organizations, realm=a_realm(admin_events=AdminEvents(enabled=False)))
    world = await a_world(wanted)
    world.keycloak.by_hand.import_account("api-client-acme-2", "password")
    assert (await world.observe(wanted)).clients["api-client-acme-2"].credentials == ("password",)
    assert world.keycloak.traffic.counts["credentials_of"] == 5


async def test_credentials_that_cannot_be_read_are_a_hole_and_no_change() -> None:
    world = await a_world()
    world.keycloak.traffic.fail(REFUSED, method="credentials_of")
    plan = await world.plan(ONE)
    assert plan.read_failures[0].what.startswith("credentials of")
    assert plan.changes == ()


async def test_an_impostor_is_never_taken_for_the_service_account() -> None:
    world = await a_world()
    organization = await world.keycloak.find_organization("acme")
    assert organization is not None
    await world.keycloak.add_member(organization["id"], world.keycloak.by_hand.put_impostor(ID))
    plan = await world.plan(ONE)
    assert [(f.code, f.address.name) for f in plan.findings] == [("service-account-impostor", ID)]
    assert {str(change.address): change.blocked for change in plan.changes} == {
        "organization/acme": "",
        f"client/acme/{ID}": "serviceAccount.enabled could not be read: "
        "Keycloak cannot make it: service-account-api-client-acme is another user",
    }
    await world.execute(plan)
    assert await world.keycloak.members(organization["id"]) == ()


async def test_whether_there_are_impostors_is_a_hole_where_users_cannot_be_listed() -> None:
    world = await a_world()
    world.keycloak.traffic.fail(REFUSED, method="impostors")
    assert [failure.what for failure in (await world.plan(ONE)).read_failures] == [
        "users that are named like service accounts"
    ]


async def test_which_members_are_service_accounts_is_asked_only_where_a_name_does_not_tell() -> None:
    world = await a_world()
    await world.keycloak.create_client({"clientId": "backend", "serviceAccountsEnabled": True})
    world.keycloak.traffic.forget()
    assert (await world.observe(ONE)).renamed == {}
    assert world.keycloak.traffic.counts["service_account"] == 0
    (organization,) = await world.keycloak.organizations()
    await world.keycloak.add_member(organization["id"], world.keycloak.by_hand.add_user("jane"))
    world.keycloak.traffic.forget()
    assert (await world.observe(ONE)).renamed == {}
    assert world.keycloak.traffic.counts["service_account"] == 1
    world.keycloak.traffic.fail(REFUSED, method="service_account")
    assert [failure.what for failure in (await world.plan(ONE)).read_failures] == ["which members are service accounts"]


async def test_what_new_users_must_do_is_asked_only_where_one_will_be_made() -> None:
    world = await a_world()
    await world.plan(ONE)
    assert world.keycloak.traffic.counts["default_actions"] == 0
    await world.plan(MANY)
    assert world.keycloak.traffic.counts["default_actions"] == 1


async def test_a_few_groups_are_read_by_group_and_many_by_user() -> None:
    world = await a_world()
    world.keycloak.by_hand.join_group("service-account-api-client-acme", world.keycloak.by_hand.add_group("admins"))
    by_group = (await world.observe(ONE)).clients[ID].groups
    for number in range(5):
        world.keycloak.by_hand.add_group(f"other-{number}")
    world.keycloak.traffic.forget()
    by_user = (await world.observe(ONE)).clients[ID].groups
    assert by_group == by_user == ("/admins",)
    assert world.keycloak.traffic.counts["group_members"] == 0
