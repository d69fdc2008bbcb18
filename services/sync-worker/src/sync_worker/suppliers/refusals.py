"""What a supplier's refusal means for the task: by its error code if that is known, else by its status."""

from datetime import datetime
from typing import Any, assert_never

import orjson

from shared.clients import answers
from shared.clients.http import Reply
from shared.errors import Misconfigured, RateLimited, Rejected, TaskError, Unavailable
from shared.suppliers.format import ErrorKind, ErrorWords
from shared.suppliers.paths import value_at
from sync_worker.suppliers.reading import plain


def refusal(reply: Reply, words: ErrorWords, *, name: str, repeatable: bool, now: datetime) -> TaskError:
    """The error of an answer that is no success; `name` is what people call the supplier. Pure."""
    content = _content(reply)
    kind = words.kinds.get(error_code(reply, words) or "")
    text = _sentence(content, words, reply)
    if kind is not None:
        return _known(kind, reply, f"{name}: {text}", now)
    if reply.status == 404:
        return Rejected(f"{name} does not know this: {text}", answer=answers.shown(reply), kind="not_found")
    if reply.status in (400, 409, 422):
        return Rejected(f"{name} refused the data: {text}", answer=answers.shown(reply))
    return answers.error_of(reply, api=name, repeatable=repeatable, now=now)


def error_code(reply: Reply, words: ErrorWords) -> str | None:
    """The supplier's own word for what is wrong."""
    return plain(value_at(_content(reply), words.code))


def _known(kind: ErrorKind, reply: Reply, text: str, now: datetime) -> TaskError:
    answer = answers.shown(reply)
    match kind:
        case "authentication":
            return Misconfigured(text, answer=answer)
        case "rate_limit":
            return RateLimited(text, after=answers.retry_after(reply, now), answer=answer)
        case "temporary":
            return Unavailable(text, after=answers.retry_after(reply, now), answer=answer)
        case "out_of_stock" | "validation" | "not_found":
            return Rejected(text, answer=answer, kind=kind)
        case _:
            assert_never(kind)


def _sentence(content: Any, words: ErrorWords, reply: Reply) -> str:
    said = plain(value_at(content, words.message))
    text = answers.without_personal_data(said) if said else answers.said(reply.body)
    field = plain(value_at(content, words.field))
    code = plain(value_at(content, words.code))
    about = [f"field '{field}'"] if field else []
    about += [code] if code else []
    return (
        f"{text[: answers.EXCERPT_LENGTH]} ({', '.join(about)})" if about else text[: answers.EXCERPT_LENGTH]
    )


def _content(reply: Reply) -> Any:
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None
