"""Words for codes that nothing else explains: what each means, and what to do; a test holds that none is missing."""

from collections.abc import Mapping
from typing import Final

from reconciler.model.change import Action, Reason
from reconciler.model.diagnosis import CheckName, CheckStatus
from reconciler.model.drift_report import DriftState
from reconciler.model.errors import ExitCode
from reconciler.model.field_class import FieldClass
from reconciler.model.finding import FieldStatus, Severity
from reconciler.model.origin import Origin
from reconciler.model.outcome import Status
from reconciler.model.ownership import Ownership
from reconciler.model.plan import Movement
from reconciler.model.policy import PolicyEffect
from reconciler.model.risk import RiskLevel
from reconciler.model.rotation import Phase, RotationStatus
from reconciler.model.verdict import Verdict

Words = Mapping[str, tuple[str, str]]
_LOOK: Final = "See plan, or drift, for what differs and who changed it."

EXIT_CODES: Final[Mapping[ExitCode, tuple[str, str]]] = {
    ExitCode.DONE: ("Done, or no changes.", ""),
    ExitCode.ERROR: (
        "An error: invalid manifests, an incomplete plan, a held lock; doctor found something.",
        "Standard error says what, and what to do.",
    ),
    ExitCode.CHANGES: ("Changes are pending (plan --detailed-exitcode), or there is drift (drift).", _LOOK),
    ExitCode.UNREACHABLE: (
        "A live system cannot be reached, or refuses our credentials (doctor: the program's).",
        "Standard error names the cause; -v shows each request.",
    ),
    ExitCode.PARTIAL: (
        "Partly applied, or applied and not verified.",
        "Run apply again: it resumes from there. history show says what was written.",
    ),
    ExitCode.STALE: ("The saved plan is stale: something that it writes has changed since.", "Plan again."),
    ExitCode.REFUSED: (
        "Refused by a guard or a policy; nothing was written.",
        "Standard error names the option that a guard asks for, or the policy; show --needs PLANFILE prints them.",
    ),
    ExitCode.USAGE: ("Wrong usage: the command line, or reconciler.yaml.", "Standard error says what to write."),
    ExitCode.INTERRUPTED: ("Interrupted (Ctrl-C, SIGTERM) before anything was written.", "Run it again."),
}

OPTIONS: Final[Words] = {
    "--allow-delete": (
        "The plan deletes managed resources, or accounts of people.",
        "Add it if that is intended; otherwise restore the manifests. --soft-delete suspends and disables first.",
    ),
    "--force": (
        "The plan deletes or disables a larger share of what is managed than guards.maxShare allows (30 % by default).",
        "Add it if that is intended; otherwise look for lost manifests.",
    ),
    "--allow-takeover": (
        "The plan would write what another reconciler owns; without the option, that is blocked.",
        "Add it if this reconciler shall manage it from now on; otherwise leave it to the other one.",
    ),
    "--approval": (
        "A policy of reconciler.yaml wants the saved plan approved by a person.",
        "Run approve PLANFILE --out APPROVAL, then apply PLANFILE --approval APPROVAL.",
    ),
}

