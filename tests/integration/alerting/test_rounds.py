"""Alerts through time on real servers: who is told of what, and exactly how often."""

import asyncio
from typing import Any

import aio_pika
import orjson
import pytest

from alerting.handlers import registry
from alerting.metrics import SHOPS_FAILED, WRITING
from alerting.outbox import DIRECTLY_AFTER
from shared.envelope import State
from shared.errors import Rejected, Retryable, Unavailable
from shared.publishing import NotPublished
from shared.tasks import Lane
from shared.topology import ALERTS
from tests.integration.alerting.watching import HELPER, OPERATORS, OWNER, AwayBroker, Watching, ids
from tests.waiting import eventually


async def firing(watching: Watching, *, until: int = 1) -> None:
    await watching.ended(-2, failed=30)
    await watching.rounds(*range(until))


async def test_everybody_is_told_once_however_often_it_is_evaluated(watching: Watching) -> None:
    await firing(watching, until=5)
    rows = await watching.notifications()
    assert [row["recipient"] for row in rows] == [OWNER, HELPER]
    outbox = watching.outbox()
    async with watching.world.worker(registry(watching.teller), lane=Lane.ALERTS):
        await outbox.hand_on(watching.at(5))
        await outbox.hand_on(watching.at(5))
        ends = [await watching.world.final(one) for one in ids(rows)]
    assert [end.state for end in ends] == [State.SUCCEEDED] * 2
    assert sorted(to for to, _ in watching.subjects()) == [HELPER, OWNER]


async def test_a_crash_between_writing_down_and_queueing_tells_nothing_twice(watching: Watching) -> None:
    await firing(watching)
    rows = await watching.notifications()
    async with watching.world.worker(registry(watching.teller), lane=Lane.ALERTS):
        await watching.outbox().hand_on(watching.at(1))
        await watching.world.final(rows[0]["id"])
        await watching.world.final(rows[1]["id"])
        await watching.world.pool.execute("UPDATE alerts.notifications SET published_at = NULL")
        await watching.outbox().hand_on(watching.at(2))
        await eventually(lambda: watching.world.published.count(watching.world.last(rows[0]["id"])) >= 1)
    assert len(watching.mailbox.mails) == 2


async def test_one_replica_evaluates_and_the_other_takes_over_without_telling_again(
    watching: Watching,
) -> None:
    await watching.ended(-2, failed=30)
    await watching.recorded_until(watching.at(0))
    one, two = watching.evaluator("one"), watching.evaluator("two")
    async with one.leading() as leader:
        await one.round(leader, watching.at(0))
        async with two.leading() as nobody:
            assert nobody is None
    async with two.leading() as leader:
        await two.round(leader, watching.at(1))
    assert len(await watching.notifications()) == 2
    assert await watching.world.pool.fetchval("SELECT instance FROM alerts.heartbeat") == "two"


async def test_a_mail_server_that_is_down_loses_nothing(watching: Watching) -> None:
    await firing(watching)
    watching.mailbox.is_refusing = True
    (first, second) = ids(await watching.notifications())
    with pytest.raises(Retryable, match="451"):
        await watching.teller.tell_at_once(watching.world.pool, first)
    watching.mail = {"smtp_port": 1}
    with pytest.raises(Unavailable):
        await watching.teller.tell_at_once(watching.world.pool, second)
    watching.mailbox.is_refusing, watching.mail = False, {}
    for _ in range(2):
        await watching.tell_all()
    assert sorted(to for to, _ in watching.subjects()) == [HELPER, OWNER]


async def test_an_address_that_is_refused_is_no_reason_to_try_again(watching: Watching) -> None:
    await firing(watching)
    watching.mailbox.bounces = frozenset({HELPER})
    (owner, helper) = ids(await watching.notifications())
    await watching.teller.tell_at_once(watching.world.pool, owner)
    with pytest.raises(Rejected, match="550 Nobody of that name"):
        await watching.teller.tell_at_once(watching.world.pool, helper)


async def test_without_a_mail_server_the_task_says_what_to_set(watching: Watching) -> None:
    await firing(watching)
    watching.mail = {"smtp_host": None}
    with pytest.raises(Rejected, match="SMTP_HOST"):
        await watching.tell_all()


