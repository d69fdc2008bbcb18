"""What an HTTP answer means for the task. Pure."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from shared.clients.http import Reply
from shared.errors import (
    Answer,
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    TaskError,
    Unavailable,
    UnknownOutcome,
)

EXCERPT_LENGTH = 300
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?")
_WORDS_OF_MESSAGE = ("message", "Message", "error", "title", "detail", "errorCode")
_WORDS_OF_CODE = ("errorCode", "code", "ErrorCode")
_ADDRESS = re.compile(r"[^\s'\"<>()]+@[^\s'\"<>()]+")
_PHONE = re.compile(r"\+\d{6,15}")


def error_of(reply: Reply, *, api: str, repeatable: bool, now: datetime) -> TaskError:
    """The error of an answer that is no success. `repeatable`: the request may be sent again in any case."""
    answer = shown(reply)
    match reply.status:
        case 401 | 403 as status:
            return Misconfigured(f"{api} refused the account's key ({status})", answer=answer)
        case 429:
            return RateLimited(f"{api} asked to slow down", after=retry_after(reply, now), answer=answer)
        case 503:
            return Unavailable(f"{api} is unavailable for now", after=retry_after(reply, now), answer=answer)
        case status if status >= 500 or status == 408:
            kind = Unavailable if repeatable else UnknownOutcome
            return kind(f"{api} failed with status {status}", answer=answer)
        case status if status < 400:
            text = f"The address of {api} in the account answers with a redirect ({status})"
            return Misconfigured(text, answer=answer, kind="configuration")
        case status:
            return Rejected(f"{api} refused the data ({status}): {said(reply.body)}", answer=answer)


def unexpected(reply: Reply, text: str) -> Rejected:
    """A final failure with the answer that explains it."""
    return Rejected(text, answer=shown(reply))


def read_json(reply: Reply, *, api: str) -> Any:
    """Raises Retryable when JSON was promised and something else came."""
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError as error:
        raise malformed(reply, api=api) from error


def malformed(reply: Reply, *, api: str) -> Retryable:
    text = f"{api} sent an answer that is not what its API promises"
    return Retryable(text, answer=shown(reply), kind="malformed_answer")


def retry_after(reply: Reply, now: datetime) -> timedelta | None:
    """`Retry-After` as seconds, decimal seconds or an HTTP date; None when absent or unreadable."""
    text = reply.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=float(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(timedelta(0), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)


def said(body: bytes) -> str:
    """The other side's own words for people, without personal data; a fallback when it has none."""
    return without_personal_data(_first_text(body, _WORDS_OF_MESSAGE) or "it gave no reason")[:EXCERPT_LENGTH]


def error_code(body: bytes) -> str:
    """The other side's machine word for the error; empty when it has none."""
    return _first_text(body, _WORDS_OF_CODE) or ""


def excerpt(body: bytes) -> str | None:
    """The beginning of an answer, fit for people and lists."""
    beginning = body[: 4 * EXCERPT_LENGTH].decode("utf-8", "replace")
    return without_personal_data(beginning)[:EXCERPT_LENGTH] or None


def without_personal_data(text: str) -> str:
    return _PHONE.sub("+…", _ADDRESS.sub("…@…", text.replace("\x00", "")))


def shown(reply: Reply) -> Answer:
    """The part of an answer that explains an error."""
    return Answer(http_status=reply.status, excerpt=excerpt(reply.body))


def _first_text(body: bytes, names: tuple[str, ...]) -> str | None:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(content, dict):
        return content if isinstance(content, str) and content else None
    texts = (content.get(name) for name in names)
    return next((text for text in texts if isinstance(text, str) and text), None)
