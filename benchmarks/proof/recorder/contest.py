"""Transitions a second into log, projection and counters, beside the least that Postgres could do."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from statistics import harmonic_mean

from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.programs import running
from benchmarks.proof.recorder.made import entries_of, made_transitions
from benchmarks.proof.seeing import seen, until
from devstack.services import RECORDER
from query_api.recorder.preparing import Prepared
from query_api.recorder.reading import Entry
from query_api.recorder.settings import RecorderSettings
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import commit
from shared.broker import build_broker, connect_when_up
from shared.db.pool import open_connection, open_pool
from shared.envelope import Transition
from shared.publishing import Publisher
from shared.vault import Vault

Measure = Callable[[Plot, Sequence[Entry]], Coroutine[None, None, float]]
_COLUMNS = ("task_id", "attempt", "state", "occurred_at", "service", "header", "detail")
_SINGLE_PART = 20  # of the rows one commit each is measured with: it takes so much longer
_SIDE_BY_SIDE = 1_000
_TURN = 50_000


def measure(ground: Ground, *, count: int) -> Mapping[str, float]:
    """Each way with the same transitions; what others are compared with before, between and after them."""
    transitions = made_transitions(count)
    entries = entries_of(transitions)
    rates = defaultdict[str, list[float]](list)

    def measured(name: str, way: Measure) -> None:
        with ground.plot() as plot:
            rates[f"{name}: transitions/s"].append(asyncio.run(way(plot, entries)))

    measured("one commit each", _one_by_one)
    for _ in range(max(1, count // _TURN)):
        measured("COPY", _copied)
        measured("batches", _in_batches)
    measured("COPY", _copied)
    with ground.plot() as plot:
        rates["queue to commit: transitions/s"].append(_from_queue(plot, transitions))
    measured("COPY", _copied)
    return {name: harmonic_mean(some) for name, some in rates.items()}


async def _copied(plot: Plot, entries: Sequence[Entry]) -> float:
    connection = await open_connection(plot.database_url, application_name="measuring")
    try:
        records = [tuple(entry.event) for entry in entries]
        began = time.perf_counter()
        await connection.copy_records_to_table(
            "task_events", schema_name="ledger", records=records, columns=_COLUMNS
        )
        return len(entries) / (time.perf_counter() - began)
    finally:
        await connection.close()


async def _one_by_one(plot: Plot, entries: Sequence[Entry]) -> float:
    return await _written(plot, entries[: max(1, len(entries) // _SINGLE_PART)], size=1)


async def _in_batches(plot: Plot, entries: Sequence[Entry]) -> float:
    size = RecorderSettings.model_fields["recorder_batch_size"].default
    return await _written(plot, entries, size=size)


async def _written(plot: Plot, entries: Sequence[Entry], *, size: int) -> float:
    keys = ShopKeys(Vault(plot.secret_key))
    async with await open_pool(plot.database_url, max_size=1) as pool:
        batches = [_prepared(entries[start : start + size]) for start in range(0, len(entries), size)]
        began = time.perf_counter()
        for batch in batches:
            await commit(pool, keys, batch)
        return len(entries) / (time.perf_counter() - began)


def _prepared(entries: Sequence[Entry]) -> Prepared:
    batch = Prepared(entries)
    _ = batch.moved  # as it is before a commit, while the one before is at work
    return batch


def _from_queue(plot: Plot, transitions: Sequence[Transition]) -> float:
    """By the log's own clock, as the recorder works off a queue that was full when it came."""
    asyncio.run(_publish(plot, transitions))
    with running([plot.service(RECORDER)]):
        asyncio.run(until(plot.database_url, "transitions", len(transitions)))
        return len(transitions) / asyncio.run(seen(plot.database_url, "recording_took"))


async def _publish(plot: Plot, transitions: Sequence[Transition]) -> None:
    broker = build_broker(plot.rabbitmq_url, app_id="measuring")
    await connect_when_up(broker)
    publisher = Publisher(broker)
    for start in range(0, len(transitions), _SIDE_BY_SIDE):
        await publisher.publish(transitions[start : start + _SIDE_BY_SIDE])
    await broker.stop()
