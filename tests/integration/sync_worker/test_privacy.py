"""Personal data is handed out when it is asked for, and gone when it is to be gone."""

from datetime import timedelta
from uuid import UUID

import aio_pika
import orjson
import pytest

from shared.accounts import UNINSTALLED
from shared.broker import build_broker, connect_when_up
from shared.dead_letters import DeadLetters
from shared.envelope import Payload, decode, encode, utc_now
from shared.publishing import Publisher
from shared.tasks import TaskType
from shared.topology import DEAD_LETTERS
from shared.vault import SealBroken
from sync_worker.handlers.erasure import DONE, INSTALLED
from sync_worker.handlers.options import Options
from sync_worker.handlers.privacy import NOT_KNOWN, NOTHING_HELD, REINSTALLED
from tests.integration.sync_worker import redacting
from tests.integration.sync_worker.redacting import EMAIL, KIM, ORDER, OTHER, OTHER_EMAIL, PHONE, ask, told
from tests.integration.sync_worker.storefront import Storefront
from tests.integration.sync_worker.world import World
from tests.unit.sync_worker.bodies import customer_body

DATA, REDACT, SHOP, GONE = (
    TaskType.CUSTOMERS_DATA_REQUEST,
    TaskType.CUSTOMERS_REDACT,
    TaskType.SHOP_REDACT,
    TaskType.APP_UNINSTALLED,
)


@pytest.fixture
async def kim(world: World) -> World:
    """A world with a person in it."""
    await redacting.give_key(world)
    await redacting.add_kim(world)
    return world


async def test_a_person_gets_all_that_is_held_sealed_for_an_administrator(kim: World) -> None:
    await redacting.record(kim, told(kim, source_id=str(KIM)), told(kim, source_id=str(OTHER)))
    (done,) = await ask(kim, DATA, "customers/data_request")
    (request,) = await redacting.requests(kim)
    assert done.note is not None
    assert f"/privacy-requests/{request['id']}/export" in done.note
    assert EMAIL.encode() not in request["export"]
    key = await kim.pool.fetchval("SELECT data_key FROM store.shops WHERE id = $1", kim.shop_id)
    found = orjson.loads(kim.vault.open_data_key(key).open(request["export"], done.task.id))
    assert found["customer"]["data"]["email"] == EMAIL
    assert [order["source_id"] for order in found["orders"]] == [str(ORDER)]
    assert len(found["tasks"]) == 1
    assert OTHER_EMAIL not in orjson.dumps(found).decode()
    assert request["due_at"] - request["requested_at"] > timedelta(days=29)


async def test_a_redacted_person_is_nowhere_to_be_found(kim: World) -> None:
    by_id = told(kim, source_id=str(KIM), body=b'{"firstName":"Kim"}')
    by_mail = told(kim, answer=b'[{"email":"KIM@example.com"},{"email":"lou@example.com"}]')
    by_url = told(kim, url="https://crm.example/contacts/id?email=kim%40example.com")
    by_order = told(kim, body=b'{"order":5523001122334}')
    other = told(kim, source_id=str(OTHER), body=b'{"email":"lou@example.com","n":55230011223341}')
    *theirs, others = await redacting.record(kim, by_id, by_mail, by_url, by_order, other)
    done = await ask(kim, REDACT, "customers/redact")
    assert [one.error for one in done] == [None] * len(done)
    assert done[-1].note == DONE
    left_over = [await redacting.bodies(kim, task_id) for task_id in theirs]
    assert left_over == [[], [b"{}"], [b"{}"], []]
    assert len(await redacting.bodies(kim, others)) == 3
    left = await redacting.everything(kim)
    for trace in (EMAIL, "KIM@example.com", PHONE, "kim%40example.com", "Kim"):
        assert trace.encode() not in left, trace
    assert OTHER_EMAIL.encode() in left


