"""The settings of ``drift`` in ``reconciler.yaml``: whom to tell, and until when an agreement is good."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from reconciler.model.scalars import Text
from reconciler.model.strict import Strict


class Channel(StrEnum):
    """Name the forms of a notification; closed."""

    SLACK = "slack"
    WEBHOOK = "webhook"


class Notification(Strict):
    """Somebody who is told when what `drift` finds changes."""

    kind: Channel
    """`slack` for Slack and what accepts its messages (Mattermost, Rocket.Chat), `webhook` for a JSON document."""
    url_from: Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]*$", max_length=100, examples=["SLACK_WEBHOOK_URL"])]
    """The environment variable that holds the URL: whoever knows the URL can write there, so it is a secret."""
    required: bool = False
    """Whether a notification that could not be delivered is an error (exit code 1)."""


class DpaNotice(Strict):
    """A new version of the Data Processing Agreement that NT24 has announced."""

    version: Annotated[Text, Field(examples=["2026-07"])]
    """The new version."""
    enforced_at: Annotated[AwareDatetime, Field(strict=False, examples=["2026-12-01T00:00:00Z"])]
    """From when on every call is refused where it is not accepted."""
