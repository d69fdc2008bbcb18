"""The doors of the CRM, of WooCommerce and of generic senders follow the rules of the Shopify door."""

import asyncio
from uuid import UUID

import pytest

from shared.envelope import decode
from shared.tasks import TaskType
from tests.integration.ingest.running import (
    Ingest,
    Shop,
    add_shop,
    ready_ingest,
    running_ingest,
    take,
)
from tests.integration.ingest.senders import (
    DOORS,
    ENGAGE_EVENT,
    SECRET,
    WOO_ORDER,
    Door,
    add_sender,
    message_headers,
    woo_headers,
)
from tests.waiting import eventually

TYPES = {
    "engage": TaskType.CONTACT_WEBHOOK,
    "standard": TaskType.ORDER_WEBHOOK,
    "woocommerce": TaskType.ORDER_WEBHOOK,
}
ABOUT = {"engage": ("6f1c", None), "standard": ("A-17", None), "woocommerce": ("727", "#1042")}
WOO = next(door for door in DOORS if door.kind == "woocommerce")
FORM = {"content-type": "application/x-www-form-urlencoded"}
every_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.kind)


async def _accepted(door: Door, ingest: Ingest, shop: Shop) -> bool:
    return (await door.send(ingest, shop)).status_code == 200


@every_door
async def test_a_signed_delivery_becomes_a_task_of_its_account(
    ingest: Ingest, shop: Shop, database_url: str, rabbitmq_url: str, door: Door
) -> None:
    account_id = await add_sender(database_url, shop, door.kind)
    await eventually(lambda: _accepted(door, ingest, shop))
    [message, *_] = await take(rabbitmq_url, "sync", 1)
    [transition] = decode(message)
    task = transition.task
    assert (task.type, task.shop_id, task.account_id) == (TYPES[door.kind], shop.id, account_id)
    assert (task.source_id, task.order_number) == ABOUT[door.kind]
    assert transition.payload is not None
    assert transition.payload.body == door.body
    assert not [name for name in transition.payload.headers if "signature" in name]