async def test_consents_tags_parcels_and_what_was_handed_out_go_with_the_person(kim: World) -> None:
    await redacting.add_more(kim)
    await ask(kim, DATA, "customers/data_request")
    before = await redacting.everything(kim)
    traces = (
        EMAIL,
        PHONE,
        "likes-horses",
        redacting.TRACKING,
        "acceptsEmail",
        '"subscribed"',
        "unsubscribed",
    )
    unknown = [trace for trace in traces if trace.encode() not in before.replace(b'""', b'"')]
    assert unknown == []
    await ask(kim, REDACT, "customers/redact")
    left = await redacting.everything(kim)
    assert [trace for trace in traces if trace.encode() in left.replace(b'""', b'"')] == []
    for table in ("refunds", "fulfilments", "supplier_orders", "receipts"):
        assert await kim.pool.fetchval(f"SELECT count(*) FROM store.{table}") == 1
    exports = await kim.pool.fetch("SELECT export FROM admin.privacy_requests")
    assert [row["export"] for row in exports] == [None, None]


async def test_what_was_bought_stays_and_the_record_says_what_was_done(kim: World) -> None:
    await ask(kim, REDACT, "customers/redact")
    order = await kim.order_row(ORDER)
    assert (order["customer_id"], order["data"].get("email"), order["data"].get("customer")) == (None,) * 3
    assert order["data"]["line_items"][0]["quantity"]
    customer = await kim.customer_row(KIM)
    assert (customer["data"], customer["contact_id"]) == (None, None)
    assert customer["deleted_at"] is not None
    (request,) = await redacting.requests(kim)
    assert (request["kind"], request["subject"]) == ("customer_redact", None)
    assert request["subject_hash"] is not None
    assert request["done_at"] is not None
    assert request["summary"] | {"customers": 1, "orders": 1} == request["summary"]


async def test_packages_lose_the_tracking_of_a_redacted_person(kim: World, storefront: Storefront) -> None:
    await redacting.ship(kim)
    await ask(kim, REDACT, "customers/redact")
    packages = await kim.pool.fetch("SELECT * FROM store.shipments ORDER BY order_id")
    assert [package["tracking_numbers"] for package in packages] == [[], ["1Z-other"]]
    assert packages[0]["told"] == {"carrier": "UPS"}
    assert "1Z-kim" not in (await redacting.everything(kim)).decode()


async def test_nothing_brings_a_redacted_person_back(kim: World) -> None:
    await ask(kim, REDACT, "customers/redact")
    late = (utc_now() + timedelta(hours=1)).isoformat()
    done = await kim.deliver("customers/update", customer_body(id=KIM, email=EMAIL, updated_at=late))
    assert done.note == "It was deleted in the shop before: left deleted"


async def test_what_was_on_its_way_the_first_time_is_found_the_second(kim: World) -> None:
    first = await kim.run(REDACT, redacting.asked("customers/redact"))
    second = await kim.follow(*first.follow_ups)
    (late,) = await redacting.record(kim, told(kim, body=EMAIL.encode()))
    assert second.follow_ups[0].delay_ms == 3_600_000
    last = await kim.follow(*second.follow_ups)
    assert last.note == DONE
    assert await redacting.bodies(kim, late) == []


async def test_no_task_of_a_request_names_the_person_but_for_the_delivery(kim: World) -> None:
    done = await ask(kim, REDACT, "customers/redact")
    for one in done:
        shown = f"{one.task} {one.outcome}"
        assert not any(trace in shown for trace in (EMAIL, PHONE, str(KIM)))


@pytest.mark.parametrize("task_type", [DATA, REDACT, SHOP, GONE])
async def test_a_shop_nobody_knows_is_noted_and_nothing_else(world: World, task_type: TaskType) -> None:
    topic = {DATA: "customers/data_request", REDACT: "customers/redact", SHOP: "shop/redact"}
    (done,) = await ask(world, task_type, topic.get(task_type, "app/uninstalled"), shop_id=0)
    assert done.note == NOT_KNOWN
    found = [(row["shop_id"], row["shop_domain"]) for row in await redacting.requests(world)]
    assert found == ([] if task_type is GONE else [(None, "acme.myshopify.com")])


async def test_a_person_nobody_knows_stays_unknown(world: World) -> None:
    await redacting.give_key(world)
    (done,) = await ask(world, DATA, "customers/data_request")
    assert done.note == NOTHING_HELD
    *_, redacted = await ask(world, REDACT, "customers/redact")
    assert redacted.note == DONE
    assert (await world.customer_row(KIM))["data"] is None


async def test_a_person_without_an_id_is_found_by_their_address(kim: World) -> None:
    (task_id,) = await redacting.record(kim, told(kim, body=EMAIL.encode()))
    asked = redacting.asked("customers/redact", customer={"id": None, "email": EMAIL}, orders_to_redact=[])
    first = await kim.run(REDACT, asked)
    await kim.follow(*first.follow_ups)
    assert await redacting.bodies(kim, task_id) == []


