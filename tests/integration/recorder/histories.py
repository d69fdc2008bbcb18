"""Lives of tasks: what a worker publishes about one from its queueing on."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from shared.envelope import Detail, Failure, Payload, State, TaskHeader, Transition, encode, utc_now
from shared.tasks import TaskType
from tests.factories import header, transition

FAILURE = Failure(
    kind="connection",
    message="The CRM does not answer",
    place="SyncContact, PUT contact",
    remedy="Wait; it is tried again",
    fingerprint="f1",
    http_status=503,
    response_excerpt="busy",
)


def life(
    task: TaskHeader, ends: Sequence[State], *, begins_at: datetime | None = None, **facts: Any
) -> list[Transition]:
    """`ends` of the attempts, e.g. retrying, succeeded; processing: it still runs; none: it is queued;
    cancelled: the attempt is not made."""
    moment = begins_at or utc_now()
    payload = Payload(body=b'{"id": 1}')
    story = [transition(task=task, state=State.QUEUED, occurred_at=moment, payload=payload)]
    for attempt, end in enumerate(ends, start=1):
        started_at = moment = moment + timedelta(seconds=2)
        if end is State.CANCELLED:
            cancelled = Detail(actor="test", note="Cancelled by test")
            story.append(
                transition(task=task, state=end, attempt=attempt, occurred_at=moment, detail=cancelled)
            )
            break
        begun = Detail(started_at=started_at)
        story.append(
            transition(task=task, state=State.PROCESSING, attempt=attempt, occurred_at=moment, detail=begun)
        )
        if end is State.PROCESSING:
            break
        moment += timedelta(milliseconds=40)
        detail = _detail(end, started_at, moment, facts)
        story.append(transition(task=task, state=end, attempt=attempt, occurred_at=moment, detail=detail))
    return story


def _detail(end: State, started_at: datetime, moment: datetime, facts: dict[str, Any]) -> Detail:
    values: dict[str, Any] = {"started_at": started_at, "duration_ms": 40.4} | facts
    if end is not State.SUCCEEDED:
        values["failure"] = FAILURE
    if end is State.RETRYING:
        values |= {"delay_ms": 1_500, "due_at": moment + timedelta(milliseconds=1_500)}
    return Detail(**values)


def messages(transitions: Sequence[Transition]) -> list[bytes]:
    """As they are published: dispatching ones alone, the others together."""
    alone = [encode([item]) for item in transitions if item.state.dispatches]
    together = [item for item in transitions if not item.state.dispatches]
    return alone + ([encode(together)] if together else [])


def _ends() -> st.SearchStrategy[list[State]]:
    retries = st.lists(st.just(State.RETRYING), max_size=3)
    last = st.sampled_from([None, State.PROCESSING, State.SUCCEEDED, State.FAILED, State.CANCELLED])
    return st.builds(lambda before, end: before + ([end] if end else []), retries, last)


_facts = st.fixed_dictionaries(
    {
        "duration_ms": st.floats(0, 1e7),
        "items_processed": st.none() | st.integers(0, 10**12),
        "items_failed": st.none() | st.integers(0, 10**6),
        "summary": st.none()
        | st.dictionaries(st.text(max_size=5), st.integers(0, 9) | st.text(max_size=5), max_size=2),
        "target_id": st.none() | st.text(max_size=8),
        "note": st.none() | st.text(max_size=8),
    }
)


@st.composite
def lives(draw: st.DrawFn, *, shop_id: int, at_most: int = 6) -> list[Transition]:
    """The transitions of some tasks of one shop, task by task."""
    story: list[Transition] = []
    for _ in range(draw(st.integers(1, at_most))):
        task = header(
            shop_id=shop_id,
            type=draw(st.sampled_from(TaskType)),
            account_id=draw(st.none() | st.integers(1, 3)),
            order_number=draw(st.none() | st.just("#1001")),
        )
        begins_at = datetime.now(UTC) - timedelta(seconds=draw(st.integers(0, 7_200)))
        story += life(task, draw(_ends()), begins_at=begins_at, **draw(_facts))
    return story
