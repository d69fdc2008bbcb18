"""A made-up history in which all went well, and what may be added to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos import history as told
from tests.chaos.history import Entry, Facts, History

BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_FIRST: Facts = {"parent_id": None, "delivery_key": "shopify:webhook:w1", "type": "OrderWebhook"}
_FOLLOW_UP: Facts = {"parent_id": "t1", "delivery_key": None, "type": "SyncOrder"}


def at(seconds: float, what: str, **facts: Any) -> Entry:
    return Entry(BEGAN + timedelta(seconds=seconds), what, facts)


def step(task_id: str, state: str, attempt: int = 1, *, second: float = 0, **changes: Any) -> Entry:
    """A transition, recorded half a second later."""
    facts: Facts = {
        "task_id": task_id,
        "state": state,
        "attempt": attempt,
        "shop_id": 1,
        "account_id": 0,
        "source_id": "7",
        "follow_ups": [],
        "note": None,
        "occurred_at": (BEGAN + timedelta(seconds=second)).isoformat(),
        "recorded_at": (BEGAN + timedelta(seconds=second + 0.5)).isoformat(),
        **_FIRST,
    }
    return at(second, told.TRANSITION, **facts | changes)


def task(task_id: str, state: str, attempt: int = 1, **changes: Any) -> Entry:
    facts: Facts = {
        "task_id": task_id,
        "type": "OrderWebhook",
        "state": state,
        "attempt": attempt,
        "error_kind": None,
        "error_message": None,
        "remedy": None,
    }
    return at(100, told.TASK, **facts | changes)


def counter(task_type: str, state: str, n: int) -> Entry:
    return at(100, told.COUNTER, shop_id=1, type=task_type, account_id=0, state=state, n=n)


def fault(number: int, kind: str, begins: float, ends: float, **facts: Any) -> list[Entry]:
    who = {"number": number, "kind": kind, "target": "x"}
    return [at(begins, told.INJECTED, **who), at(ends, told.HEALED, **who, **facts)]


def well(*more: Entry) -> History:
    """One order: its delivery, one follow-up at the second attempt, a receipt and a mail; and more."""
    return History(
        [
            at(0, told.RUN, seed="s", length_s=60, rate=1),
            at(1, told.ANSWERED, page="/tasks", status=200, as_of=None),
            at(2, told.ANSWERED, page="/tasks", status=200, as_of="2026-11-21T12:00:02+00:00"),
            at(3, told.ANSWERED, page="/tasks", status=503, as_of=None),
            at(1, told.DELIVERED, key="shopify:webhook:w1"),
            step("t1", "queued", second=1),
            step("t1", "processing", second=2),
            step("t1", "succeeded", second=3, follow_ups=["t2"]),
            step("t2", "queued", second=3, **_FOLLOW_UP),
            step("t2", "processing", second=4, **_FOLLOW_UP),
            step("t2", "retrying", second=5, **_FOLLOW_UP),
            step("t2", "processing", 2, second=6, **_FOLLOW_UP),
            step("t2", "succeeded", 2, second=7, **_FOLLOW_UP),
            task("t1", "succeeded"),
            task("t2", "succeeded", 2, type="SyncOrder"),
            counter("OrderWebhook", "succeeded", 1),
            counter("SyncOrder", "succeeded", 1),
            at(100, told.EXPECTED, thing="order", id="7", state={"name": "#7"}),
            at(100, told.HELD, thing="order", id="7", state={"name": "#7"}),
            at(100, told.EXPECTED, thing="receipt", id="shopify-7", state={}),
            at(100, told.HELD, thing="receipt", id="shopify-7", state={}),
            at(100, told.EFFECT, party="crm", id="receipt shopify-7", times=1, changed=["contact"]),
            at(100, told.EFFECT, party="crm", id="order mail 7 paid", times=1, changed=[]),
            *fault(1, "poison", 10, 11, bodies=["poison 1.0"]),
            at(100, told.DEAD_LETTER, body="poison 1.0", reason="body: Invalid JSON"),
            *more,
        ]
    )


def without(what: str, *more: Entry, **facts: Any) -> History:
    """The history in which all went well, but for entries like this, which are missing."""
    wanted = facts.items()
    return History(e for e in well(*more) if not (e.what == what and wanted <= e.facts.items()))
