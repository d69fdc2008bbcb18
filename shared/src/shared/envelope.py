"""What travels over the broker: transitions of tasks.

A transition carries the whole header of its task, so that any one of them is enough to show the task, and no
reader needs another message or a database to understand it. The version is in every message: the second is
a line of JSON and, after it, the bodies of its payloads, byte for byte; the first is JSON alone, with base64.

Not pydantic: every service makes or reads some of these for each message, and this costs a third of it
(docs/decisions/0029).
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import accumulate
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import replace

from shared.call_outcomes import CallOutcome, outcome_of
from shared.retry import POLICIES, RetryPolicy
from shared.tasks import CATALOGUE, Api, Lane, TaskSpec, TaskType


class State(StrEnum):
    """`queued → processing → succeeded | failed`, `processing → retrying → processing …`, and while nobody
    works on it, `queued | retrying → cancelled`."""

    QUEUED = "queued"
    PROCESSING = "processing"
    RETRYING = "retrying"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"

    @property
    def rank(self) -> int:
        """Of two states of one attempt, the one with the higher rank came later."""
        return _RANK[self]

    @property
    def is_final(self) -> bool:
        return self in (State.FAILED, State.SUCCEEDED, State.CANCELLED)

    @property
    def dispatches(self) -> bool:
        """Whether a worker has to act on the transition: a lane or a wait queue receives it."""
        return self in (State.QUEUED, State.RETRYING)


_RANK = {state: rank for rank, state in enumerate(State)}

Milliseconds = int
Moment = Annotated[datetime, Meta(tz=True)]


class _Message(Struct, frozen=True, omit_defaults=True, gc=False):
    """What nobody set does not travel, and what a later version adds is ignored. None holds itself: no gc."""


class Payload(_Message, frozen=True, kw_only=True):
    """The data a task works on: the bytes as received, or what its parent handed down."""

    body: bytes = b""
    content_type: str = "application/json"
    topic: str | None = None
    headers: dict[str, str] = {}


class Call(_Message, frozen=True, kw_only=True):
    """One request made to another system, secrets removed, and its answer. `status` None: no answer came.

    `account_id`, `category`: whose connection the call tells of; None: the task's account, its type's `api`.
    `outcome`: how the client understood the answer where its status does not tell.
    """

    api: str
    account_id: int | None = None
    category: Api | None = None
    method: str
    url: str
    started_at: Moment
    duration_ms: float
    request_headers: dict[str, str] = {}
    request_body: bytes = b""
    status: int | None = None
    response_headers: dict[str, str] = {}
    response_body: bytes = b""
    error: str | None = None
    outcome: CallOutcome | None = None

    @property
    def went(self) -> CallOutcome:
        return self.outcome or (CallOutcome.NO_ANSWER if self.error else outcome_of(self.status))


class Failure(_Message, frozen=True, kw_only=True):
    """Why an attempt did not succeed, for people: what, where, and what to do next."""

    kind: str
    message: str
    place: str
    remedy: str
    fingerprint: str
    http_status: int | None = None
    response_excerpt: str | None = None


class TaskHeader(_Message, frozen=True, kw_only=True):
    """What stays the same for a task through all its transitions, but for `max_attempts`.

    `source_id` is the entity's id where the data comes from, `root_id` the first task of the chain.
    `max_attempts` grows by one with every attempt that was only told to come back later. `retry_policy` names
    the account's own policy, `lane` the queue it runs from; None: the type's.
    """

    id: UUID
    type: TaskType
    shop_id: int
    queued_at: Moment
    max_attempts: int
    account_id: int | None = None
    source_id: str | None = None
    order_number: str | None = None
    parent_id: UUID | None = None
    root_id: UUID | None = None
    retry_of: UUID | None = None
    delivery_key: str | None = None
    retry_policy: str | None = None
    lane: Lane | None = None
    traceparent: str | None = None

    @property
    def spec(self) -> TaskSpec:
        return CATALOGUE[self.type]

    @property
    def runs_on(self) -> Lane:
        """The lane it was given, else its type's."""
        return self.lane or self.spec.lane

    @property
    def policy(self) -> RetryPolicy:
        """The policy of the account, else of the type; a name nobody knows any more counts as none."""
        return POLICIES.get(self.retry_policy or "", self.spec.retry)


