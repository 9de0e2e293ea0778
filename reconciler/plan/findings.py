"""Every finding of a plan: a list of small checks, each of which yields what it has to say."""

from collections.abc import Collection, Iterable, Mapping

from reconciler.kinds.client.interference import policy_findings
from reconciler.kinds.client.secret_findings import secret_findings
from reconciler.kinds.organization.authority import platform_findings
from reconciler.kinds.organization.dpa import dpa_findings
from reconciler.kinds.organization.effective import effective_findings, mock_findings
from reconciler.kinds.organization.partners import partner_findings
from reconciler.kinds.organization.sharing import sharing_findings, unseen_findings
from reconciler.kinds.organization.siblings import sibling_findings
from reconciler.kinds.realm.prerequisites import prerequisite_findings
from reconciler.kinds.realm.scaffolding import (
    claim_override_findings,
    impostor_findings,
    membership_findings,
    scaffolding_findings,
)
from reconciler.kinds.registry import kind_of
from reconciler.kinds.row import Row
from reconciler.kinds.webhook.findings import webhook_findings
from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.finding import Finding
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.plan.context import Context
from reconciler.plan.ignoring import ignored_findings
from reconciler.plan.unproven import unproven_findings


def declared_clients(desired: DesiredState, context: Context) -> list[Address]:
    """Return the addresses of the declared clients that the plan is about, sorted."""
    found = (Address.client(each.name, one.client_id) for each in desired.organizations for one in each.spec.clients)
    return sorted(filter(context.means, found), key=lambda address: address.sort_key)


def find_all(
    desired: DesiredState,
    snapshot: Snapshot,
    context: Context,
    changes: Collection[Change],
    names: Mapping[str, str],
    rows: Iterable[Row],
    unmanaged: Iterable[Row],
) -> tuple[Finding, ...]:
    """Return what no write can mend, each once, errors first.

    ``changes`` are those that the plan makes of all ``rows``, ``unmanaged`` is what it leaves alone.
    """
    pending = frozenset(change.address for change in changes)
    expected = context.expected
    targeted = (
        *dpa_findings(desired, snapshot, expected, pending),
        *platform_findings(desired, snapshot, expected, names),
        *sibling_findings(desired, snapshot, pending, names),
        *(webhook_findings(desired, snapshot, changes) if context.asked_effective else ()),
    )
    found = (
        *scaffolding_findings(desired, snapshot, context.realm),
        *claim_override_findings(desired, snapshot, context.realm),
        *membership_findings(desired, snapshot, context.owner),
        *sharing_findings(desired, snapshot, expected),
        *unseen_findings(desired, snapshot, expected, context.realm),
        *impostor_findings(desired, snapshot),
        *secret_findings(desired, snapshot, context.owner),
        *prerequisite_findings(desired, snapshot, context.realm),
        *policy_findings(snapshot, declared_clients(desired, context), changes, context.realm),
        *mock_findings(snapshot, context.realm),
        *effective_findings(desired, snapshot, changes, expected, names),
        *partner_findings(desired, snapshot),
        *ignored_findings(rows, expected, snapshot.taken_at, context.realm),
        *(finding for change in changes for finding in kind_of(change.address).hazards(change)),
        *unproven_findings(unmanaged, context.owner),
        *(finding for finding in targeted if context.means(finding.address)),
    )
    return tuple(sorted(set(found), key=lambda finding: finding.sort_key))
