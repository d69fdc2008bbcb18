"""What is wrong with what was entered, in words for people."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

Location = tuple[Any, ...]


def dotted(location: Location) -> str:
    """A field as people write it: `options.update_orders_every_s`."""
    return ".".join(str(part) for part in location if part != "[key]") or "settings"


def faults_of(error: ValidationError, field_name: Callable[[Location], str] = dotted) -> Mapping[str, str]:
    """Each field that is not usable, with what is wrong with it."""
    faults = error.errors(include_url=False, include_input=False)
    return {field_name(item["loc"]): _sentence(item) for item in faults}


def _sentence(item: Any) -> str:
    if item["type"] == "missing":
        return "is missing"
    if item["type"] == "extra_forbidden":
        return "is no setting: remove it or correct its name"
    text = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return text[:1].lower() + text[1:]