async def test_a_source_that_flaps_all_day_makes_no_storm(watching: Watching) -> None:
    await watching.wants(error_rate_minutes=5, reminder_minutes=240)
    for minute in range(0, 720, 12):
        await watching.ended(minute, failed=50)
        await watching.rounds(minute + 1, minute + 3, minute + 6, minute + 7, minute + 9, minute + 11.5)
    changes = await watching.world.pool.fetchval(
        "SELECT count(*) FROM alerts.history WHERE event IN ('firing', 'resolved')"
    )
    told = [row["alerts"][0]["event"] for row in await watching.notifications()]
    assert changes > 40
    assert told[:4] == ["firing", "resolved", "firing", "resolved"]
    assert len(told) <= 4 + 2 * (12 // 4)


async def test_what_is_over_is_told_and_a_late_mail_says_that_it_is_over(watching: Watching) -> None:
    await watching.wants(error_rate_minutes=5)
    await watching.ended(-2, failed=30)
    await watching.rounds(0, 10, 16)
    told = [row["alerts"][0]["event"] for row in await watching.notifications()]
    assert told == ["firing", "resolved"]
    await watching.tell_all()
    resolved = "Kaffe & Té: Resolved: 23.1 % of the tasks fail and 1 more"
    assert [subject for _, subject in watching.subjects()] == [resolved] * 2
    text = watching.mailbox.mails[0].part("plain")
    assert "IS OVER: 23.1 % of the tasks fail" in text
    assert "Over since: " in text


async def test_acknowledged_alerts_are_not_brought_to_mind_and_muted_ones_not_told(
    watching: Watching,
) -> None:
    await watching.wants(reminder_minutes=15)
    await watching.ended(-2, failed=30)
    await watching.rounds(0, 15)
    await watching.world.pool.execute("UPDATE alerts.alerts SET acknowledged_at = now()")
    await watching.rounds(31, 46)
    assert [row["kind"] for row in await watching.notifications()] == ["news", "reminder"]
    assert (await watching.alert())["acknowledged_at"] is not None

    await watching.ended(60, failed=100, succeeded=0)
    await watching.world.pool.execute(
        "INSERT INTO alerts.mutes (shop_id, rule, subject, until, muted_by) "
        "VALUES ($1, 'error-rate', 'contact sync', $2, 'test')",
        watching.shop_id,
        watching.at(90),
    )
    await watching.rounds(61)
    before = len(await watching.notifications())
    await watching.rounds(91)
    assert len(await watching.notifications()) - before <= 1


async def test_while_the_broker_is_away_people_are_told_without_it_and_once(watching: Watching) -> None:
    await firing(watching)
    rows = await watching.notifications()
    outbox = watching.outbox(AwayBroker())
    with pytest.raises(NotPublished):
        await outbox.hand_on(watching.at(1))
    assert not watching.mailbox.mails
    with pytest.raises(NotPublished):
        await outbox.hand_on(rows[0]["created_at"] + DIRECTLY_AFTER)
    assert len(watching.mailbox.mails) == 2
    async with watching.world.worker(registry(watching.teller), lane=Lane.ALERTS):
        await watching.outbox().hand_on(watching.at(9))
        end = await watching.world.final(rows[0]["id"])
    assert "without its task" in (end.detail.note or "")
    assert len(watching.mailbox.mails) == 2


async def test_operators_are_told_of_what_concerns_no_shop(watching: Watching) -> None:
    await watching.world.pool.execute(
        "INSERT INTO alerts.queues (queue, messages, consumers, measured_at) VALUES ('sync', 12, 0, $1), "
        "('recorder', 0, 1, $1)",
        watching.at(0),
    )
    await watching.rounds(0, 1, 1.5)
    await watching.rounds(4)
    rows = [row for row in await watching.notifications() if row["shop_id"] is None]
    assert {row["recipient"] for row in rows} == {OPERATORS[0].name}
    await watching.tell_all()
    assert any("Syncledger: " in subject for _, subject in watching.subjects())


async def test_a_shop_whose_alerts_can_not_be_written_holds_up_nobody(watching: Watching) -> None:
    failed = SHOPS_FAILED.labels(WRITING)._value
    before = failed.get()
    await watching.world.pool.execute(
        f"ALTER TABLE alerts.alerts ADD CHECK (shop_id IS DISTINCT FROM {watching.shop_id})"
    )
    await watching.world.pool.execute(
        "INSERT INTO alerts.queues (queue, messages, consumers, measured_at) VALUES ('sync', 12, 0, $1)",
        watching.at(0),
    )
    await firing(watching)
    assert await watching.alert() is None
    assert await watching.alert("lane-without-consumers", "sync") is not None
    assert await watching.world.pool.fetchval("SELECT count(*) FROM alerts.heartbeat") == 1
    assert failed.get() == before + 1


async def test_programs_hear_what_became_of_an_alert(watching: Watching) -> None:
    connection = await aio_pika.connect(watching.world.rabbitmq_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(ALERTS, "alert.#")
        await firing(watching)
        await watching.outbox().hand_on(watching.at(1))
        keys: list[str | None] = []
        events: list[dict[str, Any]] = []
        async with asyncio.timeout(20):
            while len(keys) < 2:
                message = await queue.get(fail=False, no_ack=True)
                if message is None:
                    await asyncio.sleep(0.05)
                    continue
                keys.append(message.routing_key)
                events.append(orjson.loads(message.body))
    assert keys[:2] == ["alert.pending.error-rate", "alert.firing.error-rate"]
    assert events[1] | {"at": "", "title": ""} == {
        "v": 1,
        "alert_id": str((await watching.alert())["id"]),
        "shop": "kaffe.example",
        "event": "firing",
        "at": "",
        "actor": "alerting",
        "rule": "error-rate",
        "subject": "",
        "severity": events[1]["severity"],
        "state": "firing",
        "title": "",
    }


async def test_a_silent_shop_is_asked_by_the_round(watching: Watching) -> None:
    await watching.wants(silence_is_watched=True, silence_minutes=60)
    await watching.world.pool.execute(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, created_at) "
        "VALUES ($1, 'engage', 'CRM', 'http://127.0.0.1', '', now() - interval '9 hours')",
        watching.shop_id,
    )
    await watching.world.pool.execute("UPDATE store.shops SET installed_at = now() - interval '9 hours'")
    await watching.rounds(0)
    assert list(watching.asked[0]) == [watching.shop_id]
