"""What only the page shows of a plan: each field in three places, in cells that the template lays out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address
from reconciler.model.change import Action, FieldChange, Reason
from reconciler.model.plan import Effect
from reconciler.model.risk import NO_RISK, Risk, RiskLevel
from reconciler.model.text import counted
from reconciler.model.value import Value
from reconciler.review.change_view import ChangeView, FieldView, ItemView, field_view, item_view, items
from reconciler.review.group_view import NOT_IN_FORCE, BlockView, GroupView
from reconciler.review.grouping import grouped
from reconciler.review.labels import value_text
from reconciler.review.view import PlanView

NOTHING: Final = "nothing"
_OPEN: Final = 5
"""Parts of high risk that are unfolded from the start."""
_COUNTED: Final = (
    ({Action.CREATE}, "add"),
    ({Action.UPDATE, Action.ADOPT}, "change"),
    ({Action.DELETE}, "destroy"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a cell; ``mark`` is + or - where it comes or goes, ``note`` steps back."""

    text: str
    mark: str = ""
    note: str = ""


_NOTHING: Final = (Item(NOTHING),)
_ESCAPED: Final = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field in three places."""

    path: str
    desired: tuple[Item, ...]
    stored: tuple[Item, ...]
    effective: tuple[Item, ...]
    """Empty where nothing shows the effect of the field, or nobody was asked."""
    notes: tuple[str, ...]
    risk: Risk = NO_RISK
    place: str = ""


@dataclass(frozen=True, slots=True)
class PageSection:
    """The realm, or one organization: its changes with their rows."""

    group: GroupView
    numbers: tuple[str, ...]
    cards: tuple[tuple[ChangeView, tuple[FieldRow, ...]], ...]
    effects: tuple[FieldRow, ...]
    """Fields that Keycloak has as declared, and that a finding says are not in force."""
    is_open: bool
    id: str
    """By what a link finds it, where that is not its organization."""
    anchors: frozenset[Address]
    """Organizations that have no other part: a link finds them here."""

    @property
    def words(self) -> str:
        """Return what a search looks in."""
        found = self.group.shared or [each.address for each in self.group.changes]
        return " ".join(map(str, (self.group.home, *found))).casefold()

    def block(self, change: ChangeView) -> BlockView:
        """Return a change as it is titled."""
        return BlockView(change, self.group.alike)

    def who(self, change: ChangeView) -> tuple[str, ...]:
        """Return who did what to one of those that are alike."""
        return tuple(dict.fromkeys(filter(None, (change.who, *(field.by for field in change.fields)))))


def parts(view: PlanView) -> tuple[PageSection, ...]:
    """Return the parts of the page, what matters most first."""
    effects = grouped(view.plan.effects, lambda effect: effect.client.home)
    linked = {group.home for group in view.parts if not group.shared}
    first = [number for number, each in enumerate(view.parts) if each.risk.level is RiskLevel.HIGH][:_OPEN] or [0]
    found: list[PageSection] = []
    for number, group in enumerate(view.parts):
        anchors = frozenset(each.home for each in group.shared) - linked
        linked |= anchors
        seen = effects.get(group.home, [])
        found.append(
            PageSection(
                group=group,
                numbers=tuple(_numbers(group)),
                cards=tuple(
                    (change, tuple(_row(change, field, seen, view.plan.names) for field in change.fields))
                    for change in group.changes
                ),
                effects=tuple(_effect_row(each, view.plan.names) for each in _lagging(group, seen)),
                is_open=number in first,
                id=f"same-{number}" if group.shared else "",
                anchors=anchors,
            )
        )
    return tuple(found)


def _lagging(group: GroupView, effects: Iterable[Effect]) -> Iterator[Effect]:
    # What is merely pending has no finding, and what a manifest does not decide is not stored as it declares.
    known = {
        (found.address, found.finding.path.partition("[")[0])
        for found in group.findings
        if found.finding.status in NOT_IN_FORCE
    }
    for each in effects:
        if each.desired == each.stored and not known.isdisjoint({(each.client, each.path), (group.home, each.path)}):
            yield each


def _numbers(group: GroupView) -> Iterator[str]:
    for actions, word in _COUNTED:
        if number := sum(change.action in actions for change in group.alike or group.changes):
            yield f"{number} to {word}"
    if group.findings:
        yield counted(len(group.told or group.findings), "finding")


def _row(change: ChangeView, field: FieldView, effects: Iterable[Effect], names: Mapping[str, str]) -> FieldRow:
    shows = field.path in kind_of(change.address).fields.effective
    answers = [effect for effect in effects if shows and effect.path == field.path]
    if field.is_set:
        same = (Item("", "", f"{field.kept:,} unchanged"),) if field.kept else ()
        stored, desired = _items(field.gone, "-") + same, _items(field.new, "+") + same
    else:
        stored, desired = _value(field.before), _value(field.after)
    return FieldRow(
        path=field.name,
        desired=desired or _NOTHING,
        stored=stored or _NOTHING,
        effective=tuple(_effective(answers, names)),
        notes=(_happened(field), field.reason, field.by, field.origin_note),
        risk=field.risk,
        place=field.place,
    )


def _happened(field: FieldView) -> str:
    return f"What happened: {field.event}; {field.event_risk.level} risk: {field.event_risk.why}" if field.event else ""


def _items(found: Iterable[ItemView], mark: str = "") -> tuple[Item, ...]:
    return tuple(
        Item(item.text if item.uuid else _bare(item.text), mark, " · ".join(filter(None, (item.uuid, item.origin))))
        for item in found
    )


def _value(text: str) -> tuple[Item, ...]:
    return _NOTHING if text == "null" else (Item(_bare(text)),)


def _bare(text: str) -> str:
    """Return a value as a cell shows it: text needs no quotes there."""
    return _ESCAPED.sub(r"\1", text[1:-1]) if text.startswith('"') else text


def _effective(answers: list[Effect], names: Mapping[str, str]) -> Iterator[Item]:
    """Yield what the platform answers, once where all clients get the same."""
    is_one = len({value_text(effect.effective) for effect in answers}) == 1
    for effect in answers[:1] if is_one else answers:
        who = "" if is_one else effect.client.name
        seen = field_view(FieldChange(effect.path, effect.stored, effect.effective, Reason.NOT_DECLARED), names)
        is_same, is_set = seen.before == seen.after, isinstance(effect.effective, tuple)
        if not is_set or is_same:
            text = "" if is_set else _value(seen.after)[0].text
            yield Item(text, "", " · ".join(filter(None, (who, "as in Keycloak" if is_same else ""))))
            continue
        yield Item("", "", " · ".join(filter(None, (who, "as in Keycloak, but:"))))
        yield from (*_items(seen.gone, "-"), *_items(seen.new, "+"))


def _effect_row(effect: Effect, names: Mapping[str, str]) -> FieldRow:
    desired, stored, effective = (
        _whole(value, effect.path, names) for value in (effect.desired, effect.stored, effect.effective)
    )
    return FieldRow(effect.path, desired, stored, effective, (f"as {effect.client.name} sees it",))


def _whole(value: Value, path: str, names: Mapping[str, str]) -> tuple[Item, ...]:
    if isinstance(value, tuple):
        return _items(item_view(item, path, names) for item in items(value)) or _NOTHING
    return _value(value_text(value))
