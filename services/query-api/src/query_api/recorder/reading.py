"""From the bytes of one message to what can be recorded of it, and what can not. Pure."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import orjson
from pydantic import ValidationError

from query_api.recorder.events import Event, Json, event_of
from shared.envelope import Envelope, Transition, Unreadable, decode
from shared.identity import created_at

OLDEST_PLAUSIBLE = timedelta(days=400)
NEWEST_PLAUSIBLE = timedelta(days=2)

_NUL = b"\\u0000"
_NUL_ESCAPES = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_REPLACEMENT = rb"\1\\ufffd"


class Entry(NamedTuple):
    """One transition to record: the row of the log, and the transition for its bodies."""

    event: Event
    transition: Transition


@dataclass(frozen=True, slots=True)
class Reject:
    """A message, or the part of one, that goes to the dead letters."""

    body: bytes
    reason: str


@dataclass(slots=True)
class Reading:
    entries: list[Entry] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.entries) + len(self.rejects)

    def add(self, other: "Reading") -> None:
        self.entries += other.entries
        self.rejects += other.rejects


def read(body: bytes, now: datetime) -> Reading:
    """One unreadable transition does not cost the others of its message. Postgres keeps no NUL, nor do we."""
    reading = Reading()
    text = _NUL_ESCAPES.sub(_REPLACEMENT, body) if _NUL in body else body
    try:
        transitions, raws = _parse(text)
    except Unreadable as error:
        _salvage(reading, text, str(error), now)
        return reading
    for transition, raw in zip(transitions, raws, strict=True):
        _admit(reading, transition, raw, now)
    return reading


def rejected(transition: Transition, reason: str) -> Reject:
    return Reject(transition_body(transition), reason)


def transition_body(transition: Transition) -> bytes:
    """A message of its own for one transition of a message."""
    return _message_of(_json_of(transition))


def is_plausible(task_id: UUID, now: datetime) -> bool:
    """Whether there can be a partition for the id."""
    try:
        moment = created_at(task_id)
    except (ValueError, OverflowError):
        return False
    return now - OLDEST_PLAUSIBLE <= moment <= now + NEWEST_PLAUSIBLE


def _parse(text: bytes) -> tuple[list[Transition], list[Json]]:
    """The transitions, each with the JSON it came as, or with clean JSON when it came in another spelling."""
    try:
        return Envelope.model_validate_json(text, strict=True).transitions, orjson.loads(text)["transitions"]
    except (ValidationError, orjson.JSONDecodeError):
        transitions = decode(text)
    return transitions, [_json_of(transition) for transition in transitions]


def _admit(reading: Reading, transition: Transition, raw: Json, now: datetime) -> None:
    if is_plausible(transition.task.id, now):
        reading.entries.append(Entry(event_of(transition, raw), transition))
    else:
        reading.rejects.append(Reject(_message_of(raw), "task.id: outside of the days the log keeps"))


def _salvage(reading: Reading, text: bytes, reason: str, now: datetime) -> None:
    raws = _raw_transitions(text)
    if len(raws) < 2:
        reading.rejects.append(Reject(text, reason))
        return
    for raw in raws:
        part = _message_of(raw)
        try:
            (transition,), (same,) = _parse(part)
            _admit(reading, transition, same, now)
        except Unreadable as error:
            reading.rejects.append(Reject(part, str(error)))


def _json_of(transition: Transition) -> Json:
    clean: Json = orjson.loads(transition.model_dump_json(exclude_none=True))
    return clean


def _raw_transitions(text: bytes) -> list[object]:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    raws = message.get("transitions") if isinstance(message, dict) else None
    return raws if isinstance(raws, list) and message.get("v") == 1 else []


def _message_of(raw: object) -> bytes:
    return orjson.dumps({"v": 1, "transitions": [raw]})
