"""Trees of tasks and stories of orders: what stands where, and in which words."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from query_api.repository.records import AccountName, EventRow, Names, TaskRow
from query_api.stories.belonging import Order, PartsOfOrder, tells_of
from query_api.stories.order_steps import Package, Parts, Purchase, states_of, steps_of
from query_api.stories.order_words import Stage, line_of, stage_of
from query_api.stories.trees import Relation, arranged
from shared.envelope import State
from shared.tasks import CATALOGUE, Group, TaskType
from tests.unit.query_api.facts import MOMENT, fact, row

NAMES = Names({1: "one.example"}, {3: AccountName("engage", "main"), 4: AccountName("amazon", "EU")})


def _id(number: int) -> UUID:
    return UUID(int=number)


def test_a_tree_lists_each_task_before_what_it_led_to() -> None:
    tasks = [
        fact(task_id=_id(6), retry_of=_id(3), parent_id=_id(1)),
        fact(task_id=_id(4), parent_id=_id(2)),
        fact(task_id=_id(1), parent_id=_id(99)),
        fact(task_id=_id(3), parent_id=_id(1)),
        fact(task_id=_id(2), parent_id=_id(1)),
    ]
    nodes = arranged(tasks)
    assert [(node.task_id.int, node.depth) for node in nodes] == [(1, 0), (2, 1), (4, 2), (3, 1), (6, 2)]
    assert [node.relation for node in nodes] == [
        None,
        Relation.FOLLOW_UP,
        Relation.FOLLOW_UP,
        Relation.FOLLOW_UP,
        Relation.RETRY,
    ]
    assert nodes[-1].under == _id(3)


def test_a_chain_of_any_length_is_a_tree() -> None:
    tasks = [fact(task_id=_id(number), parent_id=_id(number - 1)) for number in range(1, 3_000)]
    assert [node.depth for node in arranged(tasks)] == list(range(2_999))


def test_every_kind_of_work_on_orders_has_its_stage() -> None:
    single = {spec.type for spec in CATALOGUE.values() if not spec.batch}
    groups = (Group.ORDER_SYNC, Group.REFUND_SYNC, Group.DROPSHIPPING, Group.WRITE_BACK)
    told = {one for one in single if CATALOGUE[one].group in groups}
    assert {one for one in told if stage_of(one) is Stage.OTHER} == set()
    assert stage_of("FormerTask") is Stage.OTHER


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"state": State.QUEUED}, "Sending the receipt to engage main is waiting for its turn"),
        ({"state": State.PROCESSING}, "Sending the receipt to engage main is under way"),
        (
            {"state": State.RETRYING, "error_message": "The CRM does not answer"},
            "Sending the receipt to engage main did not work and is tried again: The CRM does not answer",
        ),
        (
            {"state": State.FAILED, "error_message": "Refused"},
            "Sending the receipt to engage main failed: Refused",
        ),
        ({}, "Engage main has the receipt"),
        ({"note": "Not paid yet"}, "Sending the receipt to engage main: Not paid yet"),
    ],
    ids=str,
)
def test_a_line_says_what_came_of_a_task(facts: dict[str, Any], words: str) -> None:
    assert line_of(row(type=TaskType.SYNC_ORDER, **facts), system="engage main") == words


def test_a_line_names_the_topic_or_stands_without_names() -> None:
    told = line_of(row(type=TaskType.ORDER_WEBHOOK), topic="orders/paid")
    assert told == "The shop told of the order (orders/paid)"
    assert line_of(row(type=TaskType.SYNC_ORDER)) == "The CRM has the receipt"
    assert line_of(row(type="FormerTask")) == "FormerTask is done"


def test_equal_ids_of_other_things_do_not_belong_to_an_order() -> None:
    order = Order(1, ("7",), ("1042", "#1042"))
    parts = PartsOfOrder(frozenset(["8"]), frozenset(["9"]), frozenset([_id(5)]))
    belong: list[dict[str, Any]] = [
        {"type": TaskType.SYNC_ORDER, "source_id": "7"},
        {"type": TaskType.FULFILLMENT_WEBHOOK, "source_id": "8"},
        {"type": TaskType.SYNC_REFUND, "source_id": "9"},
        {"type": TaskType.PUBLISH_ORDER, "order_number": "#1042"},
        {"type": TaskType.SHIPMENT_RECEIVED, "task_id": _id(5)},
    ]
    others: list[dict[str, Any]] = [
        {"type": TaskType.SYNC_CONTACT, "source_id": "7"},
        {"type": TaskType.SYNC_REFUND, "source_id": "8"},
        {"type": TaskType.SYNC_ORDER, "source_id": "9"},
        {"type": TaskType.SYNC_ORDER, "order_number": "#104"},
    ]
    assert all(tells_of(fact(**facts), order, parts) for facts in belong)
    assert not any(tells_of(fact(**facts), order, parts) for facts in others)
    assert not any(tells_of(fact(**facts, shop_id=2), order, parts) for facts in belong)


def _events(task: TaskRow, *, actor: str | None = None) -> list[EventRow]:
    queued = EventRow(task.task_id, 1, State.QUEUED, MOMENT, MOMENT, "query-api", {}, {"actor": actor})
    return [
        queued,
        replace(queued, state=task.state, occurred_at=task.updated_at, service="sync-worker", detail={}),
    ]


def _story(*tasks: TaskRow, actor: str | None = None) -> Parts:
    package = Package(4, 1, "PostNord", ["UA1", "UA2"], MOMENT + timedelta(hours=3))
    purchase = Purchase(
        4, "R-7", "shipped", ["UA1"], None, MOMENT, MOMENT + timedelta(hours=1), MOMENT + timedelta(hours=2)
    )
    events = {task.task_id: _events(task, actor=actor) for task in tasks}
    return Parts(tasks, events, {}, [package], [purchase], NAMES)


def test_a_story_is_told_as_it_happened_with_what_is_stored() -> None:
    sync = row(task_id=_id(1), type=TaskType.SYNC_ORDER, account_id=3)
    steps = steps_of(_story(sync))
    assert [(step.stage, step.what, step.by) for step in steps] == [
        (Stage.CRM, "Engage main has the receipt", "sync-worker"),
        (Stage.SUPPLIER, "Amazon EU says of R-7: shipped UA1", "amazon EU"),
        (Stage.CONFIRMATION, "The shop's order is marked with amazon EU and R-7", "amazon EU"),
        (Stage.CONFIRMATION, "Amazon EU knows of package 1: PostNord UA1, UA2", "amazon EU"),
    ]
    assert all(one.at <= other.at for one, other in pairwise(steps))
    assert [event.by for event in steps[0].transitions] == ["query-api", "sync-worker"]
    assert len(steps_of(_story(sync), until=MOMENT + timedelta(minutes=90))) == 2


def test_whoever_asked_for_a_task_did_it() -> None:
    sync = row(task_id=_id(1), type=TaskType.SYNC_ORDER, account_id=3)
    assert steps_of(_story(sync, actor="Kim"))[0].by == "Kim"


def test_a_stage_stands_as_badly_as_the_worst_of_its_newest_tasks() -> None:
    failed = row(task_id=_id(1), type=TaskType.SYNC_ORDER, state=State.FAILED, source_id="7")
    later = {"updated_at": MOMENT + timedelta(minutes=1)}
    told = row(task_id=_id(2), type=TaskType.SYNC_ORDER_NOTIFICATION, source_id="7", **later)
    assert states_of(steps_of(_story(failed, told)))[Stage.CRM] is State.FAILED
    mended = row(task_id=_id(3), type=TaskType.SYNC_ORDER, source_id="7", **later)
    states = states_of(steps_of(_story(failed, told, mended)))
    assert states[Stage.CRM] is State.SUCCEEDED
    assert Stage.WEBHOOK not in states
