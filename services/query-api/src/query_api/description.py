"""The OpenAPI document: FastAPI's own, with what holds for every operation."""

from typing import Any

from fastapi import FastAPI

from query_api.idempotency import HEADER, METHODS, PATTERN
from query_api.problems import documented
from query_api.schemas.live import DATA

INVALID, CONFLICT, TOO_MANY = 400, 409, 429
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A name for this request, such as a new UUID. Whoever sends the request again with it "
    "within 24 hours gets the first answer again, and nothing is done twice; another request with it is "
    "refused",
    "schema": {"type": "string", "pattern": PATTERN},
}


def description(app: FastAPI) -> dict[str, Any]:
    """Without the 422 that FastAPI adds and nobody gets, with the 400 of whatever takes parameters, the 429
    that every token may get, and of whatever acts the key that lets it be done once."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        for methods in document["paths"].values():
            for method, operation in methods.items():
                responses = operation["responses"]
                responses.pop("422", None)
                responses.setdefault(str(TOO_MANY), _too_many())
                if method.upper() in METHODS:
                    operation.setdefault("parameters", []).append(_KEY)
                    responses.setdefault(str(CONFLICT), _described(CONFLICT))
                for parameter in operation.get("parameters", []):
                    parameter.setdefault("description", _meaning(parameter["name"]))
                if operation.get("parameters") or "requestBody" in operation:
                    responses.setdefault(str(INVALID), _described(INVALID))
        _add_events(document["components"]["schemas"])
        for unused in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(unused, None)
    return app.openapi_schema or {}


def _meaning(name: str) -> str:
    """Of parameters that mean the same wherever they are taken."""
    if name == "limit":
        return "So many at most"
    return f"The {name.removesuffix('_id').replace('_', ' ')}'s id, as lists give it"


def _add_events(schemas: dict[str, Any]) -> None:
    """What the data of events is: texts inside of a stream, which no route names as its answer."""
    for model in DATA.values():
        template = "#/components/schemas/{model}"
        schema = model.model_json_schema(ref_template=template, mode="serialization")
        for name, part in (schema.pop("$defs", {}) | {model.__name__: schema}).items():
            schemas.setdefault(name, part)


def _too_many() -> dict[str, Any]:
    waiting = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
    return _described(TOO_MANY) | {"headers": waiting}


def _described(status: int) -> dict[str, Any]:
    found = documented(status)[status]
    return {"description": found["description"], "content": found["content"]}
