"""What is wrong with a shop's alert settings, in words for people. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shared.alerts.settings import MOST_ADDRESSES, AlertSettings
from shared.alerts.words import limit
from shared.faults import dotted, faults_of

_OUT_OF_RANGE = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
_NO_NUMBER = {"int_parsing", "int_type", "int_from_float", "int_parsing_size"}
_ADDRESSES = "extra_addresses"


def setting_faults(error: ValidationError) -> Mapping[str, str]:
    """Each setting that is not usable, with what it has to be."""
    ours = {dotted(item["loc"]): words for item in error.errors() if (words := _words(item))}
    return {**faults_of(error), **ours}


def _words(item: Any) -> str | None:
    field = str(item["loc"][0]) if item["loc"] else ""
    if item["type"] in _OUT_OF_RANGE:
        return f"has to be {_range(field)}"
    if item["type"] in _NO_NUMBER:
        return f"has to be a whole number, {_range(field)}"
    return _words_of_addresses(item) if field == _ADDRESSES else None


def _words_of_addresses(item: Any) -> str | None:
    if item["type"] == "value_error":
        return f"is no mail address: {item['ctx']['reason']}"
    if item["type"] == "too_long":
        return f"has to be {MOST_ADDRESSES} addresses at most"
    return "has to be a list of mail addresses" if item["type"] == "tuple_type" else None


def _range(field: str) -> str:
    limits: dict[str, Any] = {}
    for constraint in AlertSettings.model_fields[field].metadata:
        limits |= {
            name: getattr(constraint, name) for name in ("gt", "ge", "le") if hasattr(constraint, name)
        }
    if "gt" in limits:
        return f"more than {limits['gt']:g} and {limits['le']:g} at most"
    if field.endswith("_minutes"):
        span = f"{limit(limits['ge'])} to {limit(limits['le'])}"
        return f"{limits['ge']:,} to {limits['le']:,} minutes, that is {span}"
    return f"{limits['ge']:,} to {limits['le']:,}"
