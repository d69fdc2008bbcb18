"""What an answer of Amazon's Selling Partner API means. Pure.

Amazon: `{"errors": [{"code", "message", "details"}]}`; codes are written with and without spaces.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from shared.clients import answers
from shared.clients.http import Reply
from shared.errors import Misconfigured, Rejected, TaskError

API = "Amazon"


class PackageClosed(Rejected):
    """The package may not be changed any more: its order is fulfilled."""


def error_of(reply: Reply, *, repeatable: bool, now: datetime) -> TaskError | None:
    """The error of an answer that is no success; None for a success."""
    if 200 <= reply.status < 300:
        return None
    said, answer = said_by(reply), answers.shown(reply)
    if reply.status in (401, 403):
        text = (
            f"Amazon did not allow it ({reply.status}): {said} Check the application's roles and its consent"
        )
        return Misconfigured(text, answer=answer)
    if reply.status == 404:
        return Rejected(f"Amazon does not know it: {said}", answer=answer, kind="not_found")
    if reply.status == 400 and "packagetoupdatenotfound" in _codes(reply):
        return PackageClosed(f"Amazon does not change the package any more: {said}", answer=answer)
    if 400 <= reply.status < 500 and reply.status not in (408, 429):
        return Rejected(f"Amazon refused it ({reply.status}): {said}", answer=answer)
    return answers.error_of(reply, api=API, repeatable=repeatable, now=now)


def told_rate(reply: Reply) -> float | None:
    """How many requests a second Amazon allows for the operation; it does not tell with a 429."""
    try:
        rate = float(reply.headers.get("x-amzn-ratelimit-limit", ""))
    except ValueError:
        return None
    return rate if 0 < rate < 1_000_000 else None


def said_by(reply: Reply) -> str:
    """Amazon's own words for people."""
    texts = [_sentence(error) for error in _errors(reply)]
    text = " ".join(text for text in texts if text) or "It gave no reason."
    return answers.without_personal_data(text)[: answers.EXCERPT_LENGTH]


def _codes(reply: Reply) -> str:
    """All that could be an error's code: Amazon writes it in different ways, and in different places."""
    texts = (f"{one.get('code')} {one.get('message')}" for one in _errors(reply))
    return "".join(character for text in texts for character in text.casefold() if character.isalnum())


def _sentence(error: dict[str, Any]) -> str:
    words = [str(error.get(name) or "").strip().rstrip(".") for name in ("message", "details")]
    text = " – ".join(dict.fromkeys(word for word in words if word))
    return f"{text}." if text else ""


def _errors(reply: Reply) -> Iterator[dict[str, Any]]:
    try:
        content = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return
    errors = content.get("errors") if isinstance(content, dict) else None
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            yield error
