"""What the page shows, as plain values: the template only lays it out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.kinds.organization.fields import EFFECTIVE_PATHS
from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.consequence import Consequence
from reconciler.model.effect import Effect
from reconciler.model.finding import Finding
from reconciler.model.origin import Origin
from reconciler.model.plan import Plan
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.value import Value
from reconciler.review.asides import asides
from reconciler.review.labels import (
    SENTENCE,
    WHY,
    attribution_text,
    counted,
    value_text,
    whole_attribution_text,
)
from reconciler.review.overview import Group, groups, risk_items, set_difference, shown_fields
from reconciler.review.since_text import origin_of_field, origin_of_item, origin_text

_PARTNERS: Final = "authorizedPartners"
_SIGN: Final = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.ADOPT: "~",
    Action.DELETE: "-",
    Action.NO_OP: "",
}
NOTHING: Final = "nothing"
_OPEN: Final = 5
"""Parts of high risk that are unfolded from the start."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a cell; ``mark`` is + or - where it comes or goes, ``note`` steps back."""

    text: str
    mark: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One field in three places."""

    path: str
    desired: tuple[Item, ...]
    stored: tuple[Item, ...]
    effective: tuple[Item, ...]
    """Empty where nothing shows the effect of the field, or nobody was asked."""
    why: str
    who: str
    """Who changed it in Keycloak, where an event shows it."""
    risk: Risk
    place: str
    origin: str = ""
    """In words, where the resource does not say the same of all its fields."""


@dataclass(frozen=True, slots=True)
class Card:
    """One resource that changes."""

    address: str
    action: Action
    sign: str
    sentence: str
    is_drift: bool
    blocked: str
    meanwhile: str
    """What it is called while another one takes its name."""
    who: str
    risk: Risk
    consequences: tuple[Consequence, ...]
    rows: tuple[Row, ...]
    rules: str
    place: str
    origin: Origin | None
    """Whether it is of this change of the manifests; None where no base tells."""


@dataclass(frozen=True, slots=True)
class Part:
    """The realm, or one organization."""

    id: str
    kind: str
    name: str
    risk: Risk
    numbers: tuple[str, ...]
    cards: tuple[Card, ...]
    findings: tuple[Finding, ...]
    effects: tuple[Row, ...]
    """Fields that no change is planned for, and that are still not in force."""
    is_open: bool

    @property
    def words(self) -> str:
        """Return what a search looks in."""
        return " ".join([self.id, *(card.address for card in self.cards)]).casefold()


@dataclass(frozen=True, slots=True)
class Line:
    """One risk of the list at the top; ``part`` is the id of the part that it is in."""

    part: str
    address: str
    path: str
    risk: Risk
    why: str
    origin: str
    """In words; empty where no base tells."""


def lines(plan: Plan) -> tuple[Line, ...]:
    """Return the risks that a reviewer looks at first."""
    return tuple(
        Line(
            part=str(item.change.address.home),
            address=str(item.change.address),
            path=item.path,
            risk=item.risk,
            why=item.why,
            origin=origin_text(item.origin),
        )
        for item in risk_items(plan)
    )


def parts(plan: Plan) -> tuple[Part, ...]:
    """Return the parts of the page, what matters most first."""
    found = groups(plan)
    effects: dict[Address, list[Effect]] = {}
    for effect in plan.effects:
        effects.setdefault(Address.organization(effect.client.names[0]), []).append(effect)
    first = [group.home for group in found if group.risk.level is RiskLevel.HIGH][:_OPEN] or [
        group.home for group in found[:1]
    ]
    return tuple(_part(group, effects.get(group.home, []), plan, is_open=group.home in first) for group in found)


def _part(group: Group, effects: list[Effect], plan: Plan, *, is_open: bool) -> Part:
    changed = {field.path for change in group.changes if change.address == group.home for field in change.field_changes}
    return Part(
        id=str(group.home),
        kind=group.home.kind,
        name=group.home.name,
        risk=group.risk,
        numbers=tuple(_numbers(group)),
        cards=tuple(_card(change, effects, plan) for change in group.changes),
        findings=group.findings,
        effects=tuple(_effect_row(effect, plan) for effect in effects if effect.path not in changed),
        is_open=is_open,
    )


def _numbers(group: Group) -> Iterator[str]:
    for action in Action:
        if number := sum(change.action is action for change in group.changes):
            yield f"{number} to {action}"
    if group.findings:
        yield counted(len(group.findings), "finding")


def _card(change: Change, effects: list[Effect], plan: Plan) -> Card:
    fields, rules = shown_fields(change)
    return Card(
        address=str(change.address),
        action=change.action,
        sign=_SIGN[change.action],
        sentence=SENTENCE[change.action],
        is_drift=change.is_drift,
        blocked=change.blocked,
        meanwhile="; ".join(asides(change)),
        who=whole_attribution_text(change),
        risk=change.own_risk if change.own_risk.why else Risk(change.risk.level, "", ""),
        consequences=change.consequences,
        rows=tuple(_row(change, field, effects, plan) for field in fields),
        rules=f"{counted(rules, 'field')} by the reconciler's own rules" if rules else "",
        place=str(plan.places.get(change.address, {}).get("", "")),
        origin=change.origin,
    )


def _row(change: Change, field: FieldChange, effects: Iterable[Effect], plan: Plan) -> Row:
    shows = change.address.kind is Kind.ORGANIZATION and field.path in EFFECTIVE_PATHS
    answers = [effect for effect in effects if shows and effect.path == field.path]
    place = plan.places.get(change.address, {}).get(field.path)
    gone, new = _sides(field, plan)
    return Row(
        path=field.path,
        desired=new,
        stored=gone,
        effective=tuple(_effective(answers, field.before, plan)),
        why=WHY[field.reason],
        who=attribution_text(field.attribution) if field.attribution else "",
        risk=field.risk,
        place=str(place or ""),
        origin=origin_of_field(field, change),
    )


def _sides(field: FieldChange, plan: Plan) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Return what is in Keycloak, and what is desired; of sets only what differs, and how many are the same."""
    if not (isinstance(field.before, tuple) or isinstance(field.after, tuple)):
        return _value(field.before), _value(field.after)
    gone, new = set_difference(field.before, field.after)
    before = tuple(_item(item, field.path, plan, "-", origin_of_item(item, field)) for item in gone)
    after = tuple(_item(item, field.path, plan, "+", origin_of_item(item, field)) for item in new)
    same = len(field.before) - len(gone) if isinstance(field.before, tuple) else 0
    rest = (Item("", "", f"{same:,} unchanged"),) if same else ()
    return (before + rest) or (Item("", "", NOTHING),), (after + rest) or (Item("", "", NOTHING),)


