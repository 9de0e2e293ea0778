"""Grants that end: what manifests mean at some moment, and what readers should know before the end."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from reconciler.kinds.marks import applied_in, keep_applied
from reconciler.kinds.situation import Situation
from reconciler.kinds.wording import day, days
from reconciler.model.address import Address
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.grant import Grant
from reconciler.model.layout import APPLIED_MARK
from reconciler.model.manifest import DesiredState, IntegrationOrganization, TimedFlag
from reconciler.model.value import Fields, Value

_PARTNERS: Final = "authorizedPartners"
_SOON: Final = timedelta(days=30)
"""How long before its end a grant is a warning."""


def grants_of(manifest: IntegrationOrganization) -> Iterator[Grant]:
    """Yield everything that the manifest grants until some moment, whether that has come or not."""
    address = Address.organization(manifest.name)
    for partner in manifest.spec.authorized_partners:
        if partner.until is not None:
            yield Grant(address, _PARTNERS, partner.until, str(partner.uuid))
    for name, info in type(manifest.spec.capabilities).model_fields.items():
        flag = getattr(manifest.spec.capabilities, name)
        if isinstance(flag, TimedFlag):
            yield Grant(address, f"capabilities.{info.alias}", flag.until, "", flag.reason)


def in_force(desired: DesiredState, now: datetime) -> DesiredState:
    """Return what the manifests mean at a moment: what has ended is not granted."""
    ended = {manifest.name for manifest in desired.organizations if any(not g.holds(now) for g in grants_of(manifest))}
    if not ended:
        return desired
    found = (_in_force(each, now) if each.name in ended else each for each in desired.organizations)
    return desired.model_copy(update={"organizations": tuple(found)})


def _in_force(manifest: IntegrationOrganization, now: datetime) -> IntegrationOrganization:
    spec = manifest.spec
    flags = {name: getattr(spec.capabilities, name) for name in type(spec.capabilities).model_fields}
    over = {name: False for name, flag in flags.items() if isinstance(flag, TimedFlag) and now >= flag.until}
    partners = tuple(each for each in spec.authorized_partners if each.until is None or now < each.until)
    update = {"authorized_partners": partners, "capabilities": spec.capabilities.model_copy(update=over)}
    return manifest.model_copy(update={"spec": spec.model_copy(update=update)})


def taken_back(before: Fields, after: Fields, ended: Iterable[Grant]) -> Fields:
    """Return a live organization, but for what has ``ended``; ``after`` is what it shall be.

    The mark says what was applied: of a field that differs for other reasons as well, what it said before.
    """
    fields: dict[str, Value] = dict(before)
    for grant in ended:
        live = fields.get(grant.path)
        if not grant.item:
            fields[grant.path] = False if live is True else live
        elif isinstance(live, tuple):
            fields[grant.path] = tuple(each for each in live if each != grant.item) or None
    found = {path: value for path, value in fields.items() if value is not None}
    done = {path for path in fields if fields[path] != before.get(path) and fields[path] == after.get(path)}
    if not done:
        return found
    kept = {*applied_in(before), *applied_in(after)} - done
    return keep_applied({**found, APPLIED_MARK: after.get(APPLIED_MARK)}, before, kept)


def grant_findings(situation: Situation) -> Iterator[Finding]:
    """Yield what ends within a month, and what has ended and stands in the manifest still."""
    now = situation.snapshot.taken_at
    for grant in situation.grants:
        path = f"{grant.path}[{grant.item}]" if grant.item else grant.path
        what = f"The partner {_named(grant, situation)}" if grant.item else grant.path
        why = f" ({grant.reason})" if grant.reason else ""
        if not grant.holds(now):
            detail = f"{what} was granted until {day(grant.until)}{why}: the manifest no longer means it."
            remedy = "Remove the entry; or extend it, if the reason still holds."
            severity, code = Severity.INFO, Code.GRANT_ENDED
        elif (left := grant.until - now) < _SOON:
            detail = f"{what} is granted until {day(grant.until)}, {days(left)} from now{why}."
            remedy = "From then on apply takes it back. Extend it, if the reason still holds."
            severity, code = Severity.WARNING, Code.GRANT_ENDS
        else:
            continue
        yield Finding(grant.address, code, severity, FieldStatus.IN_SYNC, detail, remedy, path=path)


def _named(grant: Grant, situation: Situation) -> str:
    name = situation.names.get(grant.item)
    return f"{name} {grant.item}" if name else grant.item
