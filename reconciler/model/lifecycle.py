"""How the reconciler treats a resource, whatever it shall be."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Discriminator, Field, Tag

from reconciler.model.expectations import IgnoredField
from reconciler.model.scalars import FieldPath, broken
from reconciler.model.strict import Strict as _Strict


class Adoption(_Strict):
    """What happens to an object that exists already when it is managed for the first time."""

    drop: tuple[Annotated[str, Field(min_length=1, max_length=1000, examples=["keycloak.redirectUris"])], ...] = ()
    """Fields that adopting may take away though a program may rely on them, named as a plan names them, each with all
    that is below it; `clients[CLIENTID].FIELD` means that client alone."""


def _of_manifest(path: Any) -> Any:
    if isinstance(path, str) and path.startswith("keycloak."):
        raise broken(
            "A field of Keycloak can be ignored only for a limited time, and with a reason.",
            f"Write {{path: {path}, reason: …, until: 2027-03-31}}.",
        )
    return path


PATH_FORM: Final = "[path]"
ENTRY_FORM: Final = "[entry]"
"""What pydantic calls the two forms of an item of `ignoreChanges`."""
IgnoredChange = Annotated[
    Annotated[FieldPath, BeforeValidator(_of_manifest), Field(examples=["spec.clients[*].description"]), Tag(PATH_FORM)]
    | Annotated[IgnoredField, Tag(ENTRY_FORM)],
    Discriminator(lambda value: ENTRY_FORM if isinstance(value, dict | IgnoredField) else PATH_FORM),
]


class Lifecycle(_Strict):
    """How the reconciler treats the resource."""

    prevent_destroy: bool = False
    """Never delete it: a plan that would do so is refused."""
    ignore_changes: tuple[IgnoredChange, ...] = ()
    """What is left alone after creation: paths, such as `spec.clients[*].description`; and fields of Keycloak,
    `keycloak.…`, each with a reason and an end."""
    adopt: Adoption = Adoption()
    """What happens to an object that exists already when it is managed for the first time."""

    @property
    def ignored_paths(self) -> tuple[str, ...]:
        """Return which of the manifest's own fields are left alone."""
        return tuple(each for each in self.ignore_changes if isinstance(each, str))

    @property
    def ignored_fields(self) -> tuple[IgnoredField, ...]:
        """Return which fields of Keycloak are left alone, and until when."""
        return tuple(each for each in self.ignore_changes if isinstance(each, IgnoredField))
