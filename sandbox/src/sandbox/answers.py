"""JSON answers and request bodies."""

from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

Model = TypeVar("Model", bound=BaseModel)


class InvalidInput(ValueError):
    """The request's body or query is not what was asked for."""


def json_answer(content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An application/json response; 64-bit integers stay integers."""
    return Response(orjson.dumps(content), status, headers=headers, media_type="application/json")


async def json_object(request: Request) -> dict[str, Any]:
    """The request's body as a JSON object; raises InvalidInput."""
    try:
        content = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"not JSON: {error}") from error
    if not isinstance(content, dict):
        raise InvalidInput("a JSON object is expected")
    return content


async def read_model(request: Request, model: type[Model]) -> Model:
    """The request's body as this model, an empty body as the model's defaults; raises InvalidInput."""
    try:
        return model.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        raise InvalidInput("; ".join(f"{e['loc']}: {e['msg']}" for e in error.errors())) from error


def count_parameter(request: Request, name: str, *, default: int) -> int:
    """A whole number from the query; raises InvalidInput."""
    text = request.query_params.get(name, str(default))
    if not text.isdecimal():
        raise InvalidInput(f"{name} must be a whole number")
    return int(text)
