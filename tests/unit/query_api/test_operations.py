"""What an operation is about stays what it was when it was asked; what it left alone is told by reason."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from query_api.operations.batchwise import EXAMPLES, left_alone, with_skipped
from query_api.operations.port import Kind, Operation, OperationState, Verdict
from query_api.operations.retrying import Retrying
from query_api.operations.selection import Filtered, from_json, named, oldest_first, to_json
from query_api.schemas.operation_shaping import operation
from query_api.search.reading import read
from query_api.stories.belonging import OfOrder
from query_api.task_query import Sort, TaskQuery
from query_api.time_spans import Span
from shared.envelope import State
from shared.tasks import TaskType

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
OFF, RISK = Verdict("account_off", "Off."), Verdict("may_repeat_effect", "Twice?", is_risk=True)


def narrowed(query: TaskQuery) -> TaskQuery:
    async def publish(_: Any) -> None: ...

    return Retrying(None, None, publish).narrowed(query, NOW)  # type: ignore[arg-type]


def row(**changes: Any) -> Operation:
    values: dict[str, Any] = {
        "id": uuid4(),
        "kind": Kind.RETRY,
        "state": OperationState.RUNNING,
        "shop_ids": None,
        "selection": {"ids": []},
        "options": {},
        "total": 100,
        "done": 30,
        "skipped": 10,
        "failed": 0,
        "cursor": None,
        "summary": {},
        "problem": None,
        "requested_by": "test",
        "created_at": EARLIER,
        "started_at": NOW - timedelta(seconds=20),
        "updated_at": NOW,
        "finished_at": None,
        "expires_at": None,
    }
    return Operation(**(values | changes))


def test_a_retry_is_about_what_had_failed_when_it_was_asked() -> None:
    frozen = narrowed(TaskQuery(completed=Span(EARLIER, LATER)))
    assert (frozen.states, frozen.completed) == ((State.FAILED,), Span(EARLIER, NOW))
    assert narrowed(TaskQuery(completed=Span(None, EARLIER))).completed.until == EARLIER
    assert narrowed(TaskQuery(states=(State.FAILED, State.QUEUED))).states == (State.FAILED,)
    assert narrowed(TaskQuery(states=(State.SUCCEEDED,))).states == (State.SUCCEEDED,)


@pytest.mark.parametrize(
    "query",
    [
        TaskQuery(),
        TaskQuery(states=(State.FAILED,), types=(TaskType.SYNC_ORDER,), shop_ids=(1, 2), account_ids=(3,)),
        TaskQuery(order_numbers=("1", "#1"), order=OfOrder("55"), root_id=uuid4(), has_retry=False),
        TaskQuery(created=Span(EARLIER, NOW), attempts_from=3, sort=Sort.DURATION, descending=False),
        TaskQuery(search=read("#1042 was refused")),
    ],
    ids=range(5),
)
def test_a_filter_is_kept_as_it_was(query: TaskQuery) -> None:
    frozen = Filtered(query, {"state": ["failed"]}, NOW)
    assert from_json(to_json(frozen)) == frozen


def test_named_tasks_are_kept_each_once() -> None:
    one, two = uuid4(), uuid4()
    assert from_json(to_json(named([two, one, two]))) == named([two, one])


def test_it_goes_from_the_oldest_on() -> None:
    query = oldest_first(TaskQuery(sort=Sort.DURATION))
    assert (query.sort, query.descending) == (Sort.CREATED, False)


def test_risks_are_left_alone_unless_they_are_accepted() -> None:
    one, two = uuid4(), uuid4()
    assert left_alone({one: OFF, two: RISK}, accepts_risk=False) == {one: OFF, two: RISK}
    assert left_alone({one: OFF, two: RISK}, accepts_risk=True) == {one: OFF}


def test_what_was_left_alone_is_summed_by_reason_with_the_first_by_name() -> None:
    first = [UUID(int=number) for number in range(EXAMPLES - 1)]
    more = [UUID(int=number) for number in range(100, 103)]
    summary = with_skipped({"other": 1}, dict.fromkeys(first, OFF))
    summary = with_skipped(summary, {**dict.fromkeys(more, OFF), uuid4(): RISK})
    off = summary["skipped"]["account_off"]
    assert (off["message"], off["count"]) == ("Off.", EXAMPLES + 2)
    assert off["tasks"] == [str(one) for one in (*first, more[0])]
    assert (summary["skipped"]["may_repeat_effect"]["count"], summary["other"]) == (1, 1)
    assert with_skipped({}, {}) == {}


def test_it_says_how_fast_it_goes_and_how_long_that_takes() -> None:
    shown = operation(row())
    assert (shown.per_second, shown.seconds_left) == (2.0, 30)
    assert operation(row(total=None)).seconds_left is None
    assert operation(row(done=0, skipped=0)).per_second is None
    over = operation(row(done=90, state=OperationState.SUCCEEDED, finished_at=NOW))
    assert (over.per_second, over.seconds_left) == (5.0, None)
