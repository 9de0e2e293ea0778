"""One change, resolved: what a review says of it in words that are ready, and the fields that it shows."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.kinds.marks import FOLLOWED, PROTECTED, applied_in, is_mark, is_rule, left_alone
from reconciler.kinds.partner_names import PARTNER_FIELDS
from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.origin import Origin
from reconciler.model.place import Place
from reconciler.model.plan import Plan
from reconciler.model.risk import ACCOUNTS_DELETED, NO_RISK, Consequence, Risk, RiskLevel
from reconciler.model.text import counted, visible
from reconciler.model.value import Value
from reconciler.review.event_text import RESOURCE, event_text
from reconciler.review.labels import SENTENCE, WHY, WORTHY, attribution_text, value_text
from reconciler.review.since_text import origin_of_field, origin_of_item

_NOTED: Final = {
    PROTECTED: ("lifecycle.preventDestroy is set", "lifecycle.preventDestroy is no longer set"),
    FOLLOWED: ("takes an id that another client had before", "its id is no longer one that another client had"),
}

_NO_PLACES: Final[Mapping[str, Place]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item of a set; ``uuid`` is that of a partner who is shown by name, else empty."""

    text: str
    uuid: str = ""
    origin: str = ""

    @property
    def named(self) -> str:
        """Return it as a sentence names it."""
        return f"{self.text} {self.uuid}" if self.uuid else self.text


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field's way from live to desired; all texts but the path are harmless to a terminal, and may be empty."""

    path: str
    """As it is, to find things by."""
    name: str
    """The path as it is shown."""
    action: Action
    before: str
    """The live value as JSON."""
    after: str
    gone: tuple[ItemView, ...]
    """What a set loses."""
    new: tuple[ItemView, ...]
    """What a set gains."""
    kept: int
    """How many items of a set stay."""
    is_set: bool
    is_drift: bool
    reason: str
    """Which side moved, where that is worth a word."""
    by: str
    """Who changed it in Keycloak, where an event shows it."""
    event: str
    """What happened to it; only in a report of drift."""
    event_risk: Risk
    """What that means; else none."""
    origin: Origin | None
    origin_note: str
    """Where the difference comes from, where the resource does not say the same of all its fields."""
    risk: Risk
    """What is worth telling; else none."""
    place: str

    @property
    def way(self) -> str:
        """Return what becomes of the value, on one line."""
        if not self.is_set:
            return f"{self.before} -> {self.after}"
        signed = (("-", self.gone), ("+", self.new))
        return ", ".join(f"{sign} {item.named}" for sign, items in signed for item in items)


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What happens to one resource; all texts are harmless to a terminal, and may be empty."""

    address: Address
    action: Action
    sentence: str
    is_drift: bool
    blocked: str
    risk: Risk
    """The highest of all its risks."""
    own_risk: Risk
    """That of the action itself, where it is worth telling; else none."""
    consequences: tuple[Consequence, ...]
    asides: tuple[str, ...]
    by: str
    """Who deleted it, or took our mark from it, where an event shows it."""
    event: str
    """What happened to the whole of it; only in a report of drift."""
    event_risk: Risk
    """The highest of what happened to it; else none."""
    origin: Origin | None
    fields: tuple[FieldView, ...]
    """Those that a reviewer wants to see."""
    number: int
    """How many fields differ, those that are not shown included."""
    rules: str
    """How many more fields the reconciler's own rules add."""
    place: str

    @property
    def deletes_accounts(self) -> bool:
        """Tell whether accounts of people are deleted by it."""
        return any(each.risk.code == ACCOUNTS_DELETED for each in self.consequences)

    @property
    def destroys(self) -> bool:
        """Tell whether something is destroyed."""
        return self.action is Action.DELETE or self.deletes_accounts

    @property
    def who(self) -> str:
        """Return who did what to the whole resource."""
        return f"{'deleted' if self.action is Action.CREATE else 'ownership mark removed'} {self.by}" if self.by else ""


def change_view(change: Change, plan: Plan) -> ChangeView:
    """Resolve one change.

    What is created or deleted has many fields that nobody wrote; where they are put back, each is worth a line.
    """
    places = plan.places.get(change.address, {})
    is_whole = change.action in {Action.CREATE, Action.DELETE}
    fields: list[FieldView] = []
    rules: Counter[str] = Counter()
    for field in change.field_changes:
        note = origin_of_field(field, change)
        is_ours = is_rule(field.path) or is_mark(field.path)
        if is_whole and is_ours and field.risk.level not in WORTHY:
            rules[note] += 1
            continue
        # Whoever adopts an object reads all that it loses.
        with_low = change.adopts and field.before is not None and not is_mark(field.path)
        fields.append(field_view(field, plan.names, change.address, origin_note=note, with_low=with_low, places=places))
    return ChangeView(
        address=change.address,
        action=change.action,
        sentence=SENTENCE[change.action],
        is_drift=change.is_drift,
        blocked=visible(change.blocked),
        risk=change.risk,
        own_risk=_told(change.own_risk),
        consequences=tuple(dict.fromkeys(map(_visible, change.consequences))),
        asides=asides(change),
        by=attribution_text(change.attribution) if change.attribution else "",
        event=RESOURCE.get(change.action, "") if change.event_risk else "",
        event_risk=_seen(change.event_risk),
        origin=change.origin,
        fields=tuple(fields),
        number=len(change.field_changes),
        rules=_rules(rules),
        place=_text(places.get("")),
    )


