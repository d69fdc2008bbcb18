"""Made-up work of some shops, day by day, as the recorder would have it. Pure: a seed and a day tell all."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from benchmarks.failures import FAILURES
from query_api.recorder.events import Event
from shared.envelope import State
from shared.tasks import CATALOGUE, TaskType

_T = TaskType
# What one thing that happens leads to, one task after the other; and how often it happens.
STORIES: Sequence[tuple[int, tuple[TaskType, ...]]] = (
    (60, (_T.ORDER_WEBHOOK, _T.INDEX_ORDER, _T.SYNC_ORDER, _T.SYNC_ORDER_NOTIFICATION)),
    (25, (_T.CUSTOMER_WEBHOOK, _T.INDEX_CUSTOMER, _T.SYNC_CONTACT)),
    (10, (_T.SHIPMENT_RECEIVED, _T.WRITEBACK_SHIPMENT)),
    (5, (_T.UPDATE_PRODUCTS,)),
)
SHOP_WEIGHTS = (60, 20, 10, 6, 4)
_CALLING = {
    _T.SYNC_ORDER,
    _T.SYNC_ORDER_NOTIFICATION,
    _T.SYNC_CONTACT,
    _T.WRITEBACK_SHIPMENT,
    _T.UPDATE_PRODUCTS,
}
_STAYS, _CANCELLED, _FAILS, _RETRIES = 0.0005, 0.001, 0.012, 0.02
_DAY, _LONGEST_STORY = timedelta(days=1), timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Shop:
    """`account_ids`: the systems its tasks call."""

    id: int
    account_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """About so many tasks, evenly over the days up to a moment."""

    tasks: int
    days: int
    until: datetime
    seed: int = 1

    @property
    def dates(self) -> list[date]:
        last = self.until.astimezone(UTC).date()
        return [last - n * _DAY for n in range(self.days)]

    def tasks_on(self, day: date) -> int:
        """The days of a log have as many each, and the rest is the newest day's."""
        each = self.tasks // self.days
        return self.tasks - each * (self.days - 1) if day == self.dates[0] else each


def lives(scale: Scale, day: date, shops: Sequence[Shop]) -> Iterator[list[Event]]:
    """The transitions of each task of a day, up to the moment the scale ends at."""
    made, wanted = 0, scale.tasks_on(day)
    rng = random.Random(f"{scale.seed}/{day}")
    midnight = datetime.combine(day, time(), UTC)
    length = max(min(_DAY, scale.until - midnight) - _LONGEST_STORY, timedelta(seconds=1))
    while made < wanted:
        moment = midnight + length * rng.random()
        for events in _Story(rng, shops, moment).tasks():
            if made == wanted:
                return
            yield [event for event in events if event.occurred_at <= scale.until] or events[:1]
            made += 1


class _Story:
    """An order, a customer, a package: its tasks cause each other. Orders count up, customers come back."""

    def __init__(self, rng: random.Random, shops: Sequence[Shop], moment: datetime) -> None:
        self._rng = rng
        self._moment = moment
        self._shop = rng.choices(shops, SHOP_WEIGHTS[: len(shops)])[0]
        ((_, self._types),) = rng.choices(STORIES, [weight for weight, _ in STORIES])
        self._is_of_order = self._types[0] in (_T.ORDER_WEBHOOK, _T.SHIPMENT_RECEIVED)
        self._number = int(10 * moment.timestamp()) if self._is_of_order else rng.randrange(1_000_000)
        self._last: UUID | None = None
        self._root: UUID | None = None

    def tasks(self) -> Iterator[list[Event]]:
        for task_type in self._types:
            task_id = _id(self._moment, self._rng)
            header = self._header(task_id, task_type)
            yield self._events(task_id, header)
            self._last, self._root = task_id, self._root or task_id
            self._moment += timedelta(milliseconds=self._rng.randrange(200, 900))

    def _header(self, task_id: UUID, task_type: TaskType) -> dict[str, Any]:
        spec = CATALOGUE[task_type]
        header: dict[str, Any] = {
            "id": str(task_id),
            "type": task_type.value,
            "shop_id": self._shop.id,
            "queued_at": self._moment.isoformat(),
            "max_attempts": spec.retry.attempts,
        }
        if len(self._types) > 1:
            header["source_id"] = str(5_000_000_000_000 + self._number)
        if self._is_of_order:
            header["order_number"] = f"#{self._number}"
        if task_type in _CALLING:
            header["account_id"] = self._rng.choice(self._shop.account_ids)
        if self._last is not None:
            header |= {"parent_id": str(self._last), "root_id": str(self._root)}
        return header

    def _events(self, task_id: UUID, header: dict[str, Any]) -> list[Event]:
        life = _Life(self._rng, task_id, header, self._moment)
        chance = self._rng.random()
        if (chance := chance - _STAYS) < 0:
            return life.events
        if (chance := chance - _CANCELLED) < 0:
            return life.cancelled()
        if (chance := chance - _FAILS) < 0:
            return life.attempted(State.FAILED, 1)
        if chance < _RETRIES:
            life.attempted(State.RETRYING, 1)
            return life.attempted(State.SUCCEEDED, 2)
        return life.attempted(State.SUCCEEDED, 1)


class _Life:
    def __init__(self, rng: random.Random, task_id: UUID, header: dict[str, Any], moment: datetime) -> None:
        self._rng, self._task_id, self._header, self._moment = rng, task_id, header, moment
        self.events = [Event(task_id, 1, State.QUEUED, moment, "ingest", header, {})]

    def attempted(self, end: State, attempt: int) -> list[Event]:
        """All so far, with another attempt."""
        rng = self._rng
        begun = self._moment + timedelta(milliseconds=rng.expovariate(1 / 400))
        duration_ms = round(20 + rng.expovariate(1 / 250), 1)
        self._moment = begun + timedelta(milliseconds=duration_ms)
        detail: dict[str, Any] = {"started_at": begun.isoformat()}
        self._add(attempt, State.PROCESSING, begun, detail)
        detail = detail | {"duration_ms": duration_ms}
        match end:
            case State.SUCCEEDED if self._header["type"] == _T.UPDATE_PRODUCTS:
                detail |= {"items_processed": rng.randrange(900), "items_failed": rng.randrange(3)}
            case State.SUCCEEDED if self._header.get("account_id"):
                detail["target_id"] = str(rng.randrange(10**9))
            case State.FAILED | State.RETRYING:
                detail["failure"] = rng.choice(FAILURES)
        ended_at = self._moment
        if end is State.RETRYING:
            self._moment += timedelta(seconds=30)
            detail |= {"delay_ms": 30_000, "due_at": self._moment.isoformat()}
        self._add(attempt, end, ended_at, detail)
        return self.events

    def cancelled(self) -> list[Event]:
        """By a person, before it began."""
        self._add(1, State.CANCELLED, self._moment + timedelta(seconds=30), {"actor": "somebody"})
        return self.events

    def _add(self, attempt: int, state: State, moment: datetime, detail: dict[str, Any]) -> None:
        self.events.append(Event(self._task_id, attempt, state, moment, "sync-worker", self._header, detail))


def _id(moment: datetime, rng: random.Random) -> UUID:
    """A UUIDv7 of that millisecond."""
    milliseconds = int(moment.timestamp() * 1_000)
    noise = rng.getrandbits(74)
    return UUID(int=milliseconds << 80 | 7 << 76 | (noise >> 62) << 64 | 2 << 62 | noise & (2**62 - 1))
