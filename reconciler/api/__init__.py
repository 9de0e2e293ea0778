"""The Python API: open live systems with values, and run use cases on them. See docs/python-api.md.

Nothing here reads the environment, ``reconciler.yaml`` or the current folder, or prints.
"""

from reconciler.adapters.clock import SystemClock
from reconciler.adapters.http import Connection
from reconciler.adapters.interruption import SignalInterruption
from reconciler.adapters.journal import FileJournal
from reconciler.adapters.lock_holding import hold_lock
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
from reconciler.adapters.write_gate import LockGate
from reconciler.app.apply import ApplyRequest, SavedRequest, apply, apply_saved, bound_plan
from reconciler.app.diagnose import DiagnosePorts, DiagnoseRequest, diagnose
from reconciler.app.drift import DriftRequest, Watch, drift
from reconciler.app.fix import FixRequest, fix
from reconciler.app.gated_write import Ending, Terms, WritePorts, WriteResult
from reconciler.app.import_ import ImportRequest, import_
from reconciler.app.me import MePorts, MeRequest, me
from reconciler.app.plan import PlanRequest, plan
from reconciler.app.request import AskRequest, requests
from reconciler.app.review import approval, reviewed
from reconciler.app.rotate import RotatePorts, RotateRequest, StatusRequest, rotate, rotation_status
from reconciler.app.unattended import Unattended
from reconciler.app.validate import validate
from reconciler.manifest.from_live import Choice
from reconciler.manifest.load import load, load_texts
from reconciler.model.address import Address
from reconciler.model.errors import ReconcilerError
from reconciler.model.expectations import Expectations
from reconciler.plan.context import Context
from reconciler.ports import Events, Systems
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_text import plan_text

__all__ = [
    "AccessTokenLogin",
    "Address",
    "AdminLogin",
    "ApplyRequest",
    "AskRequest",
    "Choice",
    "ClientSecretLogin",
    "Connection",
    "Context",
    "DiagnosePorts",
    "DiagnoseRequest",
    "DriftRequest",
    "Ending",
    "Events",
    "Expectations",
    "FileJournal",
    "FixRequest",
    "ImportRequest",
    "JwtFileLogin",
    "JwtLogin",
    "LockGate",
    "MePorts",
    "MeRequest",
    "PasswordLogin",
    "PlanRequest",
    "ReconcilerError",
    "RotatePorts",
    "RotateRequest",
    "SavedRequest",
    "SignalInterruption",
    "SignedJwtLogin",
    "StatusRequest",
    "SystemClock",
    "Systems",
    "Terms",
    "Unattended",
    "Watch",
    "WritePorts",
    "WriteResult",
    "apply",
    "apply_saved",
    "approval",
    "bound_plan",
    "connect",
    "diagnose",
    "drift",
    "fix",
    "hold_lock",
    "import_",
    "load",
    "load_texts",
    "me",
    "plan",
    "plan_json",
    "plan_text",
    "requests",
    "reviewed",
    "rotate",
    "rotation_status",
    "validate",
]
