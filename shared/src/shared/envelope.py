"""What travels over the broker: transitions of tasks.

A transition carries the whole header of its task, so that any one of them is enough to show the task, and no
reader needs another message or a database to understand it. The version is in every message.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)

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
Moment = Annotated[
    AwareDatetime,
    PlainSerializer(lambda value: value.astimezone(UTC).isoformat(), when_used="json"),
]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")


class Payload(_Message):
    """The data a task works on: the bytes as received, or what its parent handed down."""

    body: bytes
    content_type: str = "application/json"
    topic: str | None = None
    headers: dict[str, str] = {}


class Call(_Message):
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


class Failure(_Message):
    """Why an attempt did not succeed, for people: what, where, and what to do next."""

    kind: str
    message: str
    place: str
    remedy: str
    fingerprint: str
    http_status: int | None = None
    response_excerpt: str | None = None


class TaskHeader(_Message):
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


class Detail(_Message):
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


class Transition(_Message):
    """One change of state of one task; unique by (task id, attempt, state)."""

    task: TaskHeader
    state: State
    attempt: int = Field(ge=1)
    occurred_at: Moment
    service: str
    detail: Detail = Detail()
    payload: Payload | None = None

    @property
    def key(self) -> tuple[UUID, int, State]:
        return (self.task.id, self.attempt, self.state)

    @property
    def next_attempt(self) -> int:
        """The attempt a worker makes on receiving this."""
        return self.attempt + 1 if self.state is State.RETRYING else self.attempt


class Envelope(_Message):
    """One broker message: a single dispatching transition, or any number of others."""

    v: Literal[1] = 1
    transitions: list[Transition] = Field(min_length=1)


class Unreadable(ValueError):
    """The message can not be parsed; it goes to the dead letters with this reason."""


def encode(transitions: list[Transition]) -> bytes:
    return (
        Envelope(transitions=transitions).model_dump_json(exclude_defaults=False, exclude_none=True).encode()
    )


def decode(body: bytes) -> list[Transition]:
    """Raises Unreadable naming the first offending field."""
    try:
        return Envelope.model_validate_json(body).transitions
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise Unreadable(f"{place}: {first['msg']}") from error


def utc_now() -> datetime:
    return datetime.now(UTC)
