"""A plan as JSON, in the shape of Terraform's plan representation, so that existing policies adapt."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, Literal, TypeAlias

from reconciler._version import __version__
from reconciler.model.address import Address
from reconciler.model.attribution import Attribution
from reconciler.model.change import Action, Change, Step
from reconciler.model.coverage import Coverage
from reconciler.model.observed import NewUserDefaults
from reconciler.model.origin import Base
from reconciler.model.place import Place
from reconciler.model.plan import Plan
from reconciler.model.risk import Risk
from reconciler.model.value import Fields
from reconciler.review.plan_document import (
    DIFF,
    DRIFT,
    FORMAT_VERSION,
    PLAN,
    BasePart,
    BasisPart,
    CountsPart,
    EffectPart,
    FindingPart,
    HolePart,
    PlacePart,
    PlanDocument,
    PolicyPart,
    RulePart,
    SettingPart,
    SettledPart,
    UnmanagedPart,
)
from reconciler.review.resource_document import (
    AttributionPart,
    ChangePart,
    ConsequencePart,
    FieldPart,
    NamedPart,
    NewUserPart,
    ResourcePart,
    RiskPart,
    StepPart,
)
from reconciler.review.subject import Subject

_Kind: TypeAlias = Literal["reconciler-plan", "reconciler-drift", "reconciler-diff"]
_Word: TypeAlias = Literal["no-op", "create", "update", "delete"]

KINDS: Final[Mapping[Subject, _Kind]] = {Subject.PLAN: PLAN, Subject.DRIFT: DRIFT, Subject.DIFF: DIFF}
"""What a document says of itself, by what it is about."""

_ACTIONS: Final[Mapping[Action, tuple[_Word, ...]]] = {
    Action.CREATE: ("create",),
    Action.UPDATE: ("update",),
    Action.ADOPT: ("update",),
    Action.DELETE: ("delete",),
    Action.NO_OP: ("no-op",),
}


def plan_json(plan: Plan, subject: Subject = Subject.PLAN) -> str:
    """Return the plan as indented JSON; the same plan gives the same bytes.

    A report of drift, or of what two sets of manifests differ in, says of itself that it cannot be applied.
    """
    return _text(plan_document(plan, kind=KINDS[subject]))


def plan_document(plan: Plan, *, kind: _Kind = PLAN) -> dict[str, Any]:
    """Return the plan as JSON types."""
    changes, counts = tuple(_resource(change) for change in plan.changes), plan.counts
    document: dict[str, Any] = PlanDocument(
        kind=kind,
        format_version=FORMAT_VERSION,
        reconciler_version=__version__,
        timestamp=plan.created_at,
        keycloak_url=plan.keycloak_url,
        api_url=plan.api_url,
        realm=plan.realm,
        owner=plan.owner,
        revision=plan.revision,
        targets=plan.targets,
        platform_fields=plan.platform_fields,
        complete=plan.complete,
        applyable=kind != DIFF
        and not all(change.blocked for change in plan.changes)
        and not any(hit.is_final for hit in plan.policy_hits),
        errored=False,
        effective_asked=plan.asked_effective,
        basis=_coverage(plan.coverage),
        base=_base(plan.base),
        counts=CountsPart(add=counts.added, change=counts.changed, destroy=counts.destroyed, accounts=counts.accounts),
        resource_changes=changes,
        resource_drift=tuple(_resource(change) for change in plan.changes if change.is_drift),
        rules=tuple(RulePart(policy=each.policy, place=each.place, at_base=each.at_base) for each in plan.rules),
        policies=tuple(
            PolicyPart(
                policy=hit.policy,
                effect=hit.effect,
                address=hit.address,
                path=hit.path,
                message=hit.message,
                place=hit.place,
                requires=hit.requires,
                at_base=hit.at_base,
            )
            for hit in plan.policy_hits
        ),
        unchanged=tuple(map(_named, plan.unchanged)),
        findings=tuple(
            FindingPart(
                address=finding.address,
                path=finding.path,
                code=finding.code,
                severity=finding.severity,
                status=finding.status,
                detail=finding.detail,
                remedy=finding.remedy,
                origin=finding.origin,
            )
            for finding in plan.findings
        ),
        holes=tuple(
            HolePart(what=failure.what, reason=failure.reason, remedy=failure.remedy, code=failure.code)
            for failure in plan.read_failures
        ),
        unmanaged=tuple(
            UnmanagedPart(address=address, type=address.kind, name=address.name, owner=plan.owners.get(address))
            for address in plan.unmanaged
        ),
        references={str(address): id_ for address, id_ in plan.references.items()},
        partner_names=plan.names,
        effects=tuple(
            EffectPart(
                address=effect.client,
                path=effect.path,
                desired=effect.desired,
                stored=effect.stored,
                effective=effect.effective,
            )
            for effect in plan.effects
        ),
        places={
            str(address): {path: _place(place) for path, place in sorted(places.items())}
            for address, places in sorted(plan.places.items(), key=lambda item: item[0].sort_key)
        },
        fingerprint="",
        checksum="",
    ).model_dump(mode="json")
    document["fingerprint"] = fingerprint(document)
    return document | {"checksum": checksum(document)}


def fingerprint_of(plan: Plan) -> str:
    """Return what the plan's document says as its ``fingerprint``: an approval is bound to it."""
    return str(plan_document(plan)["fingerprint"])


