"""Turns a delivery's bytes into a model, or says in plain words what is wrong with them."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.envelope import Payload
from shared.errors import Rejected
from sync_worker.shopify.fields import is_plausible

Model = TypeVar("Model", bound=BaseModel)

# What is left of an emoji that a sender has cut in two: JSON all the same, which strict readers refuse.
_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")

TRIGGERED_AT = "triggered-at"
TRIGGERED_AT_HEADERS = ("x-shopify-triggered-at", "shopify-triggered-at", TRIGGERED_AT)


def read(model: type[Model], body: bytes, *, what: str, sender: str = "the shop") -> Model:
    """`what` is the thing as people call it. Raises Rejected naming the first field that can not be used."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        if _HALF_A_CHARACTER.search(body) and _is_no_json(error):
            return read_exactly(model, body, what=what)
        raise Rejected(_sentence(error, f"{what} sent by {sender}")) from error


def read_exactly(model: type[Model], body: bytes, *, what: str) -> Model:
    """As `read`, for bodies with amounts as JSON numbers: these become decimals without passing a float."""
    try:
        content = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Rejected(f"The {what} sent by the shop is not JSON") from error
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise Rejected(_sentence(error, f"{what} sent by the shop")) from error


def translated(build: Callable[[], Model], *, what: str) -> Model:
    """Another sender's body in the shop's words. Raises Rejected naming the field that has no place there."""
    try:
        return build()
    except ValidationError as error:
        raise Rejected(_sentence(error, f"{what} sent by the shop")) from error


def topic_of(payload: Payload) -> str:
    """Raises Rejected when the delivery does not say what happened."""
    if not payload.topic:
        raise Rejected("The delivery names no topic, so it can not be told what happened in the shop")
    return payload.topic


def triggered_at(payload: Payload) -> datetime | None:
    """When the shop says the change happened; None when it does not, or not readably."""
    headers = {name.lower(): value for name, value in payload.headers.items()}
    text = next((headers[name] for name in TRIGGERED_AT_HEADERS if name in headers), None)
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    is_usable = moment is not None and moment.tzinfo is not None and is_plausible(moment)
    return moment if is_usable else None


def _is_no_json(error: ValidationError) -> bool:
    return error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid"


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _sentence(error: ValidationError, what: str) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    if _is_no_json(error):
        return f"The {what} is not JSON"
    if not field:
        return f"The {what} is not a JSON object"
    if first["type"] == "missing":
        return f"The {what} has no field '{field}'"
    reason = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"The {what} can not be used: field '{field}' {reason[:1].lower()}{reason[1:]}"
