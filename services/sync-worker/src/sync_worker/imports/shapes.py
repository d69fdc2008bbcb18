"""How exported objects are read: what can not be used says why, without values. Pure."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel

from shared.errors import Rejected
from sync_worker.mapping.nodes import Node
from sync_worker.shopify.reading import read

_WRONG_SHAPE = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, IndexError)

Model = TypeVar("Model", bound=BaseModel)
T = TypeVar("T")


class Unusable(Exception):
    """The object's lines do not make a state; the message says why, without values."""


def node_of(body: bytes, type_name: str) -> dict[str, Any]:
    """The object of a line. Raises Unusable when it is another kind of thing."""
    node: dict[str, Any] = orjson.loads(body)
    if not node["id"].startswith(f"gid://shopify/{type_name}/"):
        raise Unusable(f"The object is no {type_name}")
    return node


def shaped(build: Callable[[Node], T], node: Node) -> T:
    """What is built from a node. Raises Unusable naming the field it lacks."""
    try:
        return build(node)
    except KeyError as error:
        raise Unusable(f"The object has no field '{error.args[0]}'") from error
    except _WRONG_SHAPE as error:
        raise Unusable("The object has not the shape that was asked for") from error


def state_of(model: type[Model], told: dict[str, Any], what: str) -> Model:
    """`told`: the body as the shop's webhook would have it. Raises Unusable naming the first bad field."""
    try:
        return read(model, orjson.dumps(told), what=what)
    except Rejected as error:
        raise Unusable(error.message) from error
    except TypeError as error:
        raise Unusable("The object has not the shape that was asked for") from error
