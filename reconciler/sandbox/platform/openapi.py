"""The API's OpenAPI 3.1 document, made of the table of operations and of the models of bodies.

A 3.1 schema is JSON Schema 2020-12, which is what pydantic writes. Starlette's own generator knows neither models nor
parameters: it collects YAML that somebody wrote into docstrings, and which nothing holds to what the code does.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import WithDefaultSchema

from reconciler._version import __version__
from reconciler.sandbox.platform.operations import OPERATIONS, Guarded, Open, Operation
from reconciler.sandbox.platform.problems import BASE, ProblemDocument, ProblemType

PATH: Final = "/openapi.json"
_PROBLEM: Final = "application/problem+json"
_ANY: Final = (ProblemType.INTERNAL_ERROR,)
_BEHIND_THE_GATE: Final = (
    ProblemType.UNAUTHORIZED, ProblemType.FORBIDDEN, ProblemType.DPA_NOT_ACCEPTED, ProblemType.RATE_LIMITED,
)  # fmt: skip
_KEYED: Final = (ProblemType.MALFORMED_REQUEST, ProblemType.IDEMPOTENCY_KEY_REUSED)
_UNAVAILABLE: Final = 503
_TEXT: Final = {"type": "string"}
_WHOLE: Final = {"type": "string", "pattern": "^[0-9]+$"}
_HEADERS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "X-Request-Id": ("The caller's own, where it was harmless, or a new one.", _TEXT),
    "X-RateLimit-Limit": ("Requests per minute in the category.", _WHOLE),
    "X-RateLimit-Remaining": ("Requests that are left now.", _WHOLE),
    "X-RateLimit-Reset": ("When the minute ends, in seconds since 1970.", _WHOLE),
    "X-RateLimit-Category": ("What the request counted as.", _TEXT),
    "WWW-Authenticate": ("RFC 6750: how to log in, and what is wrong with the token.", _TEXT),
    "Retry-After": ("Seconds to wait.", _WHOLE),
    "ETag": ("The version, for If-Match.", _TEXT),
    "Location": ("Where it is found from now on.", _TEXT),
}


class _Schemas(GenerateJsonSchema):
    """Schemas without defaults: those of a patch would say that what is left out is set."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


@cache
def openapi() -> Mapping[str, Any]:
    """Return the document."""
    bodies = [each.body for each in OPERATIONS if each.body]
    answers = [each.answer for each in OPERATIONS if each.answer] + [ProblemDocument]
    models: list[tuple[type[BaseModel], Any]] = [(each, "validation") for each in bodies]
    models += [(each, "serialization") for each in dict.fromkeys(answers)]
    refs, definitions = models_json_schema(
        models, ref_template="#/components/schemas/{model}", schema_generator=_Schemas
    )
    schema_of = {model: ref for (model, _), ref in refs.items()}
    paths: dict[str, dict[str, Any]] = {PATH: {"get": _own_operation()}}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, schema_of)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "NT24 Integration API: the sandbox's reference platform",
            "version": __version__,
            "description": "What `reconciler sandbox` serves: the published rules, enforced. "
            "/health, /openapi.json and /sandbox are the sandbox's own.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "headers": {
                name: {"description": text, "required": True, "schema": schema}
                for name, (text, schema) in _HEADERS.items()
            },
            "securitySchemes": {
                "accessToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token of an integration client (client credentials) from Keycloak.",
                }
            },
        },
    }  # fmt: skip


def _own_operation() -> Mapping[str, Any]:
    content = {"application/json": {"schema": {"type": "object", "required": ["openapi", "info", "paths"]}}}
    return {
        "operationId": "openapi",
        "summary": "Return this document.",
        "responses": {"200": {"description": "OK", "headers": _headers("X-Request-Id"), "content": content}},
    }


