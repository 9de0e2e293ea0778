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
from reconciler.adapters.prober import connect as connect_prober
from reconciler.adapters.secret_trial import connect as connect_proof
from reconciler.adapters.sinks.opening import open_sink
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
from reconciler.app.rotate import (
    Abort,
    Confirm,
    Deliver,
    RotatePorts,
    RotateRequest,
    Start,
    StatusRequest,
    rotate,
    rotation_status,
)
from reconciler.app.unattended import Unattended
from reconciler.app.validate import validate
from reconciler.diagnose.session import Asked, Credentials
from reconciler.events.incremental import CheckpointTerms
from reconciler.manifest.from_live import Choice
from reconciler.manifest.load import Loaded, load, load_texts
from reconciler.manifest.positions import Sources
from reconciler.manifest.recognition import PassedOver
from reconciler.model.address import Address
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.diagnosis import DiagnosisSubject
from reconciler.model.effective_choice import EffectiveChoice
from reconciler.model.errors import ReconcilerError
from reconciler.model.expectations import DpaRequirement, Expectations, Guards, IgnoredField, People
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from reconciler.model.policy import Approval, PlacedPolicy, Policy
from reconciler.plan.context import Context
from reconciler.plan.since import Before
from reconciler.ports import Events, Systems
from reconciler.review.plan_file import SavedPlan
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_text import plan_text

__all__ = [
    "Abort",
    "AccessTokenLogin",
    "Address",
    "AdminLogin",
    "ApplyRequest",
    "Approval",
    "AskRequest",
    "Asked",
    "Before",
    "Checkpoint",
    "CheckpointTerms",
    "Choice",
    "ClientSecretLogin",
    "Confirm",
    "Connection",
    "Context",
    "Credentials",
    "Deliver",
    "DesiredState",
    "DiagnosePorts",
    "DiagnoseRequest",
    "DiagnosisSubject",
    "DpaRequirement",
    "DriftRequest",
    "EffectiveChoice",
    "Ending",
    "Events",
    "Expectations",
    "FileJournal",
    "FixRequest",
    "Guards",
    "IgnoredField",
    "ImportRequest",
    "JwtFileLogin",
    "JwtLogin",
    "Loaded",
    "LockGate",
    "MePorts",
    "MeRequest",
    "PassedOver",
    "PasswordLogin",
    "People",
    "PlacedPolicy",
    "Plan",
    "PlanRequest",
    "Policy",
    "ReconcilerError",
    "RotatePorts",
    "RotateRequest",
    "SavedPlan",
    "SavedRequest",
    "SignalInterruption",
    "SignedJwtLogin",
    "Sources",
    "Start",
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
    "connect_prober",
    "connect_proof",
    "diagnose",
    "drift",
    "fix",
    "hold_lock",
    "import_",
    "load",
    "load_texts",
    "me",
    "open_sink",
    "plan",
    "plan_json",
    "plan_text",
    "requests",
    "reviewed",
    "rotate",
    "rotation_status",
    "validate",
]
