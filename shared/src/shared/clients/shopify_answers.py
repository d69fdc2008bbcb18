"""What an answer of the shop's Admin API means: HTTP status, then errors, then user errors, then data. Pure.

Shopify: HTTP 200 is no success; `errors` is a list in GraphQL and a text or an object below it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from shared.call_outcomes import CallOutcome
from shared.clients import answers
from shared.clients.budgets import Level
from shared.clients.http import Reply
from shared.errors import (
    Misconfigured,
    RateLimited,
    Rejected,
    TaskError,
    Unavailable,
    UnknownOutcome,
)

API = "Shopify"

_CLOSED = {
    402: "The shop is frozen at Shopify: its owner has to settle the subscription",
    404: "Shopify knows no shop at the account's address: correct the address",
    423: "The shop is locked at Shopify: its owner has to ask Shopify's support",
}


_GRAVEST_FIRST = (
    "THROTTLED", "MAX_COST_EXCEEDED", "ACCESS_DENIED", "SHOP_INACTIVE", "INTERNAL_SERVER_ERROR",
)  # fmt: skip


_OUTCOMES = {
    "THROTTLED": CallOutcome.RATE_LIMITED,
    "MAX_COST_EXCEEDED": CallOutcome.REJECTED,
    "ACCESS_DENIED": CallOutcome.REFUSED,
    "SHOP_INACTIVE": CallOutcome.REFUSED,
    "INTERNAL_SERVER_ERROR": CallOutcome.FAILED,
}


class TooExpensive(Rejected):
    """The query asks for more than one query may cost: ask for fewer things at once."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Points of one query; `actual` None: it was not run."""

    requested: float
    actual: float | None
    level: Level


def outcome_of(reply: Reply) -> CallOutcome | None:
    """How the exchange went where its status does not tell: for people a closed shop refuses us."""
    if reply.status in _CLOSED:
        return CallOutcome.REFUSED
    if not 200 <= reply.status < 300 or b'"errors"' not in reply.body:
        return None
    try:
        content = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None
    codes = [code for code, _ in _errors(content.get("errors"))] if isinstance(content, dict) else []
    return _OUTCOMES.get(min(codes, key=_gravity), CallOutcome.REJECTED) if codes else None


def http_error(reply: Reply, *, repeatable: bool, now: datetime) -> TaskError | None:
    """The error of a status that is no success; None for a success."""
    if 200 <= reply.status < 300:
        return None
    if reply.status in _CLOSED:
        return Misconfigured(_CLOSED[reply.status], answer=answers.shown(reply), kind="configuration")
    if reply.status in (400, 406, 414, 422):
        return Rejected(
            f"Shopify refused the request ({reply.status}): {_said(reply)}", answer=answers.shown(reply)
        )
    return answers.error_of(reply, api=API, repeatable=repeatable, now=now)


def graphql_error(content: dict[str, Any], reply: Reply, *, repeatable: bool) -> TaskError | None:
    """The error the answer's `errors` tell; the gravest decides. None when there are none."""
    told = list(_errors(content.get("errors")))
    if not told:
        return None
    code = min((code for code, _ in told), key=_gravity)
    said = next(message for other, message in told if other == code)
    answer = answers.shown(reply)
    match code:
        case "THROTTLED":
            text, wait = "Shopify asked to slow down", throttle_wait(cost_of(content))
            error: TaskError = RateLimited(text, after=wait, answer=answer)
        case "MAX_COST_EXCEEDED":
            error = TooExpensive(f"Shopify finds the query too expensive: {said}", answer=answer)
        case "ACCESS_DENIED":
            text = f"Shopify did not allow it: {said} Grant the app the scope this needs"
            error = Misconfigured(text, answer=answer)
        case "SHOP_INACTIVE":
            error = Misconfigured("The shop is closed at Shopify", answer=answer, kind="configuration")
        case "INTERNAL_SERVER_ERROR":
            kind = Unavailable if repeatable else UnknownOutcome
            error = kind(f"Shopify failed: {said}", answer=answer)
        case _:
            error = Rejected(f"Shopify refused the query: {said}", answer=answer)
    return error


def user_error(data: dict[str, Any], reply: Reply) -> Rejected | None:
    """The first of the `userErrors` of any field, naming what it is about; None when there are none."""
    for name, result in data.items():
        problems = result.get("userErrors") if isinstance(result, dict) else None
        if problems:
            place = ".".join(str(part) for part in problems[0].get("field") or ()) or name
            said = answers.without_personal_data(str(problems[0].get("message")))
            return Rejected(f"Shopify refused '{place}': {said}", answer=answers.shown(reply))
    return None


def search_error(content: dict[str, Any], reply: Reply) -> Rejected | None:
    """Shopify: a search term it does not understand is ignored, so that everything may have been found."""
    searches = (content.get("extensions") or {}).get("search") or ()
    warnings = [warning for search in searches for warning in search.get("warnings") or ()]
    if not warnings:
        return None
    text = f"Shopify did not understand a part of the search: {_message(warnings[0])}. Nothing was used"
    return Rejected(text, answer=answers.shown(reply))


def cost_of(content: dict[str, Any]) -> Cost | None:
    """What the query cost and what is left; None when the answer does not tell."""
    told: Any = (content.get("extensions") or {}).get("cost")
    try:
        status = told["throttleStatus"]
        level = Level(
            available=float(status["currentlyAvailable"]),
            capacity=float(status["maximumAvailable"]),
            per_second=float(status["restoreRate"]),
        )
        actual = told.get("actualQueryCost")
        cost = Cost(float(told["requestedQueryCost"]), None if actual is None else float(actual), level)
    except (KeyError, TypeError, ValueError):
        return None
    return cost if level.capacity > 0 and level.per_second > 0 else None


def throttle_wait(cost: Cost | None) -> timedelta | None:
    """How long until the bucket holds what the query asks for; None when the answer does not tell."""
    if cost is None:
        return None
    missing = cost.requested - cost.level.available
    return timedelta(seconds=max(0.0, missing / cost.level.per_second))


def _gravity(code: str) -> int:
    return _GRAVEST_FIRST.index(code) if code in _GRAVEST_FIRST else len(_GRAVEST_FIRST)


def _errors(errors: Any) -> Iterator[tuple[str, str]]:
    """Code and message of each error, in whichever of the three shapes they come."""
    if isinstance(errors, list):
        for error in errors:
            extensions = error.get("extensions") if isinstance(error, dict) else None
            code = extensions.get("code") if isinstance(extensions, dict) else None
            yield str(code or ""), _message(error)
    elif errors:
        yield "", _message(errors)


def _message(error: Any) -> str:
    """The other side's words, without personal data."""
    said = error.get("message") if isinstance(error, dict) else error
    text = said if isinstance(said, str) else orjson.dumps(said or error).decode()
    return answers.without_personal_data(text)[: answers.EXCERPT_LENGTH]


def _said(reply: Reply) -> str:
    try:
        content = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return "it gave no reason"
    return next((message for _, message in _errors(content.get("errors"))), "it gave no reason")
