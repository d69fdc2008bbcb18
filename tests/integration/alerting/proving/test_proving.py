"""Before a silence is told, the shop is asked: was it quiet, were orders lost, does it still tell of them?"""

from datetime import timedelta
from typing import Any

import pytest

from alerting.proving.asking import NO_ACCOUNT, Asking
from alerting.proving.prover import KEPT, Prover
from shared.alerts.silence import ProofVerdict
from shared.broker import build_broker
from shared.polls import wished_since
from shared.publishing import Publisher
from shared.tasks import TaskType
from tests.integration.alerting.proving.silent import Silent
from tests.waiting import eventually


def once(fault: str, **more: Any) -> list[dict[str, Any]]:
    return [{"system": "shopify", "fault": fault, "times": 1, **more}]


async def test_a_shop_without_orders_was_quiet_and_nothing_is_begun(silent: Silent) -> None:
    proof = await silent.prove()
    assert (proof.verdict, proof.since) == (ProofVerdict.QUIET, silent.since)
    assert (proof.made, proof.missed, proof.task_ids) == (0, 0, ())
    assert proof.words.startswith("It still tells of its orders: its webhook subscriptions are in place. ")
    assert "It had no order since" in proof.words


async def test_orders_nobody_told_of_are_missed_and_fetched(silent: Silent) -> None:
    orders = [await silent.store.buy(minutes_ago=minutes) for minutes in (120, 60)]
    proof = await silent.prove()
    assert (proof.verdict, proof.made, proof.missed, proof.fetched) == (ProofVerdict.MISSED, 2, 2, 0)
    assert f"Nobody told Syncledger of {orders[0]['name']}, {orders[1]['name']}: they are" in proof.words
    (task,) = await silent.queued(proof)
    assert (task.task.type, task.task.account_id) == (TaskType.INDEX_ORDERS, silent.store.account_id)
    assert task.payload is not None
    assert wished_since(task.payload.body) == silent.since
    assert task.detail.actor == "alerting"


async def test_orders_that_are_known_and_did_not_get_through_are_missed_but_not_fetched_again(
    silent: Silent,
) -> None:
    await silent.connect_crm()
    await silent.know(await silent.store.buy())
    proof = await silent.prove()
    assert (proof.verdict, proof.missed, proof.task_ids) == (ProofVerdict.MISSED, 1, ())
    assert "1 order is known here but did not get through" in proof.words


async def test_only_orders_made_in_the_silence_and_not_just_now_count(silent: Silent) -> None:
    for minutes in (500, 120, 1):
        await silent.store.buy(minutes_ago=minutes)
    proof = await silent.prove(minutes=-5)
    assert (proof.verdict, proof.made) == (ProofVerdict.MISSED, 1)


async def test_a_subscription_that_is_gone_is_made_again_and_what_was_missed_is_fetched(
    silent: Silent,
) -> None:
    await silent.store.say("DELETE", "subscriptions/orders/create")
    await silent.store.buy()
    proof = await silent.prove()
    assert (proof.verdict, proof.missed) == (ProofVerdict.SUBSCRIPTION_GONE, 1)
    assert proof.words.startswith("Its webhook subscription for orders/create is gone")
    types = [task.task.type for task in await silent.queued(proof)]
    assert types == [TaskType.CHECK_WEBHOOK_SUBSCRIPTIONS, TaskType.INDEX_ORDERS]


async def test_without_an_address_of_ours_subscriptions_are_left_out(silent: Silent) -> None:
    await silent.store.say("DELETE", "subscriptions/*")
    asking = Asking(silent.world.pool, silent.admins)
    prover = Prover(asking, silent.world.pool, silent.world.publisher, "alerting")
    await prover.prove(silent.id, silent.wanted())
    (proof,) = await silent.proofs()
    assert (proof.verdict, "subscription" in proof.words) == (ProofVerdict.QUIET, False)


async def test_a_shop_that_refuses_or_does_not_answer_proves_nothing_and_says_why(silent: Silent) -> None:
    answer = await silent.store.control.put("/faults", json=once("server_error"))
    answer.raise_for_status()
    assert (await silent.prove()).verdict is ProofVerdict.UNPROVEN
    await silent.store.say("POST", "install", access_token="another")
    refused = await silent.prove(minutes=5)
    assert refused.verdict is ProofVerdict.UNPROVEN
    assert refused.words == "Shopify refused the account's key (401)."
    await silent.world.pool.execute("UPDATE store.accounts SET problem = 'The token was revoked'")
    before = len(await silent.store.requests())
    known = await silent.prove(minutes=10)
    assert known.words.endswith("its credentials are refused: The token was revoked.")
    assert len(await silent.store.requests()) == before


