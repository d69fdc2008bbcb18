"""Parameters of the query: nothing unknown, nothing that can not be read."""

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime

import orjson
from starlette.requests import Request

from sandbox.amazon.refusals import invalid


def parameters(request: Request, known: Iterable[str]) -> dict[str, str]:
    """The query by name; raises Refusal for names that are unknown or given twice."""
    given = list(request.query_params.multi_items())
    names = [name for name, _ in given]
    for name in names:
        if name not in known or names.count(name) > 1:
            raise invalid(f"The parameter {name} is unknown or given twice.", name)
    return dict(given)


def listed(query: dict[str, str], name: str, allowed: frozenset[str] | None = None) -> frozenset[str]:
    """A comma-delimited list; raises Refusal for values that are not allowed."""
    values = frozenset(query[name].split(",")) if name in query else frozenset()
    if allowed is not None and not values <= allowed:
        raise invalid(f"{name} has no value {sorted(values - allowed)}", name)
    return values


def moment(query: dict[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        found = datetime.fromisoformat(query[name])
    except ValueError as error:
        raise invalid(f"{name} must be in ISO 8601 format", name) from error
    if found.tzinfo is None:
        raise invalid(f"{name} needs a time zone", name)
    return found


def count(query: dict[str, str], name: str, *, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise invalid(f"{name} must be between 1 and {most}", name)
    return int(text)


def page_token(start: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps({"from": start})).decode()


def page_start(query: dict[str, str], name: str) -> int:
    if name not in query:
        return 0
    try:
        return int(orjson.loads(base64.urlsafe_b64decode(query[name]))["from"])
    except (binascii.Error, orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise invalid(f"{name} is none of ours", name) from error
