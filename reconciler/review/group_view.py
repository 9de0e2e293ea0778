"""What happens to one organization, or is the same in many: the parts of a review, what matters most first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.kinds.marks import MEMBERSHIPS
from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.model.finding import FieldStatus, Finding, Severity
from reconciler.model.origin import Origin, joined
from reconciler.model.risk import Risk, highest
from reconciler.review.alike import MANY
from reconciler.review.change_view import ChangeView, FieldView, ItemView
from reconciler.review.grouping import grouped
from reconciler.review.labels import kinds_counted

_BY_WEIGHT: Final = (Action.DELETE, Action.UPDATE, Action.ADOPT, Action.CREATE, Action.NO_OP)
NOUNS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
NOT_IN_FORCE: Final = frozenset({FieldStatus.LAGGING, FieldStatus.OVERRIDDEN})
_ITS_OWN: Final = ItemView("its own organization")


@dataclass(frozen=True, slots=True)
class FindingView:
    """What a person should know about a resource; all texts are harmless to a terminal."""

    finding: Finding
    detail: str
    remedy: str
    about: str
    """Its code, its status, the field that it is about, and where it comes from."""

    @property
    def address(self) -> Address:
        """Return the resource."""
        return self.finding.address

    @property
    def severity(self) -> Severity:
        """Return how much it matters."""
        return self.finding.severity

    @property
    def said(self) -> tuple[str, ...]:
        """Return what is said of the resource: what says the same of many is said once."""
        return self.severity, self.detail, self.remedy, self.about

    @property
    def word(self) -> str:
        """Return ``Error``, ``Warning`` or ``Note``."""
        return NOUNS[self.severity].capitalize()


@dataclass(frozen=True, slots=True)
class BlockView:
    """One change as it is shown; ``alike`` are all the changes that it is shown for, none where it stands alone."""

    change: ChangeView
    alike: tuple[ChangeView, ...] = ()

    @property
    def subject(self) -> str:
        """Return the resource, or how many they are."""
        return kinds_counted(tuple(each.address for each in self.alike)) if self.alike else str(self.change.address)

    @property
    def sentence(self) -> str:
        """Return what becomes of the resource, or of each of them."""
        if not self.alike:
            return self.change.sentence
        return f"{self.change.sentence.replace('exists', 'exist').replace('it will', 'they will')}, all in the same way"


@dataclass(frozen=True, slots=True)
class GroupView:
    """What happens to one organization, or to the realm; or one change that is the same in many organizations."""

    home: Address
    """The organization, or the realm; of what is the same in many, the first of them."""
    changes: tuple[ChangeView, ...]
    """In the order in which they are made."""
    findings: tuple[FindingView, ...]
    alike: tuple[ChangeView, ...] = field(default=())
    """All that the only change is shown for; empty where each is shown."""
    told: tuple[FindingView, ...] = field(default=())
    """All that the only finding is told for; empty where each is told."""

    @property
    def shared(self) -> tuple[Address, ...]:
        """Return the resources of which all is the same; empty where it is about one organization."""
        addresses = (*(each.address for each in self.alike), *(each.address for each in self.told))
        return tuple(dict.fromkeys(addresses))

    @property
    def title(self) -> str:
        """Return whom it is about."""
        return kinds_counted(self.shared) if self.shared else str(self.home)

    @property
    def risk(self) -> Risk:
        """Return the highest risk of the changes."""
        return highest(change.risk for change in self.changes)

    @property
    def event_risk(self) -> Risk:
        """Return the highest of what happened; none where no drift is reported."""
        return highest(change.event_risk for change in self.changes)

    @property
    def destroys(self) -> bool:
        """Tell whether something is destroyed."""
        return any(change.destroys for change in self.changes)

    @property
    def origin(self) -> Origin | None:
        """Return whether it is of this change of the manifests; None where no base tells."""
        return joined([each.origin for each in self.changes] or [each.finding.origin for each in self.findings])

    @property
    def sort_key(self) -> tuple[bool, bool, int, int, int, int, tuple[int, tuple[str, ...]]]:
        """Return the key that sorts what destroys first, then by origin, event, risk, findings, action and name."""
        severity = min((list(Severity).index(f.severity) for f in self.findings), default=len(Severity))
        weight = min((_BY_WEIGHT.index(change.action) for change in self.changes), default=len(_BY_WEIGHT))
        is_old = self.origin is Origin.DRIFT_BEFORE
        event, risk = self.event_risk.level.rank, self.risk.level.rank
        return not self.destroys, is_old, -event, -risk, severity, weight, self.home.sort_key


def groups_of(changes: Iterable[ChangeView], findings: Iterable[FindingView]) -> tuple[GroupView, ...]:
    """Return the realm and every organization that has a change or a finding, what matters most first."""
    changed = grouped(changes, lambda change: change.address.home)
    found = grouped(findings, lambda finding: finding.address.home)
    homes = dict.fromkeys((*changed, *found))
    groups = (GroupView(home, tuple(changed.get(home, ())), tuple(found.get(home, ()))) for home in homes)
    return tuple(sorted(groups, key=lambda group: group.sort_key))


def blocks_of(changes: Iterable[ChangeView], same: Mapping[Address, Address]) -> tuple[BlockView, ...]:
    """Return the changes in their order, each that is the ``same`` in many organizations once, where the first is."""
    found = grouped(changes, lambda change: same.get(change.address, change.address))
    return tuple(
        BlockView(_shared(each[0]), tuple(each)) if first in same else BlockView(each[0])
        for first, each in found.items()
    )


def parts_of(groups: Sequence[GroupView], blocks: Iterable[BlockView]) -> tuple[GroupView, ...]:
    """Return the groups without what is the same in many organizations, and a group for each of that."""
    shared = [block for block in blocks if block.alike]
    told = _told([finding for group in groups for finding in group.findings])
    if not shared and not told:
        return tuple(groups)
    return tuple(sorted(_parts(groups, shared, told), key=lambda group: group.sort_key))


def _parts(
    groups: Iterable[GroupView], shared: Sequence[BlockView], told: Sequence[Sequence[FindingView]]
) -> Iterator[GroupView]:
    yield from (GroupView(block.change.address.home, (block.change,), (), block.alike) for block in shared)
    yield from (GroupView(same[0].address.home, (), (same[0],), told=tuple(same)) for same in told)
    apart = {each.address for block in shared for each in block.alike}
    said = {id(each) for same in told for each in same}
    for group in groups:
        changes = tuple(change for change in group.changes if change.address not in apart)
        findings = tuple(finding for finding in group.findings if id(finding) not in said)
        if changes or findings:
            yield replace(group, changes=changes, findings=findings)


def _told(findings: Iterable[FindingView]) -> list[list[FindingView]]:
    """Return the findings that say the same of many organizations; what is not in force stands with its values."""
    found = grouped((each for each in findings if each.finding.status not in NOT_IN_FORCE), lambda each: each.said)
    return [same for same in found.values() if len({each.address.home for each in same}) >= MANY]


def _shared(change: ChangeView) -> ChangeView:
    """Return a change without what is said of one resource alone."""
    return replace(change, place="", by="", fields=tuple(_of_all(each, change.address) for each in change.fields))


def _of_all(field_: FieldView, address: Address) -> FieldView:
    if field_.path != MEMBERSHIPS:
        return replace(field_, place="", by="")
    own = f'"{address.alias}"'
    gone, new = (tuple(_ITS_OWN if each.text == own else each for each in side) for side in (field_.gone, field_.new))
    return replace(field_, place="", by="", gone=gone, new=new)
