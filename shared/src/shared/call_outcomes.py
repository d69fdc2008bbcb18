"""How a request to another system went, in one word. Pure."""

from enum import StrEnum
from http import HTTPStatus


class CallOutcome(StrEnum):
    """`rejected` is the data's fault, `refused` the credentials', the last two the connection's."""

    OK = "ok"
    REJECTED = "rejected"
    REFUSED = "refused"
    RATE_LIMITED = "rate_limited"
    FAILED = "failed"
    NO_ANSWER = "no_answer"


_TOLD_BY_STATUS = {
    HTTPStatus.SEE_OTHER: CallOutcome.OK,
    HTTPStatus.NOT_MODIFIED: CallOutcome.OK,
    HTTPStatus.UNAUTHORIZED: CallOutcome.REFUSED,
    HTTPStatus.FORBIDDEN: CallOutcome.REFUSED,
    HTTPStatus.REQUEST_TIMEOUT: CallOutcome.FAILED,
    HTTPStatus.TOO_MANY_REQUESTS: CallOutcome.RATE_LIMITED,
}


def outcome_of(status: int | None) -> CallOutcome:
    """What the HTTP status alone tells; None: no answer came. A redirect leads nowhere: none is followed."""
    if status is None:
        return CallOutcome.NO_ANSWER
    if status in _TOLD_BY_STATUS:
        return _TOLD_BY_STATUS[HTTPStatus(status)]
    if 200 <= status < 300:
        return CallOutcome.OK
    return CallOutcome.REJECTED if 400 <= status < 500 else CallOutcome.FAILED