WORDS: Final[Mapping[str, Words]] = {
    "action": {
        Action.NO_OP: ("It is as declared.", ""),
        Action.CREATE: ("It is declared, and is not there: apply creates it.", ""),
        Action.UPDATE: ("It is managed, and differs: apply changes it.", ""),
        Action.DELETE: ("It is managed, and no manifest declares it any more: apply deletes it.", "--allow-delete"),
        Action.ADOPT: ("It is declared, and exists without our ownership mark: apply takes it over.", ""),
    },
    "reason of a difference": {
        Reason.MANIFEST_CHANGED: ("The manifest was changed since the last apply.", "Apply."),
        Reason.KEYCLOAK_CHANGED: ("Somebody changed it in Keycloak since the last apply.", _LOOK),
        Reason.PLATFORM_CHANGED: ("Somebody changed it on the platform since the last apply.", _LOOK),
        Reason.BOTH_CHANGED: ("The manifest and the live value were both changed since the last apply.", _LOOK),
        Reason.RULES_CHANGED: ("A built-in default of this version of the reconciler says it.", "Apply."),
        Reason.NEVER_APPLIED: ("It was never applied.", "Apply."),
        Reason.NOT_DECLARED: ("No manifest declares it any more.", "Apply, or restore the manifest."),
    },
    "status of a field": {
        FieldStatus.IN_SYNC: ("Manifest, Keycloak and GET /v1/me agree.", ""),
        FieldStatus.DRIFTED: ("Keycloak is not as declared.", _LOOK),
        FieldStatus.LAGGING: ("Keycloak is as declared, and GET /v1/me is not yet.", "Wait; apply does."),
        FieldStatus.OVERRIDDEN: (
            "Keycloak is as declared, and GET /v1/me stays different.",
            "Ask NT24; reconciler request writes the text.",
        ),
        FieldStatus.UNKNOWN: ("It could not be seen.", "The finding says why."),
    },
    "severity of a finding": {
        Severity.ERROR: ("Something is wrong, and no write of the reconciler can mend it.", "See its remedy."),
        Severity.WARNING: ("Something should be looked at; it changes no exit code.", "See its remedy."),
        Severity.INFO: ("A note.", ""),
    },
    "state of drift": {
        DriftState.IN_SYNC: ("Nothing has drifted.", ""),
        DriftState.DRIFT: ("Something is not as it was last applied.", "Declare it, or revert it: drift --fix."),
        DriftState.INCOMPLETE: ("Not everything could be read: nothing can be said of the whole.", "See the failures."),
        DriftState.UNREACHABLE: ("A live system could not be reached, or denied access.", "See the error."),
        DriftState.FAILED: ("The run failed.", "See the error."),
    },
    "verdict": {
        Verdict.INCOMPLETE: ("Not everything could be read: nothing can be said of the whole.", "See the failures."),
        Verdict.DENIED: ("A policy denies the plan, and no approval helps.", "Change the manifests, or the policy."),
        Verdict.CHANGES: ("There is something to write.", "Apply."),
        Verdict.NOT_IN_SYNC: ("There is nothing to write, and yet not everything is as declared.", "See the findings."),
        Verdict.IN_SYNC: ("Everything is as declared.", ""),
    },
    "origin of a difference (--base)": {
        Origin.THIS_CHANGE: ("This change of the manifests makes the difference.", ""),
        Origin.DRIFT_BEFORE: ("The difference was there before: drift, or what was merged and not applied yet.", ""),
        Origin.BOTH: ("It differed before, and this change of the manifests changes it, too.", ""),
    },
    "movement since a plan was saved": {
        Movement.CHANGED: ("Somebody changed it since the plan was saved.", "Plan again."),
        Movement.GONE: ("It was deleted since the plan was saved.", "Plan again."),
        Movement.EXISTS: ("It was created since the plan was saved.", "Plan again."),
        Movement.REPLACED: ("It was deleted and created again since the plan was saved.", "Plan again."),
        Movement.APPLIED: ("It is as the plan would make it.", ""),
    },
    "status of a change": {
        Status.DONE: ("It was made.", ""),
        Status.FAILED: ("A request failed: it was made in part, or not at all.", "Apply again: it resumes."),
        Status.SKIPPED: ("It was not begun: what it needs failed, or the run was stopped.", "Apply again."),
    },
    "ownership in list": {
        Ownership.MANAGED: ("This owner's reconciler manages it.", ""),
        Ownership.UNMANAGED: ("No reconciler manages it.", "import writes a manifest for it."),
        Ownership.OTHER_OWNER: ("The reconciler of another owner manages it.", "apply --allow-takeover takes it over."),
        Ownership.MISSING: ("A manifest declares it, and it does not exist yet.", "Apply."),
    },
    "effect of a policy": {
        PolicyEffect.DENY: ("The policy stops the plan.", "Change the manifests, or the policy."),
        PolicyEffect.REQUIRE_LABEL: ("The policy stops the plan unless the organization has a label.", "Add it."),
        PolicyEffect.REQUIRE_APPROVAL: ("The policy asks for an approval of the saved plan.", "Run approve PLANFILE."),
    },
    "level of a risk": {
        RiskLevel.NONE: ("Nothing can go wrong.", ""),
        RiskLevel.LOW: ("Little can go wrong, or it can be undone.", ""),
        RiskLevel.MEDIUM: ("Some systems or people may be affected.", "Look at it before apply."),
        RiskLevel.HIGH: ("Systems are refused, data is opened, or something cannot be undone.", "Review it."),
    },
    "status of a rotation": {
        RotationStatus.DONE: ("The client's step was done.", ""),
        RotationStatus.SKIPPED: ("There was nothing to do for the client.", ""),
        RotationStatus.REFUSED: ("The step is not safe for the client now.", "See its remedy."),
        RotationStatus.FAILED: ("The step failed for the client.", "See its remedy; run it again."),
    },
    "phase of a rotation": {
        Phase.SETTLED: ("One secret, and no rotation under way.", ""),
        Phase.STARTING: ("A start was interrupted before a new secret was made.", "rotate start"),
        Phase.UNDELIVERED: ("Two secrets; the current one is not known to be delivered.", "rotate deliver"),
        Phase.OVERLAP: ("Two secrets; the current one was delivered and tried.", "rotate confirm"),
        Phase.TRIAL: ("The old secret is closed, to see whether somebody still uses it.", "rotate confirm or abort"),
        Phase.ENDED: ("The old secret has expired; the rotation only has to be closed.", "rotate confirm"),
        Phase.FOREIGN: ("Somebody else made a new secret.", "rotate deliver, or rotate abort"),
    },
    "status of a check of doctor": {
        CheckStatus.OK: ("All is well.", ""),
        CheckStatus.WARNING: ("It works, but something is not as it should be, or will not last.", "See its remedy."),
        CheckStatus.FAILED: ("Something is wrong.", "See its causes, the most likely first."),
        CheckStatus.SKIPPED: ("The check was not made.", "Its summary says why."),
    },
    "check of doctor": {
        CheckName.CREDENTIALS: ("How the client's id and secret look.", ""),
        CheckName.KEYCLOAK: ("Whether Keycloak can be reached.", ""),
        CheckName.KEYCLOAK_TLS: ("Whether Keycloak's certificate is trusted.", ""),
        CheckName.REALM: ("Whether the realm is there, and which issuer it names.", ""),
        CheckName.ADMIN: ("Whether the reconciler's login may look at the client in Keycloak.", ""),
        CheckName.TOKEN: ("Whether the client gets a token.", ""),
        CheckName.CLOCK: ("Whether this machine's clock agrees with Keycloak's.", ""),
        CheckName.CLAIMS: ("What the token says of its organization and issuer.", ""),
        CheckName.API: ("Whether the NT24 Integration API can be reached.", ""),
        CheckName.API_TLS: ("Whether the API's certificate is trusted.", ""),
        CheckName.ME: ("Whether GET /v1/me answers the client.", ""),
        CheckName.RATE_LIMIT: ("How much of the request budget is left.", ""),
        CheckName.DPA: ("Whether the Data Processing Agreement is accepted and current.", ""),
        CheckName.PARTNERS: ("Which trade partners the organization is authorized for.", ""),
        CheckName.CAPABILITIES: ("Which capabilities are in force.", ""),
        CheckName.PROGRAM_TOKEN: ("Whether the token in NT24_ACCESS_TOKEN is good.", ""),
        CheckName.PROGRAM_LOGINS: ("Which logins of the program failed, by Keycloak's events.", ""),
        CheckName.ANSWER: ("What an error answer means (--explain).", ""),
    },
    "class of a field (metrics)": {
        FieldClass(each): (f"Fields that are about: {each}.", "") for each in FieldClass
    },
    "kind of an error": {
        "ManifestError": ("Manifests are wrong.", "Correct each problem at its line."),
        "SettingsError": ("reconciler.yaml is wrong.", "Correct each problem at its line."),
        "WrongUsage": ("The command line or the settings make no sense.", "See --help of the command."),
        "LiveSystemError": ("A live system cannot be used.", "See its remedy."),
        "Unreachable": ("No answer came from a live system, or it says: not now.", "Check the URL, and try again."),
        "WrongServer": ("Something else answers at a live system's address.", "Check KEYCLOAK_URL and NT24_API_URL."),
        "AccessRefused": ("Credentials or roles are not enough.", "Check the login, and its roles (bootstrap-login)."),
        "RequestFailed": ("A live system answered a request with an error.", "See its remedy."),
        "NotFound": ("What a request asks for is not there.", "See its remedy."),
        "Conflict": ("The object exists already, or another writer was faster.", "Run it again."),
        "OutcomeUnknown": ("The connection broke after a write was sent.", "Run apply again: it looks first."),
        "GuardRefused": ("The plan is too dangerous without an option.", "The message names the option."),
        "PolicyRefused": ("A policy of reconciler.yaml stops the plan.", "Have it approved, or change the manifests."),
        "StalePlan": ("Something moved since the plan was saved.", "Plan again."),
        "LockHeld": ("Another run is writing.", "Wait (--lock-timeout); force-unlock if that run is dead."),
        "SinkFailed": ("A secret could not be delivered; Keycloak still has it.", "Fix the sink, then rotate deliver."),
        "JournalBroken": ("What an apply does cannot be written down.", "Check the disk, or name another --journal."),
        "HistoryBroken": ("The history cannot be read or written; it never stops a run.", "Check --history."),
        "Halted": ("No further write may start: interrupted, or the lock was lost.", "Run apply again: it resumes."),
        "ReconcilerError": ("Something that a person must look at.", "See its remedy."),
        "OutputLost": ("Standard output could not be written.", "Redirect it to a place that can be written."),
    },
}  # fmt: skip