def _item(value: Value, path: str, plan: Plan, mark: str = "", origin: str = "") -> Item:
    text = str(value) if isinstance(value, str) else value_text(value)
    name = plan.names.get(text, "") if path == _PARTNERS else ""
    return Item(name or text, mark, " · ".join(filter(None, (text if name else "", origin))))


def _value(value: Value) -> tuple[Item, ...]:
    if value is None:
        return (Item("", "", NOTHING),)
    return (Item(value if isinstance(value, str) else value_text(value)),)


def _effective(answers: list[Effect], stored: Value, plan: Plan) -> Iterator[Item]:
    """Yield what the platform answers, once where all clients get the same."""
    values = {value_text(effect.effective) for effect in answers}
    for effect in answers[:1] if len(values) == 1 else answers:
        who = "" if len(values) == 1 else effect.client.name
        if not isinstance(effect.effective, tuple) or effect.effective == stored:
            same = "as in Keycloak" if effect.effective == stored else ""
            text = "" if isinstance(effect.effective, tuple) else _value(effect.effective)[0].text
            yield Item(text or ("" if same else NOTHING), "", " · ".join(filter(None, (who, same))))
            continue
        gone, new = set_difference(stored, effect.effective)
        yield Item("", "", " · ".join(filter(None, (who, "as in Keycloak, but:"))))
        yield from (_item(item, effect.path, plan, "-") for item in gone)
        yield from (_item(item, effect.path, plan, "+") for item in new)


def _effect_row(effect: Effect, plan: Plan) -> Row:
    return Row(
        path=effect.path,
        desired=_whole(effect.desired, effect.path, plan),
        stored=_whole(effect.stored, effect.path, plan),
        effective=_whole(effect.effective, effect.path, plan),
        why=f"as {effect.client.name} sees it",
        who="",
        risk=Risk(RiskLevel.NONE, "", ""),
        place="",
    )


def _whole(value: Value, path: str, plan: Plan) -> tuple[Item, ...]:
    if isinstance(value, tuple):
        return tuple(_item(item, path, plan) for item in value) or (Item("", "", NOTHING),)
    return _value(value)
