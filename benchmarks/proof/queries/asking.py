"""Asks the API, and notes how long each answer takes."""

import asyncio
import gc
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet
from pydantic import SecretStr

from benchmarks.proof.queries.growth import Timings
from benchmarks.proof.queries.questions import Asked, Question, Sample, questions
from query_api.app import build_app
from query_api.auth import Grant, Role, new_token
from query_api.repository.tokens import store_token
from query_api.settings import QueryApiSettings
from query_api.task_query import SORTS
from shared.db.queries import load_queries
from shared.service import collect_seldom

_SAMPLES = 2_000
_NOBODY = "amqp://127.0.0.1:1/"
_queries = load_queries(__file__, "asking")


async def ask(
    dsns: Sequence[str],
    *,
    rounds: int,
    sorts: Sequence[str] = SORTS,
    only: Collection[Asked] | None = None,
    seed: int = 1,
) -> list[Timings]:
    """Milliseconds of each answer of each log to every question, or to some; without the first round and a
    network.

    The logs take turns, question by question: whatever else the machine does falls on all of them.
    """
    found: list[dict[Asked, list[float]]] = [defaultdict(list) for _ in dsns]
    async with AsyncExitStack() as stack:
        logs = [await stack.enter_async_context(_log(dsn)) for dsn in dsns]
        stack.enter_context(_collecting_seldom())
        rngs = [random.Random(seed) for _ in logs]
        for turn in range(rounds + 1):
            asked = zip(
                *(questions(samples, rng, sorts) for (_, samples), rng in zip(logs, rngs, strict=True)),
                strict=True,
            )
            for same in asked:
                if only is not None and same[0].asked not in only:
                    continue
                for question, (client, _), timings in zip(same, logs, found, strict=True):
                    took = await _answered(client, question)
                    if turn:
                        timings[question.asked].append(took)
    return [*found]


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Garbage is collected as in the service; afterwards, as it was before."""
    before = gc.get_threshold()
    collect_seldom()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


async def _answered(client: httpx.AsyncClient, question: Question) -> float:
    began = time.perf_counter()
    answer = await client.get(question.path, params=question.parameters or None)
    took = (time.perf_counter() - began) * 1_000
    if answer.status_code != httpx.codes.OK:
        raise RuntimeError(f"{question}: {answer.text}")
    return took


async def _warm(pool: Any) -> None:
    """Has a server on this machine read what one in use has in memory; of a log that was just made some is
    there by chance."""
    paths = [Path(record["path"]) async for record in _queries.files(pool)]
    for path in paths:
        if path.exists():
            await asyncio.to_thread(path.read_bytes)


@asynccontextmanager
async def _log(dsn: str) -> AsyncIterator[tuple[httpx.AsyncClient, Sequence[Sample]]]:
    settings: dict[str, Any] = {
        "database_url": SecretStr(dsn),
        "rabbitmq_url": SecretStr(_NOBODY),
        "secret_keys": SecretStr(Fernet.generate_key().decode()),
        "requests_per_minute": 1_000_000,
    }
    app = build_app(QueryApiSettings(**settings))
    async with app.router.lifespan_context(app):
        pool, token = app.state.backend.pool, new_token()
        await store_token(pool, token, Grant("benchmarks", Role.ADMIN, None, None))
        share = min(_SAMPLES / await _queries.tasks(pool), 1)
        samples = [dict(record) async for record in _queries.samples(pool, percent=100 * share)]
        await _warm(pool)
        transport = httpx.ASGITransport(app=app)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://benchmarks.example", headers=headers, timeout=60
        ) as client:
            await client.post("/sign-in", data={"token": token}, headers={"Sec-Fetch-Site": "same-origin"})
            yield client, samples
