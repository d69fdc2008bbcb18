"""Evaluates all rules again and again, on one replica at a time: a round leaves alerts, and what to tell.

It goes by the clock and the log. All writing is done on the connection that holds the lock: a replica that
has lost it can write nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from alerting import metrics
from alerting.judging import Facts, Judged, Steps, judge
from alerting.life import Alert, Notice, Step
from alerting.store import alerts as store
from alerting.store.alerts import Subject
from shared.alerts.facts import PlatformLimits
from shared.alerts.notifications import Notification, NotificationKind, Recipient, Told, insert
from shared.alerts.reading import read_platform, read_settings, read_shops
from shared.alerts.silence import WantedProof
from shared.db.outages import blames_the_statement
from shared.db.pool import open_connection
from shared.envelope import utc_now
from shared.identity import new_task_id
from shared.outlasting import AWAY
from shared.vault import Vault

log = structlog.get_logger()

LEADER = 7265437010
ROUND_PATIENCE_S = 60

Prove = Callable[[Mapping[int, WantedProof]], None]


@dataclass(frozen=True, slots=True)
class Watch:
    """What a round needs. `operators`: who is told of the platform's own alerts. `prove` begins to ask shops,
    and `told` is called when there is something to be sent; both return at once."""

    dsn: str
    instance: str
    vault: Vault
    prove: Prove
    told: Callable[[], None]
    operators: Sequence[Recipient] = ()
    limits: PlatformLimits = field(default_factory=PlatformLimits)


class Evaluator:
    """`round` may be called by itself, at any moment; `run` does so until it is cancelled."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def run(self, interval_s: float) -> None:
        """The database may come and go; another replica takes over when this one ends."""
        while True:
            try:
                async with self.leading() as connection:
                    while connection is not None:
                        async with asyncio.timeout(ROUND_PATIENCE_S):
                            await self.round(connection, utc_now())
                        await asyncio.sleep(interval_s)
            except AWAY as error:
                log.warning("evaluation_interrupted", reason=repr(error)[:200])
            await asyncio.sleep(interval_s)

    @asynccontextmanager
    async def leading(self) -> AsyncIterator[Any]:
        """The connection that holds the lock; None: another replica has it."""
        connection = await open_connection(self._watch.dsn, application_name="alerting-leader")
        try:
            yield connection if await store.try_to_lead(connection, LEADER) else None
        finally:
            metrics.IS_LEADER.set(0)
            await connection.close(timeout=5)

    async def round(self, connection: Any, now: datetime) -> None:
        """Everything that can be said of this moment."""
        began = time.monotonic()
        metrics.IS_LEADER.set(1)
        facts = await self._facts(connection, now)
        judged = judge(facts)
        self._watch.prove(judged.wanted)
        _tell_failures(judged.failed, metrics.RULES)
        await self._keep(connection, judged.steps, facts.known, now)
        took_ms = (time.monotonic() - began) * 1000
        await store.note_round(connection, instance=self._watch.instance, now=now, took_ms=took_ms)
        metrics.note_round(now, list(_standing(judged, facts.known)), took_ms)

    async def _facts(self, connection: Any, now: datetime) -> Facts:
        settings = await read_settings(connection)
        return Facts(
            now=now,
            platform=await read_platform(connection, now),
            limits=self._watch.limits,
            shops=await read_shops(connection, settings, now),
            settings=settings,
            known=await store.known_alerts(connection, now),
            muted=await store.muted_subjects(connection, now),
        )

    async def _keep(
        self,
        connection: Any,
        steps: Mapping[int | None, Steps],
        known: Mapping[Subject, Alert],
        now: datetime,
    ) -> None:
        """Shop by shop: what became of its alerts is committed together with what is told of it."""
        changed = _changed(steps, known)
        told = await self._recipients(connection, changed)
        is_told = False
        for shop_id, own in changed.items():
            notifications = _notifications(shop_id, [one for _, one in own], told.get(shop_id, ()))
            try:
                async with connection.transaction():
                    for subject, one in own:
                        await _write(connection, one, known.get(subject), now)
                    await insert(connection, notifications)
            except Exception as error:
                if not blames_the_statement(error):
                    raise
                _tell_failures({shop_id: error}, metrics.WRITING)
            else:
                is_told = is_told or bool(notifications or any(one.events for _, one in own))
        if is_told:
            self._watch.told()

    async def _recipients(
        self, connection: Any, changed: Mapping[int | None, Steps]
    ) -> Mapping[int | None, Sequence[Recipient]]:
        shop_ids = [
            shop_id
            for shop_id, own in changed.items()
            if shop_id is not None and any(one.notice for _, one in own)
        ]
        told: dict[int | None, Sequence[Recipient]] = {None: self._watch.operators}
        if shop_ids:
            shops = await store.who_is_told(connection, self._watch.vault, shop_ids)
            told.update(shops.items())
        return told


def _standing(judged: Judged, known: Mapping[Subject, Alert]) -> Iterator[Alert]:
    """All alerts as they are now, those of shops that were left alone as they were."""
    for own in judged.steps.values():
        yield from (one.alert for _, one in own if one.alert is not None)
    yield from (alert for subject, alert in known.items() if subject[0] in judged.failed)


def _changed(steps: Mapping[int | None, Steps], known: Mapping[Subject, Alert]) -> dict[int | None, Steps]:
    changed = {
        shop_id: [(subject, one) for subject, one in own if one.alert != known.get(subject)]
        for shop_id, own in steps.items()
    }
    return {shop_id: own for shop_id, own in changed.items() if own}


def _tell_failures(failed: Mapping[int | None, Exception], part: str) -> None:
    for shop_id, error in failed.items():
        metrics.SHOPS_FAILED.labels(part).inc()
        log.error("shop_not_evaluated", shop_id=shop_id, part=part, exc_info=error)


async def _write(connection: Any, one: Step, before: Alert | None, now: datetime) -> None:
    if one.alert is None:
        if before is not None:
            await store.forget(connection, before)
        return
    await store.put(connection, one.alert)
    for event in one.events:
        await store.add_history(connection, one.alert, event.value, now)
    if one.notice is Notice.REMINDER:
        await store.add_history(connection, one.alert, "reminded", now)


def _notifications(
    shop_id: int | None, steps: Sequence[Step], recipients: Sequence[Recipient]
) -> list[Notification]:
    """All that is to be told of a shop goes to each recipient in one message."""
    told = tuple(
        Told(one.alert.id, one.notice.value)
        for one in steps
        if one.alert is not None and one.notice is not None
    )
    if not told:
        return []
    is_news = any(one.event != Notice.REMINDER for one in told)
    kind = NotificationKind.NEWS if is_news else NotificationKind.REMINDER
    return [Notification(new_task_id(), shop_id, kind, recipient, told) for recipient in recipients]
