"""What Keycloak does beyond what a change of a realm tells it; every rule was measured, see docs/side-effects.md.

Each follows from the change alone, so that whoever applies a saved plan comes to the same.
"""

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.realm import fields as realm
from reconciler.kinds.realm import token_scopes
from reconciler.kinds.risk_rules import high, low, medium
from reconciler.model.change import Change, Verb
from reconciler.model.risk import Consequence

_EVERYBODY_LOSES: Final = high("everybody-loses-roles", "Every user of the realm loses the role.")
_EVERYBODY_GETS: Final = medium("everybody-gets-roles", "Every user of the realm gets the role.")
_TOKENS: Final = high("others-tokens-change", "The tokens of every client with the client scope change.")
_POLICIES: Final = low(
    "policies-rewritten",
    "All client profiles and policies of the realm are written: a concurrent change to them is lost.",
)
_BACK: Final = low("organizations-back", "Every organization of the realm is active again, and its people can log in.")


def consequences(change: Change) -> Iterator[Consequence]:
    """Yield what happens beyond what the steps of the realm's change say."""
    if change.before is None:
        return
    if lost := change.named_by(Verb.REMOVE_DEFAULT_ROLE, "role"):
        yield Consequence(_EVERYBODY_LOSES, lost)
    if given := change.named_by(Verb.ADD_DEFAULT_ROLE, "role"):
        yield Consequence(_EVERYBODY_GETS, given)
    if scopes := tuple(sorted({name for step in change.steps if (name := token_scopes.scope_of_others(step))})):
        yield Consequence(_TOKENS, scopes)
    if any(step.verb is Verb.PUT_ROTATION_POLICY for step in change.steps):
        yield Consequence(_POLICIES)
    if not change.before.get(realm.ORGANIZATIONS_ENABLED) and (change.after or {}).get(realm.ORGANIZATIONS_ENABLED):
        yield Consequence(_BACK)
