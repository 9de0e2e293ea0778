"""The YAML among the manifests that is no manifest, as a finding of whatever is made from them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from reconciler.manifest.recognition import PassedOver
from reconciler.model.address import Address
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.plan import Plan

_NAMED: Final = 10
"""How many files one sentence names."""


def with_passed_over(found: Plan, files: Sequence[PassedOver]) -> Plan:
    """Return the plan, or the drift, with which files among the manifests are not read."""
    if not files:
        return found
    named = "; ".join(map(str, files[:_NAMED])) + (f"; and {len(files) - _NAMED} more" if files[_NAMED:] else "")
    skipped = Finding(
        Address.realm(found.realm),
        Code.FILES_PASSED_OVER,
        Severity.INFO,
        FieldStatus.IN_SYNC,
        f"Among the manifests, {'1 file was' if len(files) == 1 else f'{len(files)} files were'} not read: {named}.",
        "Move them elsewhere, or give them our apiVersion and kind if they are meant.",
    )
    return replace(found, findings=tuple(sorted((*found.findings, skipped), key=lambda each: each.sort_key)))
