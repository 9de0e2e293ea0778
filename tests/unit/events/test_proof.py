"""What the events prove of whom nobody touched; what they do not show, or nobody understands, proves nothing."""

import pytest

from reconciler.events.proof import NOTHING, Proof, proof_of, read_proof
from reconciler.model.attribution import AdminEvent
from reconciler.model.touch import Thing
from tests.fakes.world import World
from tests.unit.events.recorded import CREATED, an_event
from tests.unit.events.test_catalogue import CLIENTS, ORGANIZATIONS

TOUCHING = {
    Thing.CLIENT: {
        "AUTHORIZATION_RESOURCE_SERVER",
        "CLIENT_ROLE",
        "CLIENT_SCOPE_MAPPING",
        "REALM",
        "REALM_SCOPE_MAPPING",
    },
    Thing.ORGANIZATION: {"ORGANIZATION_GROUP", "REALM", "invitation"},
}


def created(content: object = CREATED, *, uuid: str = "c1", time: int = 100) -> AdminEvent:
    return an_event("CREATE", "CLIENT", f"clients/{uuid}", content, time=time)


def founded() -> AdminEvent:
    return an_event("CREATE", "ORGANIZATION", "organizations/o1", {"alias": "acme"})


def realm(time: int, path: str = "", **sent: object) -> AdminEvent:
    return an_event("UPDATE", "REALM", path, sent, time=time)


def is_whole(*events: AdminEvent, uuid: str = "c1") -> bool:
    return proof_of(events).proves_untouched(Thing.CLIENT, uuid)


def test_what_was_created_and_left_alone_is_proven() -> None:
    proof = proof_of([created(), founded()])
    assert proof.whole == {(Thing.CLIENT, "c1"), (Thing.ORGANIZATION, "o1")}
    assert not proof.proves_untouched(Thing.CLIENT, "o1")
    assert not proof.proves_untouched(Thing.ORGANIZATION, "c1")


def test_without_the_event_of_its_creation_nothing_is_proven() -> None:
    assert not is_whole()
    assert not is_whole(an_event("UPDATE", "CLIENT", "clients/c1", CREATED))
    assert not is_whole(an_event("CREATE", "CLIENT", "clients/c1/client-secret", CREATED))
    assert not is_whole(an_event("CREATE", "PROTOCOL_MAPPER", "clients/c1/protocol-mappers/models", CREATED))
    assert proof_of([an_event("CREATE", "USER", "users/c1", {})]).whole == frozenset()


@pytest.mark.parametrize(
    ("content", "proven"),
    [
        ({"clientId": "x"}, True),
        ({}, True),
        ({"authorizationServicesEnabled": False}, True),
        ({"authorizationServicesEnabled": None}, True),
        ({"authorizationServicesEnabled": True}, False),
        ({"authorizationServicesEnabled": "true"}, False),
        ({"description": '"authorizationServicesEnabled":true'}, True),
        (None, False),
        ([CREATED], False),
        ("cut", False),
    ],
)
def test_a_creation_must_say_that_it_made_nothing_unlisted(content: object, proven: bool) -> None:
    assert is_whole(created(content)) is proven


@pytest.mark.parametrize(("created_at", "proven"), [(99, False), (100, False), (101, True)])
def test_what_was_created_before_or_while_the_record_was_off_is_not_proven(created_at: int, proven: bool) -> None:
    off, older = realm(100, adminEventsEnabled=False), realm(50, adminEventsEnabled=False)
    for events in ([off, older], [older, off]):
        assert is_whole(created(time=created_at), *events) is proven


@pytest.mark.parametrize("path", ["", "events/config"])
@pytest.mark.parametrize(
    ("sent", "switches"),
    [
        ({"adminEventsEnabled": False}, True),
        ({"adminEventsDetailsEnabled": False}, True),
        ({"adminEventsEnabled": True, "adminEventsDetailsEnabled": False}, True),
        ({"adminEventsEnabled": True, "adminEventsDetailsEnabled": True}, False),
        ({"displayName": "Ours"}, False),
        ({}, False),
        (None, True),
        ([], True),
    ],
)
def test_a_write_of_the_realm_may_have_switched_the_record_off(path: str, sent: object, switches: bool) -> None:
    assert is_whole(created(), an_event("UPDATE", "REALM", path, sent, time=200)) is not switches