async def test_spool_waiting_outcomes_and_staged_lines_are_looked_through(
    kim: World, storefront: Storefront
) -> None:
    theirs, others = told(kim, body=EMAIL.encode()), told(kim, body=b"lou")
    for life in (theirs, others):
        await kim.pool.execute(
            "INSERT INTO ingest.spool (task_id, routing_key, body) VALUES ($1, 'k', $2)",
            life[0].task.id,
            encode([life[0]]),
        )
        await kim.pool.execute(
            "INSERT INTO store.inbox (task_id, attempt, is_running, is_over, outcome)"
            " VALUES ($1, 1, false, true, $2)",
            life[0].task.id,
            encode([life[2]]),
        )
    others_line = b'{"id":"x","email":"lou@example.com"}'
    await _stage(kim, rb'{"id":"gid:\/\/shopify\/Customer\/%d"}' % KIM, others_line)
    await ask(kim, REDACT, "customers/redact")
    spooled = [row["body"] for row in await kim.pool.fetch("SELECT body FROM ingest.spool")]
    assert spooled == [encode([others[0]])]
    outcomes = {row["task_id"]: row["outcome"] for row in await kim.pool.fetch("SELECT * FROM store.inbox")}
    assert outcomes[others[0].task.id] == encode([others[2]])
    assert EMAIL.encode() not in outcomes[theirs[0].task.id]
    lines = [row["body"] for row in await kim.pool.fetch("SELECT body FROM store.import_lines")]
    assert lines == [others_line]


async def _stage(world: World, *lines: bytes) -> None:
    import_id: UUID = await world.pool.fetchval(
        "INSERT INTO store.imports (id, shop_id, kinds, kind, state, requested_by, task_id, lines)"
        " VALUES (gen_random_uuid(), $1, '{customers}', 'customers', 'staging', 't', gen_random_uuid(), $2)"
        " RETURNING id",
        world.shop_id,
        len(lines),
    )
    for number, body in enumerate(lines, start=1):
        statement = "INSERT INTO store.import_lines VALUES ($1, $2, 'x', NULL, $3)"
        await world.pool.execute(statement, import_id, number, body)


async def test_dead_letters_lose_what_is_personal_and_the_others_stay(kim: World, rabbitmq_url: str) -> None:
    broker = build_broker(rabbitmq_url, app_id="test")
    await connect_when_up(broker)
    theirs, others = told(kim, body=EMAIL.encode()), told(kim, body=b"lou")
    letters = [encode([theirs[0], others[0]]), b"{broken " + EMAIL.encode(), encode([others[1]])]
    for letter in letters:
        await Publisher(broker).bury(letter, routing_key="queued.sync.X", reason="test")
    options = Options(letters=DeadLetters(rabbitmq_url))
    patient = World(kim.pool, kim.systems, kim.vault, kim.control, kim.shop_id, kim.account_id, options)
    done = await ask(patient, REDACT, "customers/redact")
    assert done[-1].note == DONE
    found = await _letters(rabbitmq_url, 2)
    await broker.stop()
    assert found[0] == letters[2]
    assert [one.payload and one.payload.body for one in decode(found[1])] == [b"", b"lou"]


async def _letters(rabbitmq_url: str, count: int) -> list[bytes]:
    connection = await aio_pika.connect(rabbitmq_url)
    async with connection:
        queue = await (await connection.channel()).declare_queue(DEAD_LETTERS, passive=True)
        assert queue.declaration_result.message_count == count
        return [(await queue.get(no_ack=True)).body for _ in range(count)]


