"""The Python API: open live systems with values, and run use cases on them. See docs/python-api.md.

Nothing here reads the environment, ``reconciler.yaml`` or the current folder, or prints.
"""

from reconciler.adapters.http import Connection
from reconciler.adapters.login import (
    AccessTokenLogin,
    AdminLogin,
    ClientSecretLogin,
    JwtFileLogin,
    JwtLogin,
    PasswordLogin,
    SignedJwtLogin,
)
from reconciler.adapters.systems import connect
from reconciler.app.drift import DriftRequest, Watch, drift
from reconciler.app.import_ import ImportRequest, import_
from reconciler.app.plan import PlanRequest, plan
from reconciler.app.unattended import Unattended
from reconciler.manifest.from_live import Choice
from reconciler.manifest.load import load, load_texts
from reconciler.model.errors import ReconcilerError
from reconciler.plan.context import Context
from reconciler.ports import Events, Systems
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_text import plan_text

__all__ = [
    "AccessTokenLogin",
    "AdminLogin",
    "Choice",
    "ClientSecretLogin",
    "Connection",
    "Context",
    "DriftRequest",
    "Events",
    "ImportRequest",
    "JwtFileLogin",
    "JwtLogin",
    "PasswordLogin",
    "PlanRequest",
    "ReconcilerError",
    "SignedJwtLogin",
    "Systems",
    "Unattended",
    "Watch",
    "connect",
    "drift",
    "import_",
    "load",
    "load_texts",
    "plan",
    "plan_json",
    "plan_text",
]
