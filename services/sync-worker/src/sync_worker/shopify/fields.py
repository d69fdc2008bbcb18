"""Field types of the shop's JSON: ids beyond 2^53, money as text, blanks as nothing."""

import re
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

LARGEST_ID = 2**63 - 1
_FOREIGN_ID = re.compile(r"[a-z]+-[a-z0-9.-]+-[!-~]{1,64}")


class ShopModel(BaseModel):
    """Unknown fields come and go with the shop's API version and are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def foreign_id(sender: str, domain: str, sender_id: str) -> str:
    """The id of something another sender told of; no two senders or shops share one."""
    return f"{sender}-{domain}-{sender_id}"


def is_foreign(source_id: str) -> bool:
    return not source_id.isdigit()


def _whole_id(value: Any) -> str:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if _FOREIGN_ID.fullmatch(text):
        return text
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_ID):
        raise ValueError("should be a whole number of at most 64 bits")
    return text


def _filled(value: Any) -> Any:
    """Postgres keeps no NUL in text; a blank is the same as nothing."""
    if not isinstance(value, str):
        return value
    return value.replace("\x00", "").strip() or None


def _is_there(value: Any) -> bool:
    return value not in (None, False)


T = TypeVar("T")

SourceId = Annotated[str, BeforeValidator(_whole_id)]
Text = Annotated[str | None, BeforeValidator(_filled)]
Flag = Annotated[bool, BeforeValidator(_is_there)]
Money = Annotated[Decimal, Field(max_digits=24)]
Items = Annotated[tuple[T, ...], BeforeValidator(lambda value: () if value is None else value)]
