"""What of ``reconciler.yaml`` differs between two revisions, and what could go wrong: any setting, by its path.

What a manifest ignores in Keycloak is such a setting, too: it alters nothing that is live, and hides what does.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from reconciler.model.address import Address
from reconciler.model.manifest import DesiredState, IntegrationOrganization, TimedFlag, utc_text
from reconciler.model.origin import SettingChange
from reconciler.model.place import Place
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.settings import Settings
from reconciler.model.value import frozen

_Steps = tuple[str, ...]
_NOTHING: Final[Mapping[str, Any]] = {}
_NAMES: Final = ("name", "path")
"""What tells an item of a list from the others."""

_HIGH, _MEDIUM, _LOW = RiskLevel.HIGH, RiskLevel.MEDIUM, RiskLevel.LOW
_ADDED_POLICY: Final = Risk(_LOW, "policy-added", "It stops more from now on.")
_GONE_POLICY: Final = Risk(_HIGH, "policy-removed", "What it stopped is no longer stopped.")
_RULES: Final = (
    ("environments.*.keycloakFields*", _HIGH, "fields-ignored", "What it names stays as it is, whoever changed it."),
    ("organization/*.lifecycle.ignore*", _HIGH, "fields-ignored", "What it names stays as it is, whoever changed it."),
    ("organization/*.until.*", _HIGH, "grant-end-changed", "What is granted for a while may be granted for longer."),
    ("environments.*.keycloak.*", _HIGH, "target-moved", "Logins are sent there, and it is what gets written."),
    ("environments.*.api.*", _HIGH, "target-moved", "Tokens of clients and secrets of webhooks are sent there."),
    ("environments.*.history", _HIGH, "target-moved", "The database's login, and what runs did, go there."),
    ("environments.*.sink", _HIGH, "target-moved", "Secrets of clients and webhooks go there."),
    ("sinks.*", _HIGH, "target-moved", "Secrets of clients and webhooks go there."),
    ("environments.*.notifications", _HIGH, "target-moved", "Others, or nobody, are notified of drift."),
    ("environments.*.default", _HIGH, "target-moved", "Runs that name no environment use another one."),
    ("environments.*.owner", _HIGH, "owner-changed", "Other objects count as managed: what is undeclared is deleted."),
    ("environments.*.guards*", _HIGH, "guard-changed", "It may stop less."),
    ("guards*", _HIGH, "guard-changed", "It may stop less."),
    ("environments.*.people", _HIGH, "people-changed", "People that share organizations are removed, or left alone."),
    ("environments.*.authority.*", _HIGH, "authority-changed", "What the platform decides is not reverted."),
    ("*dpa.*", _MEDIUM, "dpa-changed", "Another agreement is required, or another deadline holds."),
    ("policies.*.message", _LOW, "policy-reworded", "The message for those who are stopped changes."),
    ("policies.*", _HIGH, "policy-changed", "It may stop less."),
    ("environments.*.manifests", _MEDIUM, "manifests-moved", "What the others do not declare is deleted."),
    ("environments.*.allowEmpty", _HIGH, "guard-changed", "Without manifests, all that is managed is deleted, or not."),
    ("environments.*.overlays", _MEDIUM, "manifests-moved", "Others change the manifests."),
    ("*", _MEDIUM, "setting-changed", "Runs behave differently."),
)
"""By the first pattern that fits. Whatever is not named, such as a setting of a later version, has the last one."""
RISKS: Final = (_ADDED_POLICY, _GONE_POLICY, *(Risk(level, code, why) for _, level, code, why in _RULES))
"""Every risk that a change of settings can have."""


def settings_changes(
    before: Settings | None, after: Settings | None, place: Callable[[_Steps], Place] | None = None
) -> tuple[SettingChange, ...]:
    """Return every setting that differs, the highest risk first; None is a side without ``reconciler.yaml``.

    ``place`` finds the lines of the newer file.
    """
    old, new = (_said(side) for side in (before, after))
    found = (
        SettingChange(
            ".".join(steps),
            frozen(was),
            frozen(now),
            setting_risk(".".join(steps), is_new=was is None),
            place(steps) if place else None,
        )
        for steps, was, now in _differences((), old, new)
    )
    return tuple(sorted(found, key=lambda each: (-each.risk.level.rank, each.path)))


def ignored_changes(before: DesiredState, after: DesiredState, unknown: Collection[Address]) -> Iterator[SettingChange]:
    """Yield the fields of Keycloak that manifests ignore from now on, or ignore otherwise than at the base.

    Of the ``unknown``, nobody can tell what the base says.
    """
    known = {each.name: _ignored(each) for each in before.organizations}
    for each in after.organizations:
        if Address.organization(each.name) in unknown:
            continue
        for path, entry in _ignored(each).items():
            if (was := known.get(each.name, {}).get(path)) != entry:
                setting = f"{Address.organization(each.name)}.lifecycle.ignoreChanges.{path}"
                yield SettingChange(setting, frozen(was), frozen(entry), setting_risk(setting, is_new=was is None))


def changed_ends(before: DesiredState, after: DesiredState, unknown: Collection[Address]) -> Iterator[SettingChange]:
    """Yield what is granted at the base as well, and ends at another moment from now on, or never."""
    known = {each.name: each for each in before.organizations if Address.organization(each.name) not in unknown}
    for each in after.organizations:
        was = known.get(each.name)
        if was is None:
            continue
        old, new = _ends(was), _ends(each)
        for path in sorted(old.keys() & new.keys()):
            if old[path] != new[path]:
                setting = f"{Address.organization(each.name)}.until.{path}"
                yield SettingChange(setting, old[path], new[path], setting_risk(setting, is_new=False))


def _ends(organization: IntegrationOrganization) -> dict[str, str | None]:
    """Return when each partner and each flag that is granted ends, None for never."""
    capabilities = organization.spec.capabilities
    ends: dict[str, datetime | None] = {
        f"authorizedPartners[{each.uuid}]": each.until for each in organization.spec.authorized_partners
    }
    for name, info in type(capabilities).model_fields.items():
        if (flag := getattr(capabilities, name)) is True or isinstance(flag, TimedFlag):
            ends[f"capabilities.{info.alias}"] = None if flag is True else flag.until
    return {path: None if end is None else utc_text(end) for path, end in ends.items()}


def _ignored(organization: IntegrationOrganization) -> Mapping[str, Any]:
    entries = organization.lifecycle.ignored_fields
    return {entry.path: entry.model_dump(mode="json", by_alias=True) for entry in entries}


def _said(settings: Settings | None) -> Any:
    """Return what the file says; what it leaves out, or says as the default, is left out."""
    if settings is None:
        return _NOTHING
    return settings.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _differences(steps: _Steps, before: Any, after: Any) -> Iterator[tuple[_Steps, Any, Any]]:
    if before == after:
        return
    old, new = _parts(before), _parts(after)
    if old is None or new is None or not (old or new):
        yield steps, before, after
        return
    is_list = isinstance(before, list) or isinstance(after, list)
    for key in [*new, *(old.keys() - new.keys())]:
        was, now = old.get(key), new.get(key)
        if is_list and (was is None or now is None):
            # One rule that comes or goes is one difference.
            yield (*steps, key), was, now
        else:
            yield from _differences((*steps, key), was, now)


def _parts(value: Any) -> Mapping[str, Any] | None:
    """Return what a setting consists of, by key or name; None where it is one value."""
    if value is None:
        return _NOTHING
    if isinstance(value, Mapping):
        return value
    for name in _NAMES:
        if isinstance(value, list) and value and all(isinstance(item, Mapping) and name in item for item in value):
            return {item[name]: item for item in value}
    return None


def setting_risk(path: str, *, is_new: bool) -> Risk:
    """Return what could go wrong where a setting changes, or ``is_new``: the base does not say it."""
    if path.startswith("policies.") and path.count(".") == 1:
        return _ADDED_POLICY if is_new else _GONE_POLICY
    return next(Risk(level, code, why) for pattern, level, code, why in _RULES if fnmatchcase(path, pattern))
