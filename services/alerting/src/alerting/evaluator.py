"""Evaluates all rules again and again, on one replica at a time: a round leaves alerts, and what to tell.

It goes by the clock and the log. All writing is done on the connection that holds the lock: a replica that
has lost it can write nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from alerting import metrics
from alerting.life import Alert, Notice, Step, Terms, step
from alerting.store import alerts as store
from alerting.store.alerts import Subject
from shared.alerts.evaluating import evaluate_platform, evaluate_shop
from shared.alerts.facts import PlatformLimits, ShopFacts
from shared.alerts.notifications import Notification, NotificationKind, Recipient, Told, insert
from shared.alerts.reading import read_platform, read_settings, read_shops
from shared.alerts.settings import AlertSettings
from shared.alerts.silence import WantedProof, proof_wanted
from shared.alerts.verdicts import Verdict
from shared.db.pool import open_connection
from shared.envelope import utc_now
from shared.identity import new_task_id
from shared.lifecycle import AWAY
from shared.vault import Vault

log = structlog.get_logger()

LEADER = 7265437010
ROUND_PATIENCE_S = 60
PLATFORM_REMINDERS = timedelta(hours=4)

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
        settings = await read_settings(connection)
        facts = await read_shops(connection, settings, now)
        self._watch.prove(_wanted_proofs(facts, settings, now))
        verdicts = await self._verdicts(connection, facts, settings, now)
        known = await store.known_alerts(connection, now)
        muted = await store.muted_subjects(connection, now)
        steps = list(_steps(verdicts, known, _Terms(settings, muted), now))
        await self._keep(connection, steps, known, now)
        took_ms = (time.monotonic() - began) * 1000
        await store.note_round(connection, instance=self._watch.instance, now=now, took_ms=took_ms)
        metrics.note_round(now, [one.alert for _, one in steps if one.alert is not None], took_ms)

    async def _verdicts(
        self,
        connection: Any,
        facts: Mapping[int, ShopFacts],
        settings: Mapping[int, AlertSettings],
        now: datetime,
    ) -> dict[Subject, Verdict]:
        """Of every shop, and of the platform."""
        platform = await read_platform(connection, now)
        found = {_subject(None, one): one for one in evaluate_platform(platform, self._watch.limits, now)}
        for shop_id, own in facts.items():
            for verdict in evaluate_shop(own, settings[shop_id], now):
                found[_subject(shop_id, verdict)] = verdict
        return found

    async def _keep(
        self,
        connection: Any,
        steps: Sequence[tuple[Subject, Step]],
        known: Mapping[Subject, Alert],
        now: datetime,
    ) -> None:
        """Shop by shop: what became of its alerts is committed together with what is told of it."""
        changed: dict[int | None, list[tuple[Subject, Step]]] = {}
        for subject, one in steps:
            if one.alert != known.get(subject):
                changed.setdefault(subject[0], []).append((subject, one))
        told = await self._recipients(connection, changed)
        is_told = False
        for shop_id, own in changed.items():
            async with connection.transaction():
                for subject, one in own:
                    await _write(connection, one, known.get(subject), now)
                notifications = _notifications(shop_id, [one for _, one in own], told.get(shop_id, ()))
                await insert(connection, notifications)
            is_told = is_told or bool(notifications or any(one.events for _, one in own))
        if is_told:
            self._watch.told()

    async def _recipients(
        self, connection: Any, changed: Mapping[int | None, Sequence[tuple[Subject, Step]]]
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


@dataclass(frozen=True, slots=True)
class _Terms:
    settings: Mapping[int, AlertSettings]
    muted: set[Subject]

    def of(self, subject: Subject) -> Terms:
        own = self.settings.get(subject[0]) if subject[0] is not None else None
        interval = own.reminder_interval if own is not None else PLATFORM_REMINDERS
        return Terms(interval, is_muted=subject in self.muted)


def _steps(
    verdicts: Mapping[Subject, Verdict], known: Mapping[Subject, Alert], terms: _Terms, now: datetime
) -> Iterable[tuple[Subject, Step]]:
    """What nobody names any more is over, too."""
    for subject in {**verdicts, **known}:
        verdict = verdicts.get(subject)
        yield subject, step(known.get(subject), verdict, terms.of(subject), shop_id=subject[0], now=now)


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


def _wanted_proofs(
    facts: Mapping[int, ShopFacts], settings: Mapping[int, AlertSettings], now: datetime
) -> dict[int, WantedProof]:
    wanted = {
        shop_id: proof_wanted(own.silence, settings[shop_id], min(now, own.known_until))
        for shop_id, own in facts.items()
        if own.silence is not None
    }
    return {shop_id: one for shop_id, one in wanted.items() if one is not None}


def _subject(shop_id: int | None, verdict: Verdict) -> Subject:
    return (shop_id, verdict.rule.value, verdict.subject)
