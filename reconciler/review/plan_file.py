"""The text of a saved plan, back to the plan: strict, and with a word for everything that can be wrong with it."""

import json
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from reconciler._version import __version__
from reconciler.model.address import Address
from reconciler.model.attribution import Attribution
from reconciler.model.change import Change, FieldChange, Step
from reconciler.model.consequence import Consequence
from reconciler.model.coverage import Coverage
from reconciler.model.effect import Effect
from reconciler.model.errors import WrongUsage
from reconciler.model.finding import Finding
from reconciler.model.observed import NewUserDefaults, ReadFailure
from reconciler.model.origin import Base, Resolved
from reconciler.model.place import Place
from reconciler.model.plan import Plan
from reconciler.model.policy import PlacedPolicy
from reconciler.model.policy_hit import PolicyHit
from reconciler.model.risk import Risk
from reconciler.model.setting_change import SettingChange
from reconciler.review.plan_document import FORMAT_VERSION, PLAN, BasePart, PlanDocument
from reconciler.review.plan_json import KINDS, checksum, fingerprint, plan_document
from reconciler.review.resource_document import AttributionPart, ResourcePart, RiskPart, StepPart
from reconciler.review.subject import Subject

_AGAIN: Final = "Run plan --out again."
_SUBJECTS: Final[dict[str, Subject]] = {kind: subject for subject, kind in KINDS.items()}
_HEAD: Final = f'{{"kind":"{PLAN}"'


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan as it was saved; ``made_by`` is the version of the program that made it.

    ``fingerprint`` is that of the document: what an approval is bound to.
    """

    plan: Plan
    made_by: str
    fingerprint: str


def parse_plan(text: str, source: str) -> SavedPlan:
    """Return the plan that was saved as ``text``; ``source`` is the file's name, for messages.

    The checksum finds damage. Whoever edits the file can make a new one: so what it says twice must agree, and
    ``reconciler.plan.saved.check_derived`` asks whether what would be written follows from what is shown.

    Raises:
        WrongUsage: It is no plan, is damaged, was edited, or has another version of the format.
    """
    saved, subject = parse_review(text, source)
    if subject is not Subject.PLAN:
        raise WrongUsage(
            f"{source} is a report of {subject}, not a plan.", remedy=f"Run plan --out {source}, then this."
        )
    return saved


def parse_review(text: str, source: str) -> tuple[SavedPlan, Subject]:
    """Return the plan, or the report of drift or diff, that was saved as ``text``.

    Raises:
        WrongUsage: It is neither, is damaged, was edited, or has another version of the format.
    """
    content = _content(text, source)
    subject = _SUBJECTS.get(str(content.get("kind")))
    if subject is None:
        raise _no_plan(source)
    if content.get("format_version") != FORMAT_VERSION:
        made_by = content.get("reconciler_version", "an unknown version")
        raise WrongUsage(
            f"{source} has version {content.get('format_version')} of the plan's format (made by reconciler "
            f"{made_by}); this program reads {FORMAT_VERSION}.",
            remedy=f"{_AGAIN.removesuffix('.')} with this version of the program.",
        )
    if content.get("checksum") != checksum(content):
        raise edited(source, "its checksum does not fit", or_="or damaged ")
    try:
        document = PlanDocument.model_validate_json(text)
        saved = SavedPlan(_plan(document), document.reconciler_version, document.fingerprint)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise WrongUsage(f"{source} does not hold a plan's content: {place}: {first['msg']}.", remedy=_AGAIN) from error
    except ValueError as error:
        # An address among the keys of an object.
        raise WrongUsage(f"{source} does not hold a plan's content: {error}", remedy=_AGAIN) from error
    if saved.fingerprint != fingerprint(content):
        raise edited(source, "its fingerprint does not fit")
    if saved.made_by == __version__ and plan_document(saved.plan, kind=document.kind) != content:
        raise edited(source, "what it says twice does not agree")
    return saved, subject


def edited(source: str, how: str, *, or_: str = "") -> WrongUsage:
    """Return the error for a plan that says what no planning says."""
    return WrongUsage(
        f"{source} was edited {or_}after it was made: {how}.",
        remedy=f"A plan is never edited: change the manifests. {_AGAIN}",
    )


def looks_like_plan(text: str) -> bool:
    """Tell whether a file that begins with ``text`` is a plan, of whatever version, be it whole or cut off."""
    return "".join(text.split()).startswith(_HEAD)


def _content(text: str, source: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        if looks_like_plan(text[: 4 * len(_HEAD)]):
            raise WrongUsage(
                f"{source} is damaged: the plan is cut off, or not JSON any more.", remedy=_AGAIN
            ) from error
        raise _no_plan(source) from error
    if not isinstance(content, dict):
        raise _no_plan(source)
    return content


def _no_plan(source: str) -> WrongUsage:
    return WrongUsage(f"{source} is not a saved plan.", remedy="Make one by plan --out FILE; name manifests by -f.")


def _plan(document: PlanDocument) -> Plan:
    return Plan(
        realm=document.realm,
        owner=document.owner,
        created_at=document.timestamp,
        changes=tuple(map(_change, document.resource_changes)),
        unchanged=tuple(part.address for part in document.unchanged),
        findings=tuple(
            Finding(
                part.address,
                part.code,
                part.severity,
                part.status,
                part.detail,
                part.remedy,
                part.path,
                part.origin,
            )
            for part in document.findings
        ),
        unmanaged=tuple(part.address for part in document.unmanaged),
        read_failures=tuple(ReadFailure(part.what, part.reason, part.remedy, part.code) for part in document.holes),
        references={Address.parse(address): id_ for address, id_ in document.references.items()},
        names=document.partner_names,
        asked_effective=document.effective_asked,
        keycloak_url=document.keycloak_url,
        api_url=document.api_url,
        targets=document.targets,
        platform_fields=document.platform_fields,
        coverage=None if document.basis is None else Coverage(**document.basis.model_dump()),
        rules=tuple(PlacedPolicy(part.policy, part.place, part.at_base) for part in document.rules),
        policy_hits=tuple(
            PolicyHit(
                part.policy, part.effect, part.address, part.path, part.message, part.place, part.requires, part.at_base
            )
            for part in document.policies
        ),
        owners={part.address: part.owner for part in document.unmanaged if part.owner is not None},
        effects=tuple(
            Effect(part.address, part.path, part.desired, part.stored, part.effective) for part in document.effects
        ),
        places={
            Address.parse(address): {path: Place(part.file, part.line, part.column) for path, part in places.items()}
            for address, places in document.places.items()
        },
        revision=document.revision,
        base=_base(document.base),
    )


def _change(part: ResourcePart) -> Change:
    return Change(
        address=part.address,
        action=part.action,
        before=part.change.before,
        after=part.change.after,
        field_changes=tuple(
            FieldChange(
                field.path,
                field.before,
                field.after,
                field.reason,
                _risk(field.risk),
                _attribution(field.attribution),
                field.origin,
                field.at_base,
            )
            for field in part.change.field_changes
        ),
        steps=tuple(map(_step, part.steps)),
        depends_on=part.depends_on,
        takes_name_of=part.takes_name_of,
        placeholder=part.placeholder,
        precondition=part.moved_if,
        blocked=part.blocked or "",
        renamed_from=part.renamed_from or "",
        risk=_risk(part.change.risk),
        attribution=_attribution(part.change.attribution),
        labels=part.labels,
        origin=part.change.origin,
        unread=part.unread,
        sender=part.sender,
        consequences=tuple(Consequence(_risk(each.risk), each.names) for each in part.change.consequences),
        new_user_defaults=NewUserDefaults(part.new_user.groups, part.new_user.actions)
        if part.new_user
        else NewUserDefaults(),
    )


def _step(part: StepPart) -> Step:
    return Step(part.verb, part.body, part.first, None if part.undo is None else _step(part.undo))


def _attribution(part: AttributionPart | None) -> Attribution | None:
    return None if part is None else Attribution(**part.model_dump())


def _base(part: BasePart | None) -> Base | None:
    if part is None:
        return None
    resolved = tuple(Resolved(each.address, each.path) for each in part.settled)
    settings = tuple(
        SettingChange(
            each.path,
            each.before,
            each.after,
            _risk(each.risk),
            None if each.place is None else Place(each.place.file, each.place.line, each.place.column),
        )
        for each in part.settings
    )
    labels = {Address.parse(address): labels for address, labels in part.labels.items()}
    return Base(part.name, part.commit, resolved, part.unknown, part.notes, part.head, settings, labels)


def _risk(part: RiskPart) -> Risk:
    return Risk(part.level, part.code, part.why)
