"""Takes bodies out of what is on its way or was stored with it, leaving what happened. Pure."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

import orjson
from msgspec.structs import replace

from shared.envelope import Transition, plain
from shared.exchange_facts import bare_facts, bare_url

ERASED = "erased on a privacy request"
_BODIES = frozenset({"body", "request_body", "response_body"})
_HEADERS = frozenset({"headers", "request_headers", "response_headers"})
_NOTHING_OF_A_CALL: dict[str, Any] = {
    "request_body": b"",
    "response_body": b"",
    "request_headers": {},
    "response_headers": {},
}
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")

Pattern = re.Pattern[bytes]


def without_bodies(transition: Transition) -> Transition:
    """The same transition without what was received, sent or answered, and how it was addressed."""
    calls = [replace(call, **_NOTHING_OF_A_CALL, url=bare_url(call.url)) for call in transition.detail.calls]
    failure = transition.detail.failure
    if failure is not None:
        failure = replace(failure, response_excerpt=None)
    payload = transition.payload and replace(transition.payload, body=b"")
    detail = replace(transition.detail, calls=calls, failure=failure)
    return replace(transition, detail=detail, payload=payload)


def bare_meta(meta: dict[str, Any]) -> dict[str, Any]:
    """The facts of a stored exchange that name nobody."""
    return {**bare_facts(meta), "bodies": ERASED}


def mentions(message: bytes, pattern: Pattern) -> bool:
    """Whether a message of the broker mentions the person, in the clear or inside an encoded body."""
    if pattern.search(message):
        return True
    return any(pattern.search(_decoded(run)) for run in _BASE64_RUN.findall(message))


def raw_transitions(message: bytes) -> list[dict[str, Any]] | None:
    """What a message says, also when it is not what it should be; None when it is no such message at all."""
    said = _said(message)
    return None if said is None else said["transitions"]


def rewritten(message: bytes, is_concerned: Callable[[dict[str, Any]], bool]) -> bytes | None:
    """The message without the bodies of the transitions concerned; None when it can not be read."""
    said = _said(message)
    if said is None:
        return None
    parts = [_emptied(one) if is_concerned(one) else one for one in said["transitions"]]
    return orjson.dumps({**said, "transitions": parts})


def _said(message: bytes) -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = orjson.loads(plain(message))
        transitions = said["transitions"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    is_usable = isinstance(transitions, list) and all(isinstance(one, dict) for one in transitions)
    return said if is_usable else None


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _emptied_field(name, part) for name, part in value.items()}
    return [_emptied(part) for part in value] if isinstance(value, list) else value


def _emptied_field(name: str, value: Any) -> Any:
    if name in _BODIES and isinstance(value, str):
        return ""
    if name in _HEADERS and isinstance(value, dict):
        return {}
    if name == "response_excerpt":
        return None
    return bare_url(value) if name == "url" and isinstance(value, str) else _emptied(value)


def _decoded(run: bytes) -> bytes:
    try:
        return base64.b64decode(run + b"=" * (-len(run) % 4), altchars=_altchars(run))
    except binascii.Error:
        return b""


def _altchars(run: bytes) -> bytes | None:
    """Both alphabets are about."""
    return b"-_" if b"-" in run or b"_" in run else None
