"""When an account's credentials expire, as its setting `credentials_expire_at` says. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator

EXPIRES_AT = "credentials_expire_at"
_WRONG = "is no date and no moment with an offset; it looks like 2027-03-31 or 2027-03-31T08:00:00Z"


def _known(text: str) -> str:
    if _moment(text) is None:
        raise ValueError(_WRONG)
    return text


ExpiresAt = Annotated[str, AfterValidator(_known)]


def expiry_of(settings: Mapping[str, Any]) -> datetime | None:
    """None: not known; what can not be read counts as that."""
    return _moment(settings.get(EXPIRES_AT))


def expiry_faults(settings: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with it, by the name of the setting."""
    wanted = settings.get(EXPIRES_AT)
    return {} if wanted is None or _moment(wanted) is not None else {EXPIRES_AT: _WRONG}


def _moment(text: object) -> datetime | None:
    """A date means its first moment in UTC."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC) if len(text) <= len("2027-03-31") else None
    return moment
