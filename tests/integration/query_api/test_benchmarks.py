"""The log that benchmarks make up is one the recorder could have written."""

import asyncio
from datetime import timedelta

from benchmarks.loading import load
from benchmarks.made_up import Scale, Shop, lives
from benchmarks.proof.queries.asking import ask
from query_api.recorder.rebuild import rebuild_async
from shared.envelope import State, utc_now
from tests.integration.query_api.world import World

SHOPS = [Shop(1, (1, 2)), Shop(2, (3, 4))]


async def test_events_projection_and_counters_of_a_made_up_log_agree(world: World, database_url: str) -> None:
    await asyncio.to_thread(load, database_url, Scale(600, 8, utc_now()), processes=1)
    report = await rebuild_async(database_url, minute_counts_kept=timedelta(days=30))
    assert (report.tasks, report.is_unchanged) == (600, True)
    async with world.reader() as api:
        assert len(set(await api.walk(limit=200))) == 600
        assert (await api.get("/tasks/count"))["count"] == 600
        assert await api.ids(state="failed", sort="-duration")


def test_a_made_up_log_is_the_same_each_time() -> None:
    scale = Scale(900, 3, utc_now())
    first, second = ([*lives(scale, scale.dates[1], SHOPS)] for _ in range(2))
    assert first == second
    assert len(first) == 300


def test_a_made_up_log_ends_when_it_is_said_to() -> None:
    now = utc_now()
    scale = Scale(30_000, 1, now)
    events = [event for life in lives(scale, scale.dates[0], SHOPS) for event in life]
    assert {event.state for event in events} == set(State)
    assert sum(event.occurred_at > now for event in events) == sum(
        event.occurred_at > now and event.state is State.QUEUED for event in events
    )


async def test_every_question_that_is_measured_has_an_answer(world: World, database_url: str) -> None:
    await asyncio.to_thread(load, database_url, Scale(600, 4, utc_now()), processes=1)
    answers = await ask([database_url], rounds=0)
    assert answers == [{}]