def _operation(operation: Open | Guarded, schema_of: Mapping[Any, Any]) -> dict[str, Any]:
    summary, _, _ = (operation.endpoint.__doc__ or "").partition("\n")
    found: dict[str, Any] = {"operationId": operation.endpoint.__name__, "summary": summary}
    found["parameters"] = list(_parameters(operation))
    if operation.body is not None:
        content = {kind: {"schema": schema_of[operation.body]} for kind in operation.media_types}
        found["requestBody"] = {"required": True, "content": content}
    found["responses"] = dict(_responses(operation, schema_of))
    if isinstance(operation, Guarded):
        found["security"] = [{"accessToken": []}]
    return found


def _parameters(operation: Open | Guarded) -> Iterator[Mapping[str, Any]]:
    yield {"name": "X-Request-Id", "in": "header", "schema": _TEXT, "description": "Echoed where it is harmless."}
    for name in operation.parts:
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    for number in operation.query:
        schema = {"type": "integer", "minimum": number.least, "maximum": number.most, "default": number.default}
        yield {"name": number.name, "in": "query", "schema": schema}
    if isinstance(operation, Guarded) and operation.is_write:
        schema = {"type": "string", "minLength": 1, "maxLength": 255}
        text = "The same key and request bring the same answer for 24 hours."
        yield {"name": "Idempotency-Key", "in": "header", "required": True, "schema": schema, "description": text}
    if isinstance(operation, Guarded) and operation.if_match is not None:
        text = "The ETag that the caller has seen."
        yield {
            "name": "If-Match", "in": "header", "required": operation.if_match, "schema": _TEXT, "description": text,
        }  # fmt: skip


def _responses(operation: Open | Guarded, schema_of: Mapping[Any, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    limits = tuple(name for name in _HEADERS if name.startswith("X-RateLimit")) * isinstance(operation, Guarded)
    own = ("X-Request-Id", *limits)
    success: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.answer is not None:
        success["content"] = {"application/json": {"schema": schema_of[operation.answer]}}
        versioned = operation.answer.__name__.endswith("Webhook")
        own += ("ETag",) * versioned + ("Location",) * (operation.status == HTTPStatus.CREATED)
    if operation.status == HTTPStatus.CREATED:
        success["links"] = dict(_links(operation))
    yield str(operation.status), {**success, "headers": _headers(*own)}
    kinds = dict.fromkeys((*_ANY, *operation.problems))
    if isinstance(operation, Guarded):
        kinds |= dict.fromkeys((*_BEHIND_THE_GATE, *(_KEYED if operation.is_write else ())))
    for status in sorted({kind.status for kind in kinds}):
        types = [kind for kind in ProblemType if kind in kinds and kind.status == status]
        # Whoever is refused by the gate itself was not counted yet.
        counted = limits if status not in {401, 403, 500} else ()
        more = {401: ("WWW-Authenticate",), 429: ("Retry-After",)}.get(status, ())
        yield str(status), _problem(types, status, ("X-Request-Id", *counted, *more))
    if isinstance(operation, Guarded):
        yield str(_UNAVAILABLE), _problem([ProblemType.INTERNAL_ERROR], _UNAVAILABLE, ("X-Request-Id", "Retry-After"))


def _links(made: Operation) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what can be done with what was made."""
    for each in OPERATIONS:
        if isinstance(each, Guarded) and each.path.startswith(f"{made.path}/"):
            parameters = {each.parts[0]: "$response.body#/id"}
            parameters |= {"If-Match": "$response.header.ETag"} if each.if_match is not None else {}
            yield each.endpoint.__name__, {"operationId": each.endpoint.__name__, "parameters": parameters}


def _problem(types: list[ProblemType], status: int, headers: tuple[str, ...]) -> Mapping[str, Any]:
    told = {"properties": {"type": {"enum": [BASE + kind for kind in types]}, "status": {"const": status}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/ProblemDocument"}, told]}
    text = " or ".join(kind.heading for kind in types)
    return {"description": text, "headers": _headers(*headers), "content": {_PROBLEM: {"schema": schema}}}


def _headers(*names: str) -> Mapping[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
