"""What is wrong with a field of a request, in words for whoever sent it. Pure."""

from collections.abc import Mapping
from typing import Any

_MOMENT = "has to be a time with its offset, e.g. 2026-11-21T08:00:00Z"
_WHOLE = "has to be a whole number"
_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "there is no such parameter; remove it or correct its name",
    "json_invalid": "is no JSON: {error}",
    "model_attributes_type": "has to be a JSON object, sent as application/json",
    "list_type": "has to be a list",
    "string_type": "has to be text in quotation marks",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {max_length} characters",
    "too_short": "has to name {min_length} at least",
    "too_long": "has {actual_length} entries, and at most {max_length} are taken at once",
    "uuid_parsing": "is no id; one is like 01a1fd1e-7349-742a-af60-8b5c83b9f413",
    "uuid_type": "is no id; one is like 01a1fd1e-7349-742a-af60-8b5c83b9f413",
    "bool_parsing": "has to be true or false",
    "bool_type": "has to be true or false",
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "greater_than_equal": "has to be {ge} at least",
    "less_than_equal": "has to be {le} at most",
    "timezone_aware": _MOMENT,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
}


def words_for(problem: str, facts: Mapping[str, Any]) -> str | None:
    """`problem`: pydantic's name of it, with its facts. None: its own words will do."""
    words = _WORDS.get(problem)
    return None if words is None else words.format(**facts)


def storable(text: str) -> str:
    """Raises ValueError for what the database has no place for."""
    if "\x00" in text:
        raise ValueError("has a character (NUL) that is no text")
    return text
