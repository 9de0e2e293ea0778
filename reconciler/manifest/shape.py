"""Walk the models of manifests along a path."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from reconciler.manifest.positions import Step
from reconciler.model.manifest import AnyManifest, IntegrationOrganization, PartnerGroup, Profile, Realm

MODELS: Mapping[str, type[AnyManifest]] = MappingProxyType(
    {model.__name__: model for model in (IntegrationOrganization, Realm, PartnerGroup, Profile)}
)
"""The kinds of manifest."""
SHARED: Final = (PartnerGroup.__name__, Profile.__name__)
"""Those that declare nothing by themselves: other manifests refer to them by their names."""


def keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of ``model`` by the keys that stand in files."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def model_at(model: type[BaseModel], steps: Sequence[Step]) -> type[BaseModel] | None:
    """Return the model of the mapping at ``steps``; nothing where no model rules."""
    here: type[BaseModel] | None = model
    is_key = False
    for step in steps:
        if isinstance(step, int) or is_key:
            is_key = False
            continue
        info = keys_of(here).get(step) if here else None
        here = _model_in(info.annotation) if info else None
        # A mapping of models has free keys.
        is_key = here is not None and info is not None and get_origin(info.annotation) is dict
    return here


def field_at(model: type[BaseModel], steps: Sequence[Step]) -> FieldInfo | None:
    """Return the field that ``steps`` end in."""
    names = [step for step in steps if isinstance(step, str)]
    owner = model_at(model, names[:-1])
    return keys_of(owner).get(names[-1]) if owner and names else None


def is_list(info: FieldInfo) -> bool:
    """Tell whether the field holds a list."""
    return get_origin(info.annotation) is tuple


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