def fingerprint(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the whole document: whatever a reviewer is shown, and whatever is carried out.

    It has its full length, unlike the fingerprints of fields: whoever writes manifests could find two plans that share
    a short one.
    """
    return _digest({key: value for key, value in document.items() if key not in {"fingerprint", "checksum"}})


def checksum(document: Mapping[str, Any]) -> str:
    """Return what ``checksum`` must say: it covers the meaning of everything else, not indentation or order of keys."""
    return f"sha256:{_digest({key: value for key, value in document.items() if key != 'checksum'})}"


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _named(address: Address) -> NamedPart:
    return NamedPart(address=address, type=address.kind, name=address.name)


def _resource(change: Change) -> ResourcePart:
    return ResourcePart(
        address=change.address,
        type=change.address.kind,
        name=change.address.name,
        action=change.action,
        renamed_from=change.renamed_from or None,
        blocked=change.blocked or None,
        labels=None if change.labels is None else dict(sorted(change.labels.items())),
        change=ChangePart(
            actions=_ACTIONS[change.action],
            before=_fields(change.before),
            after=_fields(change.after),
            before_sensitive={},
            after_sensitive={},
            field_changes=tuple(
                FieldPart(
                    path=field.path,
                    before=field.before,
                    after=field.after,
                    reason=field.reason,
                    risk=_risk(field.risk),
                    attribution=_attribution(field.attribution),
                    origin=field.origin,
                    at_base=field.at_base,
                )
                for field in change.field_changes
            ),
            risk=_risk(change.risk),
            consequences=tuple(
                ConsequencePart(risk=_risk(each.risk), names=each.names) for each in change.consequences
            ),
            attribution=_attribution(change.attribution),
            origin=change.origin,
        ),
        steps=tuple(map(_step, change.steps)),
        depends_on=change.depends_on,
        takes_name_of=change.takes_name_of,
        placeholder=change.placeholder,
        moved_if=change.precondition,
        unread=change.unread,
        sender=change.sender,
        new_user=_new_user(change.new_user_defaults),
    )


def _step(step: Step) -> StepPart:
    undo = None if step.undo is None else _step(step.undo)
    return StepPart(verb=step.verb, body=step.body, first=step.first, undo=undo)


def _new_user(new_user_defaults: NewUserDefaults) -> NewUserPart | None:
    return (
        NewUserPart(groups=new_user_defaults.groups, actions=new_user_defaults.actions)
        if new_user_defaults.groups or new_user_defaults.actions
        else None
    )


def _attribution(found: Attribution | None) -> AttributionPart | None:
    if found is None:
        return None
    return AttributionPart(
        at=found.at, user=found.user, client=found.client, ip=found.ip, request=found.request, exact=found.exact
    )


def _coverage(coverage: Coverage | None) -> BasisPart | None:
    return None if coverage is None else BasisPart(**asdict(coverage))


def _base(base: Base | None) -> BasePart | None:
    if base is None:
        return None
    return BasePart(
        name=base.name,
        commit=base.commit,
        settled=tuple(SettledPart(address=each.address, path=each.path) for each in base.resolved),
        unknown=base.unknown,
        notes=base.notes,
        head=base.head,
        settings=tuple(
            SettingPart(
                path=each.path,
                before=each.before,
                after=each.after,
                risk=_risk(each.risk),
                place=None if each.place is None else _place(each.place),
            )
            for each in base.settings
        ),
        labels={str(address): dict(sorted(labels.items())) for address, labels in base.labels.items()},
    )


def _place(place: Place) -> PlacePart:
    return PlacePart(file=place.file, line=place.line, column=place.column)


def _risk(risk: Risk) -> RiskPart:
    return RiskPart(level=risk.level, code=risk.code, why=risk.why)


def _fields(fields: Fields | None) -> Fields | None:
    return None if fields is None else dict(sorted(fields.items()))
