"""Approvals as files: JSON that people can read, and that says which plan it is for."""

from dataclasses import asdict
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from reconciler.model.errors import WrongUsage
from reconciler.model.policy import Approval

KIND: Final = "reconciler-approval"


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal["reconciler-approval"]
    format_version: Literal["1.0"]
    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    policies: tuple[str, ...]
    approved_by: str
    approved_at: AwareDatetime
    reason: str


def approval_text(approval: Approval) -> str:
    """Return the approval as the text of its file."""
    document = _Document(kind=KIND, format_version="1.0", **asdict(approval))
    return document.model_dump_json(indent=2) + "\n"


def parse_approval(text: str, source: str) -> Approval:
    """Return the approval that was saved as ``text``; ``source`` is the file's name, for messages.

    It is no signature: who may put the file where apply finds it, may approve.

    Raises:
        WrongUsage: It is no approval.
    """
    try:
        document = _Document.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise WrongUsage(
            f"{source} is not an approval: {place + ': ' if place else ''}{first['msg']}.",
            remedy="Make one by reconciler approve PLANFILE --out FILE.",
        ) from error
    return Approval(**document.model_dump(exclude={"kind", "format_version"}))
