"""What an answer of eBay's REST and OAuth interfaces means for the task. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from shared.clients import answers
from shared.clients.http import Reply
from shared.errors import Misconfigured, RateLimited, Rejected, TaskError, Unavailable
from writeback.clients.access_tokens import Grant

API = "eBay"
EXISTS_ALREADY = 34500
USER_SUSPENDED = 32400
_NO_TOKEN = {
    "invalid_grant": "eBay does not accept the seller's consent (refresh token) any more: connect it again",
    "invalid_client": "eBay does not know the client id or its secret: correct them in the account",
    "invalid_scope": "The seller did not consent to all that the setting 'scopes' asks for: connect it again",
}


def error_of(reply: Reply, *, repeatable: bool, now: datetime) -> TaskError:
    """The error of a REST answer that is no success, in eBay's own words where it has some."""
    answer, told = answers.shown(reply), first_error(reply)
    said = words_of(told) or answers.said(reply.body)
    match reply.status, told.get("errorId"):
        case _, code if code == USER_SUSPENDED:
            return Misconfigured(
                f"eBay has suspended the seller: {said}", answer=answer, kind="configuration"
            )
        case 401, _:
            return Misconfigured(f"eBay refused a fresh access token: {said}", answer=answer)
        case 403, _:
            text = f"eBay does not allow it: {said}. Connect the account again with the scopes it needs"
            return Misconfigured(text, answer=answer)
        case (404, _) | (_, 32100):
            return Rejected(f"eBay does not know this: {said}", answer=answer, kind="not_found")
        case 400 | 409 | 422, _:
            return Rejected(f"eBay refused it: {said}", answer=answer)
    return answers.error_of(reply, api=API, repeatable=repeatable, now=now)


def says_it_exists(reply: Reply) -> bool:
    """Whether eBay refused a fulfilment because it has it, or may have."""
    if reply.status == 409:
        return True
    return reply.status == 400 and any(error.get("errorId") == EXISTS_ALREADY for error in _errors(reply))


def first_error(reply: Reply) -> Mapping[str, Any]:
    return next(iter(_errors(reply)), {})


def words_of(error: Mapping[str, Any]) -> str:
    """eBay's sentence with its number and the fields it is about; empty when there is none."""
    said = error.get("longMessage") or error.get("message")
    if not isinstance(said, str) or not said:
        return ""
    parameters = error.get("parameters")
    fields = (
        [one.get("name") for one in parameters if isinstance(one, dict)]
        if isinstance(parameters, list)
        else []
    )
    about = [f"error {error.get('errorId')}", *(str(name) for name in fields if name)]
    return f"{answers.without_personal_data(said)[: answers.EXCERPT_LENGTH]} ({', '.join(about)})"


def token_error(reply: Reply, now: datetime) -> TaskError:
    """Why no access token was given out."""
    content = _object(reply)
    word = content.get("error")
    if isinstance(word, str) and word in _NO_TOKEN and reply.status in (400, 401, 403):
        return Misconfigured(_NO_TOKEN[word], answer=answers.shown(reply))
    if reply.status == 429:
        after = answers.retry_after(reply, now)
        return RateLimited(
            "eBay gives out no access tokens for now", after=after, answer=answers.shown(reply)
        )
    if reply.status >= 500:
        text = f"eBay gave out no access token ({reply.status})"
        return Unavailable(text, after=answers.retry_after(reply, now), answer=answers.shown(reply))
    text = f"eBay gave out no access token ({reply.status}): {word or 'it gave no reason'}"
    return Misconfigured(text, answer=answers.shown(reply))


def grant_of(reply: Reply) -> Grant | None:
    """The token of a successful answer; None when it has none."""
    content = _object(reply)
    token, expires_in = content.get("access_token"), content.get("expires_in")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        return None
    seconds = expires_in if isinstance(expires_in, int | float) and expires_in > 0 else 0
    return Grant(token, float(seconds))


def _errors(reply: Reply) -> list[Mapping[str, Any]]:
    errors = _object(reply).get("errors")
    return [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []


def _object(reply: Reply) -> Mapping[str, Any]:
    try:
        content = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
