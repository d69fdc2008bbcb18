"""When an account's credentials expire, as its settings say. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, TypeAdapter, ValidationError

EXPIRES_AT = "credentials_expire_at"

_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


def expiry_of(settings: Mapping[str, Any]) -> datetime | None:
    """None: not known; what can not be read counts as that."""
    try:
        return _MOMENT.validate_python(settings[EXPIRES_AT])
    except (KeyError, ValidationError):
        return None


def expiry_fault(settings: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with it, by the name of the setting."""
    if settings.get(EXPIRES_AT) is None or expiry_of(settings) is not None:
        return {}
    return {EXPIRES_AT: "is no moment with an offset; it looks like 2027-03-31T00:00:00Z"}
