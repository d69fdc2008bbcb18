"""What an answer of eBay's Trading API means for the task: HTTP 200 says nothing, its Ack does. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.call_outcomes import CallOutcome
from shared.clients import answers
from shared.clients.http import Reply
from shared.errors import (
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    TaskError,
    Unavailable,
    UnknownOutcome,
)
from writeback.mapping.ebay_xml import BadXml, Node, answer

API = "eBay"
# eBay: invalid or expired tokens of the old and of the OAuth kind.
_TOKEN_CODES = frozenset({"931", "932", "16110", "17470", "21916984", "21917053"})
_LIMIT_CODES = frozenset({"518"})
_DONE = ("Success", "Warning")
_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer whose call was carried out; `remarks` are eBay's warnings."""

    root: Node
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One of an answer's `Errors`."""

    code: str
    text: str
    is_warning: bool
    is_of_the_system: bool


def read(reply: Reply, call: str, *, repeatable: bool, now: datetime) -> Reading:
    """The answer of a call that was carried out. Raises what else it means."""
    if not 200 <= reply.status < 300:
        raise answers.error_of(reply, api=API, repeatable=repeatable, now=now)
    try:
        root = answer(reply.body, call)
    except BadXml as error:
        raise _unreadable(reply, str(error), repeatable=repeatable) from error
    problems, ack = problems_of(root), root.text("Ack")
    if ack in _DONE:
        return Reading(root, tuple(problem.text for problem in problems))
    if ack not in ("Failure", "PartialFailure"):
        raise _unreadable(reply, f"its Ack is {ack}", repeatable=repeatable)
    raise _error(reply, ack, [one for one in problems if not one.is_warning], repeatable=repeatable)


def refuses_token(reply: Reply, call: str) -> bool:
    """Whether the call was not looked at because of its access token."""
    return reply.status == 401 or outcome_of(reply, call) is CallOutcome.REFUSED


def outcome_of(reply: Reply, call: str) -> CallOutcome | None:
    """How an exchange went where HTTP 200 does not tell; None: as its status tells."""
    if reply.status != 200:
        return None
    try:
        root = answer(reply.body, call)
    except BadXml:
        return CallOutcome.FAILED
    if root.text("Ack") in _DONE:
        return CallOutcome.OK
    problems = [problem for problem in problems_of(root) if not problem.is_warning]
    codes = {problem.code for problem in problems}
    if codes & _TOKEN_CODES:
        return CallOutcome.REFUSED
    if codes & _LIMIT_CODES:
        return CallOutcome.RATE_LIMITED
    is_of_the_data = any(not problem.is_of_the_system for problem in problems)
    return CallOutcome.REJECTED if is_of_the_data else CallOutcome.FAILED


def problems_of(root: Node) -> list[Problem]:
    return [
        Problem(
            error.text("ErrorCode") or "",
            _words(error),
            is_warning=error.text("SeverityCode") == "Warning",
            is_of_the_system=error.text("ErrorClassification") == "SystemError",
        )
        for error in root.all("Errors")
    ]


def _error(reply: Reply, ack: str, problems: Sequence[Problem], *, repeatable: bool) -> TaskError:
    """What is wrong with the request decides: trying again would not change it."""
    shown, codes = answers.shown(reply), {problem.code for problem in problems}
    said = "; ".join(problem.text for problem in problems[:_MOST_SHOWN]) or "it gave no reason"
    if codes & _TOKEN_CODES:
        return Misconfigured(f"eBay refused a fresh access token: {said}", answer=shown)
    if codes & _LIMIT_CODES:
        return RateLimited(f"eBay's limit of calls is used up: {said}", answer=shown)
    if any(not problem.is_of_the_system for problem in problems):
        return Rejected(f"eBay refused it: {said}", answer=shown)
    if ack == "PartialFailure" and not repeatable:
        return UnknownOutcome(f"eBay failed in the middle of it: {said}", answer=shown)
    return Unavailable(f"eBay failed: {said}", answer=shown, kind="temporary")


def _unreadable(reply: Reply, reason: str, *, repeatable: bool) -> TaskError:
    text = f"eBay's answer can not be read: {reason}"
    error = Retryable if repeatable else UnknownOutcome
    return error(text, answer=answers.shown(reply), kind="malformed_answer")


def _words(error: Node) -> str:
    said = error.text("LongMessage") or error.text("ShortMessage") or "it gave no reason"
    return (
        f"{answers.without_personal_data(said)[: answers.EXCERPT_LENGTH]} (error {error.text('ErrorCode')})"
    )