@every_door
async def test_a_delivery_sent_again_has_the_same_key(
    ingest: Ingest, shop: Shop, database_url: str, rabbitmq_url: str, door: Door
) -> None:
    await add_sender(database_url, shop, door.kind)
    await eventually(lambda: _accepted(door, ingest, shop))
    await take(rabbitmq_url, "sync", 1)
    headers = door.headers(door.body)
    answers = [await door.send(ingest, shop, headers=headers) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {200}
    tasks = [decode(message)[0].task for message in await take(rabbitmq_url, "sync", 2)]
    assert len({task.delivery_key for task in tasks}) == 1


@every_door
async def test_404_for_an_unknown_shop(ingest: Ingest, door: Door) -> None:
    for domain in ("nobody.example.com", "Nobody.Example.com", "localhost", "%3Cscript%3E"):
        answer = await door.send(ingest, Shop(domain))
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


@every_door
async def test_404_for_an_inactive_shop(ingest: Ingest, database_url: str, door: Door) -> None:
    answer = await door.send(ingest, await add_shop(database_url, is_active=False))
    assert answer.status_code == 404


@every_door
async def test_401_without_an_account_and_with_another_ones_secret(
    ingest: Ingest, shop: Shop, database_url: str, door: Door
) -> None:
    assert (await door.send(ingest, shop)).status_code == 401
    await add_sender(database_url, shop, door.kind, "whsec_YW5vdGhlciBzZWNyZXQgb2YgMjQgYnk=")
    other = "standard" if door.kind == "engage" else "engage"
    await add_sender(database_url, shop, other)
    await asyncio.sleep(0.3)  # the directory has read both by then
    answer = await door.send(ingest, shop)
    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("The signature does not match")


@every_door
async def test_401_for_a_bad_or_malformed_signature(
    ingest: Ingest, shop: Shop, database_url: str, door: Door
) -> None:
    await add_sender(database_url, shop, door.kind)
    await eventually(lambda: _accepted(door, ingest, shop))
    headers = door.headers(door.body)
    for signature in ("AAAA", "v1,AAAA", "not base64", "v1,"):
        answer = await door.send(ingest, shop, headers=headers | {door.signature: signature})
        assert answer.status_code == 401
    assert (await door.send(ingest, shop, body=door.body + b" ", headers=headers)).status_code == 401


@every_door
async def test_400_names_the_missing_header(ingest: Ingest, shop: Shop, door: Door) -> None:
    for name in door.required:
        headers = door.headers(door.body)
        del headers[name.lower()]
        answer = await door.send(ingest, shop, headers=headers)
        assert answer.status_code == 400
        assert name in answer.json()["detail"]


@every_door
async def test_415_413_and_405(ingest: Ingest, shop: Shop, door: Door) -> None:
    headers = door.headers(door.body)
    assert (
        await door.send(ingest, shop, headers=headers | {"content-type": "text/plain"})
    ).status_code == 415
    assert (await door.send(ingest, shop, headers=headers | FORM)).status_code == 415
    assert (await door.send(ingest, shop, body=b"x" * (6 * 1024 * 1024))).status_code == 413
    answer = await ingest.client.get(f"/webhooks/{door.kind}/{shop.domain}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@every_door
async def test_429_for_many_bad_signatures_never_for_good_ones(
    database_url: str, rabbitmq_url: str, shop: Shop, door: Door
) -> None:
    await add_sender(database_url, shop, door.kind)
    async with ready_ingest(database_url, rabbitmq_url, bad_signature_limit=3) as ingest:
        bad = door.headers(door.body) | {door.signature: "v1,AAAA"}
        statuses = [(await door.send(ingest, shop, headers=bad)).status_code for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        assert (await door.send(ingest, shop)).status_code == 200


@every_door
async def test_every_secret_of_an_account_is_accepted_until_it_is_taken_away(
    ingest: Ingest, shop: Shop, database_url: str, door: Door
) -> None:
    newer = "whsec_bmV3ZXIgc2VjcmV0IG9mIDI0IGJ5dGU="
    account_id = await add_sender(database_url, shop, door.kind, newer, SECRET)
    await eventually(lambda: _accepted(door, ingest, shop))
    await ingest.fetch(
        "UPDATE store.accounts SET is_active = false, updated_at = now() WHERE id = $1", account_id
    )

    async def is_refused() -> bool:
        return (await door.send(ingest, shop)).status_code == 401

    await eventually(is_refused)


@every_door
async def test_refusals_are_listed_under_their_source(ingest: Ingest, shop: Shop, door: Door) -> None:
    await door.send(ingest, shop)
    await door.send(ingest, Shop("nobody.example.com"))

    async def are_listed() -> bool:
        rows = await ingest.fetch(
            "SELECT shop_domain, reason FROM ingest.rejections WHERE source = $1", door.kind
        )
        return {tuple(row) for row in rows} >= {
            (shop.domain, "no_secret"),
            ("nobody.example.com", "unknown_shop"),
        }

    await eventually(are_listed)


@every_door
async def test_a_signed_body_nobody_can_read_becomes_a_task_with_its_bytes(
    ingest: Ingest, shop: Shop, database_url: str, rabbitmq_url: str, door: Door
) -> None:
    await add_sender(database_url, shop, door.kind)
    await eventually(lambda: _accepted(door, ingest, shop))
    bodies = [b"", b"{", b"[]", b"\xff\x00"]
    answers = [await door.send(ingest, shop, body=body) for body in bodies]
    assert {answer.status_code for answer in answers} == {200}
    transitions = [decode(message)[0] for message in await take(rabbitmq_url, "sync", 1 + len(bodies))]
    kept = {one.task.id: one.payload.body for one in transitions if one.payload is not None}
    assert [kept[UUID(answer.json()["task_id"])] for answer in answers] == bodies


@every_door
async def test_with_the_broker_away_a_delivery_is_spooled_and_answered_200(
    database_url: str, rabbitmq_url: str, shop: Shop, door: Door
) -> None:
    await add_sender(database_url, shop, door.kind)
    async with running_ingest(database_url, "amqp://guest:guest@127.0.0.1:1/") as ingest:
        await eventually(lambda: _accepted(door, ingest, shop))
        [row, *_] = await ingest.fetch("SELECT routing_key FROM ingest.spool")
        assert row["routing_key"] == f"queued.sync.{TYPES[door.kind]}"


async def test_an_event_of_the_crm_that_is_not_used_is_answered_200_and_counted(
    ingest: Ingest, shop: Shop, database_url: str, rabbitmq_url: str
) -> None:
    await add_sender(database_url, shop, "engage")
    engage = DOORS[0]
    unused = ENGAGE_EVENT.replace(b"contact.acceptsEmail.changed", b"contact.updated")

    async def is_ignored() -> bool:
        answer = await engage.send(ingest, shop, body=unused)
        return answer.status_code == 200 and answer.json() == {"ignored": True, "topic": "contact.updated"}

    await eventually(is_ignored)
    line = 'syncledger_deliveries_total{outcome="ignored",source="engage",topic="contact.updated"}'
    assert await ingest.metric(line) >= 1
    assert await take(rabbitmq_url, "recorder", 0) == []


async def test_the_crm_may_sign_under_the_standard_names(
    ingest: Ingest, shop: Shop, database_url: str
) -> None:
    await add_sender(database_url, shop, "engage")
    engage = DOORS[0]
    await eventually(lambda: _accepted(engage, ingest, shop))
    answer = await engage.send(ingest, shop, headers=message_headers(ENGAGE_EVENT))
    assert answer.status_code == 200


@pytest.mark.parametrize("age_s", [400, -400])
async def test_a_message_of_another_time_is_refused_and_the_clocks_are_named(
    ingest: Ingest, shop: Shop, database_url: str, age_s: int
) -> None:
    await add_sender(database_url, shop, "engage")
    engage = DOORS[0]
    await eventually(lambda: _accepted(engage, ingest, shop))
    answer = await engage.send(ingest, shop, headers=message_headers(ENGAGE_EVENT, age_s=age_s))
    assert answer.status_code == 401
    assert "clocks" in answer.json()["detail"]


async def test_a_ping_of_woocommerce_gets_exactly_200_and_makes_no_task(
    ingest: Ingest, shop: Shop, rabbitmq_url: str
) -> None:
    for content_type in (FORM, {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}):
        answer = await WOO.send(ingest, shop, body=b"webhook_id=123", headers=content_type)
        assert answer.status_code == 200
    assert await take(rabbitmq_url, "recorder", 0) == []
    line = 'syncledger_deliveries_total{outcome="ping",source="woocommerce",topic="none"}'
    assert await ingest.metric(line) >= 2
    assert (
        await WOO.send(ingest, Shop("nobody.example.com"), body=b"webhook_id=1", headers=FORM)
    ).status_code == 404
    assert (await DOORS[0].send(ingest, shop, body=b"webhook_id=1", headers=FORM)).status_code == 400


async def test_one_save_in_woocommerce_is_one_key_and_two_saves_are_two(
    ingest: Ingest, shop: Shop, database_url: str, rabbitmq_url: str
) -> None:
    """WooCommerce gives two deliveries of one second the same Delivery-ID, and repeats one save in bursts."""
    await add_sender(database_url, shop, "woocommerce")
    await eventually(lambda: _accepted(WOO, ingest, shop))
    completed = WOO_ORDER.replace(b"processing", b"completed")
    for body in (WOO_ORDER, completed):
        assert (await WOO.send(ingest, shop, body=body)).status_code == 200
    keys = [decode(message)[0].task.delivery_key for message in await take(rabbitmq_url, "sync", 3)]
    assert len(set(keys)) == 2


async def test_a_secret_with_html_entities_is_tried_in_both_forms(
    ingest: Ingest, shop: Shop, database_url: str
) -> None:
    await add_sender(database_url, shop, "woocommerce", "a &amp; b")

    async def is_accepted(key: bytes) -> bool:
        answer = await WOO.send(ingest, shop, headers=woo_headers(WOO_ORDER, key=key))
        return answer.status_code == 200

    await eventually(lambda: is_accepted(b"a & b"))
    assert await is_accepted(b"a &amp; b")


async def test_a_secret_nobody_can_open_does_not_hide_the_others(
    ingest: Ingest, shop: Shop, database_url: str
) -> None:
    await add_sender(database_url, shop, "woocommerce")
    await ingest.fetch(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
        "VALUES ($1, 'woocommerce', 'lost', 'https://x', 'unreadable')",
        shop.id,
    )
    await eventually(lambda: _accepted(WOO, ingest, shop))


async def test_no_answer_and_no_metric_tells_a_secret_or_a_shop(
    ingest: Ingest, shop: Shop, database_url: str
) -> None:
    await add_sender(database_url, shop, "engage")
    answers = [await door.send(ingest, shop) for door in DOORS]
    told = "".join(answer.text for answer in answers) + (await ingest.client.get("/metrics")).text
    assert SECRET not in told
    assert shop.domain not in told
