"""The OpenAPI document: FastAPI's own, with what holds for every operation."""

from typing import Any

from fastapi import FastAPI

from query_api.problems import documented

TOO_MANY = 429


def description(app: FastAPI) -> dict[str, Any]:
    """Without the 422 that FastAPI adds and nobody gets, and with the 429 that every token may get."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        for methods in document["paths"].values():
            for operation in methods.values():
                operation["responses"].pop("422", None)
                operation["responses"].setdefault(str(TOO_MANY), _too_many())
        for unused in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(unused, None)
    return app.openapi_schema or {}


def _too_many() -> dict[str, Any]:
    described = documented(TOO_MANY)[TOO_MANY]
    return {
        "description": described["description"],
        "content": described["content"],
        "headers": {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}},
    }