class Detail(_Message, frozen=True, kw_only=True):
    """What a transition adds to its task. Durations in milliseconds. `waited_ms`: how long an attempt that
    begins had waited since it might have run."""

    started_at: Moment | None = None
    waited_ms: float | None = None
    duration_ms: float | None = None
    due_at: Moment | None = None
    delay_ms: Milliseconds | None = None
    target_id: str | None = None
    note: str | None = None
    summary: dict[str, Any] | None = None
    items_processed: int | None = None
    items_failed: int | None = None
    items_total: int | None = None
    failure: Failure | None = None
    follow_ups: list[UUID] = []
    calls: list[Call] = []
    is_uncertain: bool = False
    actor: str | None = None


class Transition(_Message, frozen=True, kw_only=True):
    """One change of state of one task; unique by (task id, attempt, state)."""

    task: TaskHeader
    state: State
    attempt: Annotated[int, Meta(ge=1)]
    occurred_at: Moment
    service: str
    detail: Detail = field(default_factory=Detail)
    payload: Payload | None = None

    @property
    def key(self) -> tuple[UUID, int, State]:
        return (self.task.id, self.attempt, self.state)

    @property
    def ready_at(self) -> datetime:
        """When the attempt that this asks for might have begun, had nobody been busy."""
        since = self.task.queued_at if self.state is State.QUEUED else self.occurred_at
        return self.detail.due_at or since

    @property
    def next_attempt(self) -> int:
        """The attempt a worker makes on receiving this."""
        return self.attempt + 1 if self.state is State.RETRYING else self.attempt


class Envelope(_Message, frozen=True, kw_only=True):
    """One broker message: a single dispatching transition, or any number of others.

    `sizes`: how many of the bytes after the JSON belong to each transition, in their order.
    """

    v: Literal[1, 2]
    transitions: Annotated[list[Transition], Meta(min_length=1)]
    sizes: list[Annotated[int, Meta(ge=0)]] = []


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Envelope)
_END_OF_HEAD = b"\n"  # within JSON there is none
_COMPLAINT = re.compile(r"(?P<what>.*) - at `\$\.?(?P<place>.*)`")


class Unreadable(ValueError):
    """The message can not be parsed; it goes to the dead letters with this reason."""


def encode(transitions: Sequence[Transition]) -> bytes:
    bodies = [one.payload.body if one.payload else b"" for one in transitions]
    if not any(bodies):
        return _encoder.encode(Envelope(v=2, transitions=list(transitions)))
    bare = [_with_body(one, b"") for one in transitions]
    head = _encoder.encode(Envelope(v=2, transitions=bare, sizes=[len(body) for body in bodies]))
    return joined(head, b"".join(bodies))


def decode(message: bytes) -> list[Transition]:
    """Raises Unreadable naming the first offending field."""
    head, rest = split(message)
    try:
        envelope = _decoder.decode(head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(_placed(str(error))) from error
    if not envelope.sizes and not rest:
        return envelope.transitions
    bodies = parted(rest, envelope.sizes, wanted=len(envelope.transitions))
    parts = zip(envelope.transitions, bodies, strict=True)
    return [_with_body(one, body) if body else one for one, body in parts]


def _placed(complaint: str) -> str:
    """What is wrong, after where it is."""
    found = _COMPLAINT.fullmatch(complaint)
    return f"{found['place'] or 'body'}: {found['what']}" if found else f"body: {complaint}"


def split(message: bytes) -> tuple[bytes, bytes]:
    """The JSON, and what follows it."""
    head, _, rest = message.partition(_END_OF_HEAD)
    return head, rest


def joined(head: bytes, rest: bytes) -> bytes:
    return b"".join((head, _END_OF_HEAD, rest)) if rest else head


def parted(rest: bytes, sizes: Sequence[int], *, wanted: int) -> list[bytes]:
    """What follows the JSON, by transition. Raises Unreadable."""
    sizes = sizes or [0] * wanted
    if len(sizes) != wanted or sum(sizes) != len(rest):
        raise Unreadable(f"sizes: they are not those of {wanted} transitions and {len(rest)} bytes")
    return [rest[end - size : end] for size, end in zip(sizes, accumulate(sizes), strict=True)]


def plain(message: bytes) -> bytes:
    """The same message as JSON alone, for whoever looks into it as JSON; one that is unreadable as it is."""
    try:
        return _encoder.encode(Envelope(v=1, transitions=decode(message)))
    except Unreadable:
        return message


def _with_body(transition: Transition, body: bytes) -> Transition:
    if transition.payload is None:
        if body:
            raise Unreadable("sizes: bytes for a transition without payload")
        return transition
    return replace(transition, payload=replace(transition.payload, body=body))


def utc_now() -> datetime:
    return datetime.now(UTC)