RISKS: Final[Mapping[str, tuple[RiskLevel, str]]] = {
    "roles-removed": (RiskLevel.HIGH, "Roles that others have granted to everybody are removed from tokens."),
    "tier-down": (RiskLevel.MEDIUM, "Fewer requests a minute are let through."),
    "tier-up": (RiskLevel.LOW, "More requests a minute are let through."),
    "webhook-resumed": (RiskLevel.LOW, "Events are delivered again."),
}
"""Those whose rule decides by values that nobody can guess."""

CAUSES: Final[Mapping[str, str]] = {
    "admin-api-failed": "Keycloak's Admin API answers the reconciler's login with an error.",
    "admin-login-refused": "Keycloak refuses the reconciler's own login, so that nothing stored could be compared.",
    "answer-of-another-form": "The answer has another form than documented.",
    "api-clock-skew": "The API's clock differs from Keycloak's: new tokens count as expired, or as not valid yet.",
    "blanks-around-credentials": "The client's id or secret begins or ends with a space, a line break or a quote.",
    "capability-unknown": "Neither the platform nor this program knows a capability of that name.",
    "certificate-ends-soon": "The server's certificate expires soon.",
    "clock-skew": "This machine's clock differs from Keycloak's.",
    "dpa-due": "A newer Data Processing Agreement is required from a deadline on.",
    "issuer-differs": "The token names another issuer than the realm.",
    "issuer-mismatch": "The realm names another issuer than its address: its tokens name that one.",
    "login-failed": "Some of the program's logins failed.",
    "no-partners": "The organization is authorized for no trade partner.",
    "not-keycloak": "What answers is not Keycloak, or Keycloak has another base path.",
    "old-secret-used": "The secret was replaced; the old one is still accepted for a while.",
    "overloaded": "The server is overloaded, restarting, or cannot reach a system that it needs.",
    "rate-limit-near": "The organization's request budget is nearly used up; all of its clients share it.",
    "secret-ends-soon": "The secret expires soon.",
    "secret-too-short": "The secret is shorter than those that NT24 gives.",
    "token-of-another-client": "The token was issued to another client.",
    "token-of-another-kind": "The token is not an access token.",
    "token-short": "Tokens live so short that programs ask for them too often.",
    "token-unreadable": "NT24_ACCESS_TOKEN holds no JWT.",
    "token-without-organization": "The token names no organization.",
    "unexplained": "What was answered is no error that is known.",
}

