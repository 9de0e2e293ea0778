"""From where on a plan is too much for one apply without a person's explicit word."""

from typing import Annotated, Final

from pydantic import Field

from reconciler.model.strict import Strict


class Guards(Strict):
    """When a plan deletes, suspends or disables too much at once: `apply` refuses it without `--force`."""

    max_share: Annotated[float, Field(ge=0, le=1)] = 0.3
    """The largest share of what is managed that one plan may delete, suspend or disable: from 0 to 1."""
    min_resources: Annotated[int, Field(ge=1)] = 10
    """How many resources must be managed for the share to count."""


DEFAULT_GUARDS: Final = Guards()
"""What holds where no settings say anything."""
