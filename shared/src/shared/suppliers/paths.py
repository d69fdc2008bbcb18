"""Simple paths into JSON: `price.amount`, `data.items[]` (each element), `images[0].url`, `=EUR` (just that).

A path names where a value stands, never how to compute it. Pure.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator

_SEGMENT = re.compile(r"([^.\[\]\s]*)((?:\[\d*\])*)")
_INDEX = re.compile(r"\[(\d*)\]")
FIXED = "="


class Each:
    """The step `[]`: every element of a list."""


EACH = Each()
Step = str | int | Each


@lru_cache(maxsize=4096)
def steps_of(path: str) -> tuple[Step, ...]:
    """Raises ValueError, saying what a path looks like, when it is none."""
    steps: list[Step] = []
    for segment in path.split("."):
        match = _SEGMENT.fullmatch(segment)
        if match is None or not segment or (not match[1] and steps):
            raise ValueError(
                f"{path!r} is no path: names joined by dots, [] for each element, like data.items[].price"
            )
        steps += [match[1]] if match[1] else []
        steps += [int(index) if index else EACH for index in _INDEX.findall(match[2])]
    return tuple(steps)


def values_at(document: Any, path: str) -> list[Any]:
    """Every value at the path; empty when there is none. A null is no value."""
    if path.startswith(FIXED):
        return [path.removeprefix(FIXED)]
    found = [document]
    for step in steps_of(path):
        found = [inner for outer in found for inner in _inside(outer, step)]
    return [value for value in found if value is not None]


def value_at(document: Any, path: str | None) -> Any:
    """The first value at the path; None when there is none, or no path."""
    found = values_at(document, path) if path is not None else []
    return found[0] if found else None


def list_at(document: Any, path: str) -> list[Any] | None:
    """The list whose elements the path names (`data.items[]`); None when no list stands there."""
    found = [document]
    for step in steps_of(path)[:-1]:
        found = [inner for outer in found for inner in _inside(outer, step)]
    return found[0] if found and isinstance(found[0], list) else None


def put_at(document: dict[str, Any], path: str, value: Any) -> None:
    """Writes a value where a path of plain names says, making the objects on the way."""
    *parents, last = path.split(".")
    for name in parents:
        document = document.setdefault(name, {})
    document[last] = value


def _inside(value: Any, step: Step) -> Iterable[Any]:
    match step, value:
        case Each(), list():
            return value
        case int(), list() if 0 <= step < len(value):
            return [value[step]]
        case str(), dict() if step in value:
            return [value[step]]
        case _:
            return []


def _readable(path: str) -> str:
    if not path.startswith(FIXED):
        steps_of(path)
    return path


def _of_elements(path: str) -> str:
    if not path.endswith("[]"):
        raise ValueError(f"{path!r} names no elements: it ends with [], like data.items[] or []")
    return _readable(path)


def _of_names(path: str) -> str:
    if any(not isinstance(step, str) for step in steps_of(path.replace("[]", ""))) or path.count("[]") > 1:
        raise ValueError(
            f"{path!r} can not be written to: names joined by dots, with one [] for the order's lines"
        )
    return _readable(path)


ValuePath = Annotated[str, AfterValidator(_readable)]
ListPath = Annotated[str, AfterValidator(_of_elements)]
TargetPath = Annotated[str, AfterValidator(_of_names)]