EVENTS: Final[Words] = {
    "approval-saved": ("approve wrote an approval.", "Pass it to apply --approval."),
    "approved": ("The plan that is applied was approved.", ""),
    "attempt": ("One attempt of a request that was repeated, or failed.", ""),
    "change": ("A change was made, failed or was skipped.", ""),
    "error": ("The run ended with an error.", "error names its kind, remedy says what to do."),
    "hint": ("What to do next.", ""),
    "history": ("The run could not be recorded.", "Check --history."),
    "interrupted": ("The run was interrupted.", "Run it again."),
    "lock": ("The lock was waited for, taken over, lost, or could not be released.", ""),
    "login": ("The run logged in to Keycloak.", ""),
    "mock": ("GET /v1/me is answered by a mock: it proves nothing.", "Name the real platform."),
    "moved": ("What a saved plan would write has changed since.", "Plan again."),
    "no-action": ("init was given no name of the Action: workflows fail until they are made again.", ""),
    "no-wheel": ("init was given no wheel: what installs the reconciler fails until it is made again.", ""),
    "no-sink": ("A webhook will be created without a sink for its secret.", "Name a sink: --sink."),
    "nothing-to-fix": ("None of the drift can be reverted automatically.", "See plan."),
    "notification": ("A notification of drift was not delivered.", "Check the notifications of reconciler.yaml."),
    "other-version": ("Another version of the program made the recording.", ""),
    "passed_over": ("Files belong to other programs, and are not read.", "validate names all of them."),
    "plan-saved": ("plan --out saved the plan.", "Run the command that it names."),
    "read-failure": ("Something could not be read.", "See its remedy."),
    "recorded": ("--record saved what was read.", ""),
    "request": ("A request was answered, or failed.", ""),
    "rotation": ("A step of a client's rotation.", ""),
    "sandbox": ("A step of the sandbox.", ""),
    "secret-delivered": ("The secret of a new resource was delivered; place says where.", ""),
    "stage": ("A stage of the run ended.", ""),
    "waiting": ("apply waits until the changes take effect.", ""),
}
