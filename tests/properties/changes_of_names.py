"""Manifests before and after somebody renames, moves, swaps and removes, drawn by chance."""

from dataclasses import dataclass
from random import Random

from reconciler.model.manifest import Client, DesiredState, IntegrationOrganization
from tests.builders import a_client, a_realm, an_organization, desired

_ALIASES = ("alfa", "bravo", "carla", "delta")
_NAMES = ("North", "South", "East", "West", "Centre")
_CLIENTS = ("api-client-1", "api-client-2", "api-client-3", "api-client-4")


@dataclass(frozen=True)
class Case:
    """What was applied, and what shall be; ``soft`` is whether what goes is only suspended and disabled."""

    before: DesiredState
    after: DesiredState
    soft: bool


def a_case(random: Random) -> Case:
    """Draw a case; nearly each has something that is in the way of something else."""
    aliases = random.sample(_ALIASES, random.randint(1, 3))
    names = random.sample(_NAMES, len(aliases))
    homes = {each: random.choice(aliases) for each in random.sample(_CLIENTS, random.randint(1, 3))}
    before = _state(dict(zip(aliases, names, strict=True)), {each: (each, home) for each, home in homes.items()}, {})

    later = dict(zip(aliases, names, strict=True))
    later = _renamed(later, homes, random) if random.random() < 0.5 else later
    if random.random() < 0.6:
        later = dict(zip(later, random.sample(list(later.values()), len(later)), strict=True))
    if random.random() < 0.3:
        later[random.choice(list(later))] = random.choice([each for each in _NAMES if each not in later.values()])
    if len(later) > 1 and random.random() < 0.3:
        del later[random.choice(list(later))]
    kept = {each: home for each, home in homes.items() if random.random() < 0.85}
    for each, home in kept.items():
        if home not in later or random.random() < 0.4:
            kept[each] = random.choice(list(later))
    clients = {each: (f"{each}-new" if random.random() < 0.2 else each, home) for each, home in kept.items()}
    flags = {each: random.random() < 0.1 for each in (*later, *clients)}
    return Case(before, _state(later, clients, flags), soft=random.random() < 0.3)


def _renamed(names: dict[str, str], homes: dict[str, str], random: Random) -> dict[str, str]:
    """Give an organization another alias, which its clients follow."""
    old = random.choice(list(names))
    new = random.choice([each for each in _ALIASES if each not in names])
    for client, home in homes.items():
        homes[client] = new if home == old else home
    return {new if alias == old else alias: name for alias, name in names.items()}


def _state(names: dict[str, str], clients: dict[str, tuple[str, str]], off: dict[str, bool]) -> DesiredState:
    def of(alias: str) -> list[Client]:
        return [
            a_client(new, previous=(old,) if new != old else (), enabled=not off.get(old, False))
            for old, (new, home) in clients.items()
            if home == alias
        ]

    def organization(alias: str, name: str) -> IntegrationOrganization:
        return an_organization(alias, display_name=name, clients=of(alias), suspended=off.get(alias, False))

    return desired(*(organization(alias, name) for alias, name in names.items()), realm=a_realm())
