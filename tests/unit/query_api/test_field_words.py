"""What is wrong with a field is said in words that need no knowledge of the tools behind it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from query_api.field_words import storable, words_for


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: list[UUID] = Field(default=[], min_length=1, max_length=2)
    since: AwareDatetime | None = None
    limit: int = Field(default=1, ge=1, le=5)
    note: Annotated[str, Field(min_length=1, max_length=3), AfterValidator(storable)] = "x"
    dry_run: bool = False


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ids": ["x"]}, "is no id; one is like 01a1fd1e-7349-742a-af60-8b5c83b9f413"),
        ({"ids": []}, "has to name 1 at least"),
        ({"ids": [UUID(int=1)] * 3}, "has 3 entries, and at most 2 are taken at once"),
        ({"ids": "x"}, "has to be a list"),
        ({"since": "yesterday"}, "has to be a time with its offset, e.g. 2026-11-21T08:00:00Z"),
        ({"since": datetime(2026, 1, 1)}, "has to be a time with its offset, e.g. 2026-11-21T08:00:00Z"),  # noqa: DTZ001
        ({"limit": 0}, "has to be 1 at least"),
        ({"limit": 9}, "has to be 5 at most"),
        ({"limit": "many"}, "has to be a whole number"),
        ({"note": "long"}, "is longer than 3 characters"),
        ({"note": ""}, "is empty"),
        ({"note": 5}, "has to be text in quotation marks"),
        ({"dry_run": "perhaps"}, "has to be true or false"),
        ({"other": 1}, "there is no such parameter; remove it or correct its name"),
    ],
    ids=str,
)
def test_a_wrong_field_is_described_in_plain_words(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Request(**given)
    (error,) = caught.value.errors()
    assert words_for(error["type"], error.get("ctx") or {}) == words


def test_what_has_words_of_its_own_keeps_them() -> None:
    with pytest.raises(ValidationError, match=r"a character \(NUL\) that is no text") as caught:
        Request(note="a\x00")
    assert words_for(caught.value.errors()[0]["type"], {}) is None