async def test_a_shop_of_another_kind_can_not_be_asked(silent: Silent) -> None:
    await silent.world.pool.execute("UPDATE store.accounts SET is_active = false")
    proof = await silent.prove()
    assert (proof.verdict, proof.words) == (ProofVerdict.UNPROVEN, f"{NO_ACCOUNT}.")


async def test_the_same_answer_again_is_kept_once_and_its_remedy_is_not_begun_while_it_runs(
    silent: Silent,
) -> None:
    await silent.store.buy()
    first = await silent.prove()
    await silent.is_under_way(first.task_ids[0], TaskType.INDEX_ORDERS)
    await silent.store.buy()
    second = await silent.prove(minutes=15)
    assert len(await silent.proofs()) == 1
    assert (second.missed, second.task_ids) == (2, first.task_ids)
    assert second.asked_at > first.asked_at


async def test_another_answer_is_another_proof(silent: Silent) -> None:
    assert (await silent.prove()).verdict is ProofVerdict.QUIET
    await silent.store.buy()
    assert (await silent.prove(minutes=30)).verdict is ProofVerdict.MISSED
    assert len(await silent.proofs()) == 2


async def test_two_replicas_that_ask_together_begin_one_remedy(silent: Silent) -> None:
    await silent.store.buy()
    wanted = silent.wanted(minutes=1)
    for _ in range(2):
        await silent.prover.prove(silent.id, wanted)
        await silent.prover.tend()
    (proof,) = await silent.proofs()
    assert len(proof.task_ids) == 1


async def test_a_remedy_whose_process_died_before_it_was_queued_is_queued_later(silent: Silent) -> None:
    await silent.store.buy()
    await silent.prover.prove(silent.id, silent.wanted(minutes=1))
    (proof,) = await silent.proofs()
    assert [task.task.id for task in silent.world.published] == []
    await silent.prover.tend()
    await silent.prover.tend()
    await eventually(lambda: bool(silent.world.published))
    assert [task.task.id for task in silent.world.published] == list(proof.task_ids)


@pytest.mark.parametrize("has_crm", [True, False])
async def test_what_was_fetched_is_counted(silent: Silent, *, has_crm: bool) -> None:
    if has_crm:
        await silent.connect_crm()
    orders = [await silent.store.buy() for _ in range(3)]
    assert (await silent.prove()).fetched == 0
    for order in orders[:2]:
        await silent.get_through(order, has_crm=has_crm)
    await silent.prover.tend()
    (proof,) = await silent.proofs()
    assert (proof.missed, proof.fetched) == (3, 2)


async def test_a_shop_that_is_slow_is_asked_once_at_a_time_and_holds_up_nobody(silent: Silent) -> None:
    answer = await silent.store.control.put("/faults", json=once("slow", delay_ms=300))
    answer.raise_for_status()
    for _ in range(3):
        silent.prover.begin({silent.id: silent.wanted()})
    assert await silent.proofs() == []
    await silent.prover.settled()
    assert len(await silent.proofs()) == 1
    lists = [one for one in await silent.store.requests() if "OrdersMade" in str(one)]
    assert len(lists) <= 1


async def test_a_broker_that_is_away_puts_the_remedy_off(silent: Silent) -> None:
    await silent.store.buy()
    away = Publisher(build_broker("amqp://127.0.0.1:9", app_id="test"))
    prover = Prover(silent.prover.asking, silent.world.pool, away, "alerting")
    prover.begin({silent.id: silent.wanted(minutes=1)})
    await prover.settled()
    (proof,) = await silent.proofs()
    await silent.prover.tend()
    assert [task.task.id for task in await silent.queued(proof)] == list(proof.task_ids)


async def test_what_shops_said_long_ago_is_forgotten(silent: Silent) -> None:
    await silent.prove()
    statement = "UPDATE alerts.proofs SET asked_at = asked_at - $1::interval"
    await silent.world.pool.execute(statement, KEPT + timedelta(hours=1))
    await silent.prover.tend()
    assert await silent.proofs() == []
