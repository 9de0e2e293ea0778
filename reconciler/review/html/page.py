"""Fill the page: style and script stand inside of it, and its policy lets nothing else run or load."""

import base64
import hashlib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from jinja2 import BaseLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from reconciler._version import __version__
from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.model.manifest import utc_text
from reconciler.model.plan import Plan
from reconciler.model.risk import RiskLevel
from reconciler.model.text import counted, visible
from reconciler.review.html.page_view import parts
from reconciler.review.labels import kinds_counted
from reconciler.review.markdown import shortened
from reconciler.review.policy_text import where
from reconciler.review.risk_view import shown_rows
from reconciler.review.settings_text import setting_way, settings_title
from reconciler.review.since_text import ORIGIN, asks_live_systems, base_text, tells_origins
from reconciler.review.subject import Subject
from reconciler.review.summary import severities
from reconciler.review.view import PlanView, plan_view, short_revision

_SIGN = {Action.CREATE: "+", Action.UPDATE: "~", Action.ADOPT: "~", Action.DELETE: "-", Action.NO_OP: ""}
_TITLE = {Subject.PLAN: "Plan review", Subject.DRIFT: "Drift report", Subject.DIFF: "Manifests compared"}


_ROWS: Final = 12
"""Rows in the table of risks before the rest is folded; what destroys never is."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number at the top of the page."""

    value: int
    noun: str
    tone: str


def plan_html(plan: Plan, subject: Subject, *, only_summary: bool = False) -> str:
    """Return the page; the same plan gives the same bytes.

    What happens to whom stands before many changes; with ``only_summary``, in place of them.
    """
    style, script = _file("page.css"), _file("page.js")
    view = plan_view(plan, subject)
    risks, more_risks = shown_rows(view.risk_rows, _ROWS)
    return _template().render(
        subject=subject.value,
        title=_TITLE[subject],
        before="At the base" if subject is Subject.DIFF else "Keycloak",
        view=view,
        numbers=_numbers(view),
        facts=_facts(view),
        notes=[shortened(note) for note in view.notes],
        origins=_origins(plan),
        origin_words=ORIGIN,
        parts=() if only_summary else parts(view),
        summary=view.summary if view.groups and (only_summary or view.is_long) else None,
        risks=risks,
        more_risks=more_risks,
        events=view.event_rows,
        counted=kinds_counted,
        sign=_SIGN,
        actions=[action.value for action in Action if any(c.action is action for c in plan.changes)],
        levels=[level.value for level in RiskLevel if level is not RiskLevel.NONE][::-1],
        settings_title=settings_title(view.settings),
        setting_way=setting_way,
        where=where,
        read_failures=plan.read_failures,
        unmanaged=[(address, plan.owners.get(address, "")) for address in plan.unmanaged],
        unmanaged_counted=kinds_counted(plan.unmanaged),
        asked_effective=plan.asked_effective or not asks_live_systems(plan),
        coverage=view.rests_on,
        unchanged=len(plan.unchanged),
        version=__version__,
        # Ours, and not escaped: an entity would be no style and no script.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=_policy(style, script),
    )


def _numbers(view: PlanView) -> tuple[Number, ...]:
    plan, counts, risks = view.plan, view.plan.counts, view.risk_numbers
    return (
        Number(risks[RiskLevel.HIGH], "high risk" if risks[RiskLevel.HIGH] == 1 else "high risks", "high"),
        Number(risks[RiskLevel.MEDIUM], "medium risk" if risks[RiskLevel.MEDIUM] == 1 else "medium risks", "medium"),
        Number(counts.added, "to add", "create"),
        Number(counts.changed, "to change", "update"),
        Number(counts.destroyed, "to destroy", "delete"),
        Number(sum(change.is_drift for change in view.changes), "drifted", "drift"),
        Number(view.blocked, "blocked", "blocked"),
        Number(len(plan.findings), "findings" if len(plan.findings) != 1 else "finding", "finding"),
    )


def _origins(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return the origins that the filter offers, each with its words; none where no base tells."""
    return tuple((origin.value, words) for origin, words in ORIGIN.items()) if tells_origins(plan) else ()


def _facts(view: PlanView) -> tuple[tuple[str, str], ...]:
    plan = view.plan
    target, targets = replace(plan.target, revision=short_revision(plan)), ", ".join(map(str, plan.targets))
    facts = (
        *target.named.items(),
        ("Read at", utc_text(plan.created_at)),
        ("Base", base_text(plan.base) if plan.base else ""),
        ("Fingerprint", view.fingerprint),
        ("Only", targets),
        ("Without", ", ".join(map(str, plan.excluded))),
        ("Guards", view.leave),
        ("Findings", severities(view.findings)),
        ("Not complete", f"{counted(len(plan.read_failures), 'part')} could not be read" if plan.read_failures else ""),
    )
    return tuple((name, value) for name, value in facts if value)


def _shown(value: object) -> object:
    """Return a value with what a browser would obey made visible; the engine escapes it afterwards."""
    return value if isinstance(value, Markup) else visible(str(value))


def _anchor(home: Address) -> str:
    """Return the id of an organization's part of the page, which may hold no blank."""
    return quote(visible(str(home)), safe="/")


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: this style and this script by their hashes, and nothing from anywhere."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _template() -> Template:
    environment = Environment(
        loader=BaseLoader(),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    environment.filters["anchor"] = _anchor
    return environment.from_string(_file("page.html.j2"))


@cache
def _file(name: str) -> str:
    return files("reconciler.review.html").joinpath(name).read_text(encoding="utf-8")
