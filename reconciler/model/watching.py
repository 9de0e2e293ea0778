"""The settings of ``drift`` in ``reconciler.yaml``: whom to tell."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

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
