"""From the bytes of one message to what can be recorded of it, and what can not. Pure."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson

from query_api.recorder.events import Event, Json, event_of
from shared.envelope import Transition, Unreadable, decode, encode, joined, parted, split
from shared.identity import age_ms

_DAY_MS = 24 * 60 * 60 * 1000
_OLDEST_PLAUSIBLE_MS = 400 * _DAY_MS
_NEWEST_PLAUSIBLE_MS = 2 * _DAY_MS

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
    message = _without_nul(body)
    try:
        transitions, raws = _parse(message)
    except Unreadable as error:
        _salvage(reading, message, str(error), now)
        return reading
    for transition, raw in zip(transitions, raws, strict=True):
        _admit(reading, transition, raw, now)
    return reading


def rejected(transition: Transition, reason: str) -> Reject:
    """A message of its own for one transition of a message."""
    return Reject(encode([transition]), reason)


def is_plausible(task_id: UUID, now: datetime) -> bool:
    """Whether there can be a partition for the id."""
    return -_NEWEST_PLAUSIBLE_MS <= age_ms(task_id, now) <= _OLDEST_PLAUSIBLE_MS


def _without_nul(message: bytes) -> bytes:
    """Bodies keep theirs: they are stored as the bytes they are."""
    if _NUL not in message:
        return message
    head, rest = split(message)
    return joined(_NUL_ESCAPES.sub(_REPLACEMENT, head), rest)


def _parse(message: bytes) -> tuple[list[Transition], list[Json]]:
    """The transitions, each with the JSON it came as. Raises Unreadable."""
    transitions = decode(message)
    return transitions, orjson.loads(split(message)[0])["transitions"]


def _admit(reading: Reading, transition: Transition, raw: Json, now: datetime) -> None:
    if is_plausible(transition.task.id, now):
        reading.entries.append(Entry(event_of(transition, raw), transition))
    else:
        reading.rejects.append(rejected(transition, "task.id: outside of the days the log keeps"))


def _salvage(reading: Reading, message: bytes, reason: str, now: datetime) -> None:
    parts = _parts(message)
    if len(parts) < 2:
        reading.rejects.append(Reject(message, reason))
        return
    for part in parts:
        try:
            (transition,), (raw,) = _parse(part)
            _admit(reading, transition, raw, now)
        except Unreadable as error:
            reading.rejects.append(Reject(part, str(error)))


def _parts(message: bytes) -> list[bytes]:
    """A message for each of its transitions; none where it can not be told what belongs to which."""
    head, rest = split(message)
    try:
        said = orjson.loads(head)
    except orjson.JSONDecodeError:
        return []
    raws = said.get("transitions") if isinstance(said, dict) else None
    if not isinstance(raws, list) or said.get("v") not in (1, 2):
        return []
    try:
        bodies = parted(rest, said.get("sizes", []), wanted=len(raws))
    except (Unreadable, TypeError):
        return []
    version = said["v"]
    return [_message_of(version, raw, body) for raw, body in zip(raws, bodies, strict=True)]


def _message_of(version: int, raw: object, body: bytes) -> bytes:
    message = {"v": version, "transitions": [raw]}
    return joined(orjson.dumps(message | {"sizes": [len(body)]} if body else message), body)