def test_what_else_is_recorded_of_the_realm_switches_nothing_off() -> None:
    assert is_whole(created(), an_event("ACTION", "REALM", "logout-all", time=200))


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE", "DELETE", "ACTION"])
@pytest.mark.parametrize(
    ("thing", "its", "rows"),
    [(Thing.CLIENT, "clients/c1", CLIENTS), (Thing.ORGANIZATION, "organizations/o1", ORGANIZATIONS)],
)
def test_each_type_of_event_about_what_is_unlisted_takes_the_proof_and_no_other_does(
    operation: str, thing: Thing, its: str, rows: list[tuple[str, str, object, str]]
) -> None:
    taken = set()
    for resource, below, *_ in rows:
        touch = an_event(operation, resource, f"{its}{below}", CREATED, time=200)
        of_another = an_event(operation, resource, f"{its}1{below}", CREATED, time=200)
        assert proof_of([of_another, created(), founded()]).proves_untouched(thing, its[-2:])
        if not proof_of([created(), founded(), touch]).proves_untouched(thing, its[-2:]):
            taken.add(resource if "invit" not in below else "invitation")
    assert taken == TOUCHING[thing]


@pytest.mark.parametrize("resource", ["SOMETHING_NEW", "CUSTOM", "USER"])
def test_an_event_that_nobody_understands_takes_every_proof(resource: str) -> None:
    assert proof_of([created(), an_event("CREATE", resource, "any/where"), founded()]) == NOTHING


def test_whose_roles_changed_and_who_was_imported_is_kept_apart() -> None:
    proof = proof_of(
        [
            created(),
            created(uuid="c2"),
            an_event("CREATE", "REALM_ROLE_MAPPING", "users/u1/role-mappings/realm"),
            an_event("DELETE", "CLIENT_ROLE_MAPPING", "users/u2/role-mappings/clients/c1"),
            an_event("UPDATE", "REALM", "users/u3"),
            an_event("UPDATE", "USER", "users/u4"),
            an_event("CREATE", "REALM_ROLE_MAPPING", "groups/u5/role-mappings/realm"),
        ]
    )
    users = ("u1", "u2", "u3", "u4", "u5")
    assert [proof.proves_default_role("c1", user) for user in users] == [False, False, False, True, True]
    assert [proof.proves_bare("c1", user) for user in users] == [True, True, False, True, True]
    assert not proof.proves_default_role("another", "u4")
    assert not proof.proves_bare("another", "u4")


def test_as_many_roles_are_doubtful_as_clients_are_not_proven_and_users_were_given_some() -> None:
    whole = frozenset((Thing.CLIENT, uuid) for uuid in ("c1", "c2", "c3"))
    clients = ("c1", "c2", "c3", "c4")
    assert Proof(whole).doubtful(clients) == 1
    assert Proof(whole, granted=frozenset({"u1"})).doubtful(clients) == 2
    assert Proof(whole, granted=frozenset(f"u{n}" for n in range(9))).doubtful(clients) == 4
    assert NOTHING.doubtful(clients) == 4
    assert NOTHING.doubtful(()) == 0


@pytest.mark.anyio
@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("details", [True, False])
async def test_the_record_is_asked_only_where_it_is_on_and_holds_details(enabled: bool, details: bool) -> None:
    world = World()
    await world.keycloak.create_realm({"realm": "r", "adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    uuid = await world.keycloak.create_client({"clientId": "c"})
    world.keycloak.traffic.forget()
    proof = await read_proof(world.keycloak, {"adminEventsEnabled": enabled, "adminEventsDetailsEnabled": details})
    assert proof.proves_untouched(Thing.CLIENT, uuid) is (enabled and details)
    assert (world.keycloak.traffic.total > 0) is (enabled and details)