def field_view(
    field: FieldChange,
    names: Mapping[str, str],
    address: Address | None = None,
    *,
    origin_note: str = "",
    with_low: bool = False,
    places: Mapping[str, Place] = _NO_PLACES,
) -> FieldView:
    """Resolve one field; ``names`` are those of partners, and a low risk is told only ``with_low``.

    ``places`` are those of the resource; what another file than its own says is told, too.

    Where the ``address`` of what it is a field of is given, what happened to it is told, if that is known.
    """
    before, after = field.before, field.after
    # By their texts, in a set: thousands are compared at once, and 1 is not True. What is there twice shows twice.
    old, new = items(before), items(after)
    was, will_be = ({value_text(each) for each in side} for side in (old, new))
    gone = [each for each in old if value_text(each) not in will_be]
    added = [each for each in new if value_text(each) not in was]
    gone_views = tuple(item_view(each, field.path, names, origin_of_item(each, field)) for each in gone)
    place = places.get(field.path)
    origins = (_joined(origin_of_item(each, field), _elsewhere(f"{field.path}[{each}]", places)) for each in added)
    new_views = tuple(item_view(each, field.path, names, note) for each, note in zip(added, origins, strict=True))
    event = ""
    if address is not None and field.event_risk is not None:
        # What apply takes away has come, and what it gives back has gone.
        event = event_text(
            kind_of(address), field, (each.named for each in gone_views), (each.named for each in new_views)
        )
    return FieldView(
        path=field.path,
        name=visible(field.path),
        action=Action.CREATE if before is None else Action.DELETE if after is None else Action.UPDATE,
        before=value_text(before),
        after=value_text(after),
        gone=gone_views,
        new=new_views,
        kept=len(old) - len(gone),
        is_set=isinstance(before, tuple) or isinstance(after, tuple),
        is_drift=field.is_drift,
        reason=WHY[field.reason],
        by=attribution_text(field.attribution) if field.attribution else "",
        event=event,
        event_risk=_seen(field.event_risk),
        origin=field.origin,
        origin_note=_joined(origin_note, _elsewhere(field.path, places)),
        risk=_told(field.risk, with_low=with_low),
        place=_text(place),
    )


def item_view(item: Value, path: str, names: Mapping[str, str], origin: str = "") -> ItemView:
    """Resolve one item of a set: a partner by its name."""
    if path not in PARTNER_FIELDS:
        return ItemView(value_text(item), "", origin)
    uuid = visible(str(item))
    return ItemView(visible(names[str(item)]), uuid, origin) if str(item) in names else ItemView(uuid, "", origin)


def items(value: Value) -> tuple[Value, ...]:
    """Return the items of a set; a single value is a set of one."""
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _told(risk: Risk, *, with_low: bool = False) -> Risk:
    """Return a risk that is worth a reader's time; otherwise none."""
    is_told = risk.level in WORTHY or (with_low and risk.level is RiskLevel.LOW)
    return Risk(risk.level, risk.code, visible(risk.why)) if is_told else NO_RISK


def _seen(risk: Risk | None) -> Risk:
    return NO_RISK if risk is None else Risk(risk.level, risk.code, visible(risk.why))


def _visible(found: Consequence) -> Consequence:
    risk = found.risk
    return Consequence(Risk(risk.level, risk.code, visible(risk.why)), tuple(map(visible, found.names)))


def _rules(numbers: Counter[str]) -> str:
    if not numbers:
        return ""
    apart = "".join(f"; {number}: {origin}" for origin, number in sorted(numbers.items()) if origin)
    return f"{counted(numbers.total(), 'field')} set by built-in defaults{apart}"


def _elsewhere(path: str, places: Mapping[str, Place]) -> str:
    """Return where another file than that of the resource itself says a field: a profile, a group, an overlay."""
    place, own = places.get(path), places.get("")
    return f"from {visible(place.file)}:{place.line}" if place and own and place.file != own.file else ""


def _joined(*notes: str) -> str:
    return ", ".join(filter(None, notes))


def _text(place: Place | None) -> str:
    return "" if place is None else visible(str(place))


def asides(change: Change) -> tuple[str, ...]:
    """Return what else is worth a line of its own about a change."""
    return tuple(map(visible, _asides(change)))


def _asides(change: Change) -> Iterator[str]:
    if change.placeholder:
        yield f"has the display name {value_text(change.placeholder)} temporarily, while another takes its previous one"
    if change.sender:
        yield f"written with the token of {change.sender}"
    if change.unread:
        yield f"could not be read: {', '.join(change.unread)}"
    if change.after is None:
        return
    old, new = applied_in(change.before or {}), applied_in(change.after)
    for entry, (is_new, is_gone) in _NOTED.items():
        if old.get(entry) != new.get(entry):
            # Only a fingerprint of the ids is there.
            print_ = f" ({new[entry]})" if entry == FOLLOWED and entry in new else ""
            yield (is_new if entry in new else is_gone) + print_
    if left := left_alone(change.after):
        yield f"left unchanged: {', '.join(left)}"
    unasked = change.new_user_defaults
    if unasked.groups:
        yield f"groups that Keycloak gives a new service account, and that are removed: {', '.join(unasked.groups)}"
    if unasked.actions:
        actions = ", ".join(unasked.actions)
        yield f"required actions that Keycloak gives a new service account, and that are removed: {actions}"