async def test_an_uninstalled_shop_is_let_go(kim: World, storefront: Storefront) -> None:
    await kim.pool.execute(
        "INSERT INTO store.schedules (shop_id, account_id, type, interval_s)"
        " VALUES ($1, $2, 'IndexOrders', 60)",
        kim.shop_id,
        storefront.account_id,
    )
    (done,) = await ask(kim, GONE, "app/uninstalled")
    assert done.error is None
    shop = await kim.pool.fetchrow("SELECT * FROM store.shops WHERE id = $1", kim.shop_id)
    assert shop is not None
    assert (shop["is_active"], shop["uninstalled_at"] is not None) == (False, True)
    assert not await kim.pool.fetchval("SELECT bool_or(is_active) FROM store.schedules")
    accounts = await kim.pool.fetch("SELECT * FROM store.accounts")
    assert {kim.vault.open(account["credentials"]) for account in accounts} == {b"{}"}
    assert all("uninstalled" in account["problem"] for account in accounts)
    tries = [
        await kim.sync(TaskType.SYNC_CONTACT, KIM),
        await kim.run(TaskType.SYNC_SHOP_CURRENCY, account_id=storefront.account_id),
    ]
    assert [str(one.error) for one in tries] == [UNINSTALLED] * 2


async def test_a_late_word_of_an_uninstallation_does_not_undo_a_new_installation(kim: World) -> None:
    earlier = (utc_now() - timedelta(hours=2)).isoformat()
    payload = Payload(body=b"{}", topic="app/uninstalled", headers={"X-Shopify-Triggered-At": earlier})
    done = await kim.run(GONE, payload)
    assert done.note == REINSTALLED
    assert await kim.pool.fetchval("SELECT is_active FROM store.shops WHERE id = $1", kim.shop_id)


async def test_a_redacted_shop_is_erased_with_its_key(kim: World, storefront: Storefront) -> None:
    old_key = await kim.pool.fetchval("SELECT data_key FROM store.shops WHERE id = $1", kim.shop_id)
    (task_id,) = await redacting.record(kim, told(kim, source_id="1", body=b"secret of a customer"))
    sealed = await kim.pool.fetchval("SELECT received FROM ledger.payloads WHERE position = 0")
    await _stage(kim, b'{"id":"x"}')
    await redacting.ship(kim)
    await redacting.add_more(kim)
    await redacting.alert(kim)
    await ask(kim, DATA, "customers/data_request")
    await ask(kim, GONE, "app/uninstalled")
    done = await ask(kim, SHOP, "shop/redact")
    assert done[-1].note == DONE
    tables = ("customers", "orders", "refunds", "fulfilments", "import_lines", "imports", "shipments")
    for table in (*tables, "shipped_orders", "marketplace_orders", "listings", "supplier_orders", "receipts"):
        assert await kim.pool.fetchval(f"SELECT count(*) FROM store.{table}") == 0
    for table in ("ledger.failure_groups", *(f"alerts.{name}" for name in redacting.ALERTING)):
        assert await kim.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await redacting.bodies(kim, task_id) == []
    assert await kim.pool.fetchval("SELECT error_excerpt FROM ledger.tasks") is None
    new_key = await kim.pool.fetchval("SELECT data_key FROM store.shops WHERE id = $1", kim.shop_id)
    assert kim.vault.open_data_key(old_key).open(sealed, task_id) == b"secret of a customer"
    with pytest.raises(SealBroken):
        kim.vault.open_data_key(new_key).open(sealed, task_id)
    left = await redacting.everything(kim)
    assert not any(trace.encode() in left for trace in (EMAIL, PHONE, redacting.TRACKING, "likes-horses"))
    handed_out, request = await redacting.requests(kim)
    assert handed_out["export"] is None
    assert request["summary"] | {"keys": 1, "customers": 2, "orders": 1} == request["summary"]


async def test_a_shop_that_is_installed_again_is_not_erased(kim: World, storefront: Storefront) -> None:
    (done,) = await ask(kim, SHOP, "shop/redact")
    assert done.note == INSTALLED
    assert (await kim.customer_row(KIM))["data"]["email"] == EMAIL


async def test_a_shop_whose_token_is_void_was_uninstalled_whatever_we_were_told(
    kim: World, storefront: Storefront
) -> None:
    await storefront.say("POST", "uninstall")
    done = await ask(kim, SHOP, "shop/redact")
    assert done[-1].note == DONE


async def test_a_shop_that_comes_back_in_the_middle_keeps_its_new_data(kim: World) -> None:
    await ask(kim, GONE, "app/uninstalled")
    first = await kim.run(SHOP, redacting.asked("shop/redact"))
    await kim.pool.execute("UPDATE store.shops SET is_active = true")
    going_on = await kim.follow(*first.follow_ups)
    assert "connected again" in str(going_on.error)
    assert await kim.pool.fetchval("SELECT count(*) FROM store.orders") == 1
