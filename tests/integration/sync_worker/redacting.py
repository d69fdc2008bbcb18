"""Persons in tests: known to the store, told of in the log, and asked to be forgotten."""

from typing import Any
from uuid import UUID

import asyncpg
import orjson

from query_api.recorder.reading import read
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import ensure_partitions, write
from query_api.repository.payloads import Exchange, payloads_of
from shared.envelope import Call, Detail, Failure, Payload, State, Transition, encode, utc_now
from shared.tasks import TaskType
from tests.factories import header
from tests.integration.sync_worker.world import Done, World, delivery
from tests.unit.sync_worker.bodies import customer_body, order_body
from tests.unit.sync_worker.movements import REFUND_ID, parcel_body, refund_body

KIM = 6148732321001
EMAIL, PHONE = "kim@example.com", "+46701112233"
OTHER, OTHER_EMAIL = 6148732321999, "lou@example.com"
ORDER = 5523001122334
TRACKING, TAGGED_AT = "UA-kims-parcel", "2026-11-20T16:15:47Z"
DOMAIN_HEADER = "X-Shopify-Shop-Domain"


async def give_key(world: World) -> None:
    """The shop gets a real data key."""
    key = world.vault.new_data_key()
    await world.pool.execute("UPDATE store.shops SET data_key = $1 WHERE id = $2", key, world.shop_id)


async def add_kim(world: World) -> None:
    """A customer with an order, and another one whom nothing may happen to."""
    await world.deliver("customers/update", customer_body(id=KIM, email=EMAIL, phone=PHONE))
    await world.deliver("customers/update", customer_body(id=OTHER, email=OTHER_EMAIL, first_name="Lou"))
    customer = customer_body(id=KIM, email=EMAIL, phone=PHONE)
    await world.deliver("orders/paid", order_body(id=ORDER, email=EMAIL, customer=customer))


async def add_more(world: World) -> None:
    """What else may be known of Kim: consents, tags, parcel, refund, an order at a supplier, a receipt."""
    consent = {"customer_id": KIM, "email_address": EMAIL, "email_marketing_consent": {"state": "subscribed"}}
    text = {"id": KIM, "phone": PHONE, "sms_marketing_consent": {"state": "unsubscribed"}}
    tags = {"customerId": f"gid://shopify/Customer/{KIM}", "tags": ["likes-horses"], "occurredAt": TAGGED_AT}
    for topic, body in (
        ("customers_email_marketing_consent/update", consent),
        ("customers_marketing_consent/update", text),
        ("customer.tags_added", tags),
    ):
        await world.run(TaskType.INDEX_CUSTOMER, delivery(topic, body), source_id=str(KIM))
    parcel = parcel_body(order_id=ORDER, tracking_number=TRACKING, tracking_numbers=[TRACKING])
    await world.run(TaskType.FULFILLMENT_WEBHOOK, delivery("fulfillments/create", parcel))
    refund = delivery("refunds/create", refund_body(order_id=ORDER, note="Kim was not at home"))
    await world.run(TaskType.INDEX_REFUND, refund, source_id=str(REFUND_ID))
    await world.pool.execute(
        "UPDATE store.customers SET crm_preferences = $1 WHERE source_id = $2",
        {"acceptsEmail": {"value": True}},
        str(KIM),
    )
    await world.pool.execute(
        "INSERT INTO store.supplier_orders (account_id, order_id, shop_id, supplier_reference, status, "
        "tracking_numbers, tracking_url) VALUES ($1, $2, $3, 'S-1', 'shipped', $4, $5)",
        *(world.account_id, str(ORDER), world.shop_id, [TRACKING], f"https://t.example/{TRACKING}"),
    )
    assert (await world.sync(TaskType.SYNC_ORDER, ORDER)).error is None


def asked(topic: str, **changes: Any) -> Payload:
    body = {
        "shop_id": 1,
        "shop_domain": "acme.myshopify.com",
        "customer": {"id": KIM, "email": EMAIL, "phone": PHONE},
        "orders_to_redact": [ORDER],
    }
    content = orjson.dumps(body | changes)
    return Payload(body=content, topic=topic, headers={DOMAIN_HEADER: "acme.myshopify.com"})


async def ask(world: World, task_type: TaskType, topic: str, **task: Any) -> list[Done]:
    """The request and all that follows of it."""
    done = [await world.run(task_type, asked(topic), **task)]
    while done[-1].follow_ups:
        (follow_up,) = done[-1].follow_ups
        done.append(await world.follow(follow_up, **task))
    return done


def told(
    world: World,
    *,
    body: bytes = b"{}",
    answer: bytes = b"{}",
    url: str = "https://crm.example/x",
    **task: Any,
) -> list[Transition]:
    """The life of a task that received `body`, called `url` with it, and got `answer` back."""
    facts = {"type": TaskType.SYNC_CONTACT, "shop_id": world.shop_id, **task}
    head, now = header(**facts), utc_now()
    call = Call(
        api="CRM",
        method="POST",
        url=url,
        started_at=now,
        duration_ms=1,
        request_body=body,
        status=400,
        response_body=answer,
    )
    failure = Failure(
        kind="validation",
        message="refused",
        place="x",
        remedy="r",
        fingerprint="f",
        response_excerpt=answer.decode(),
    )
    states: list[tuple[State, dict[str, Any]]] = [
        (State.QUEUED, {"payload": Payload(body=body)}),
        (State.PROCESSING, {"detail": Detail(started_at=now)}),
        (State.FAILED, {"detail": Detail(started_at=now, failure=failure, calls=[call])}),
    ]
    return [
        Transition(task=head, state=state, attempt=1, occurred_at=now, service="test", **more)
        for state, more in states
    ]


async def record(world: World, *lives: list[Transition]) -> list[UUID]:
    """Writes them into the log as the recorder does."""
    keys = ShopKeys(world.vault)
    for life in lives:
        entries = read(encode(life), utc_now()).entries
        await ensure_partitions(world.pool, entries)
        await write(world.pool, keys, entries)
    return [life[0].task.id for life in lives]


async def ship(world: World) -> None:
    """A package of Kim's order and one of another, and what a marketplace told."""
    account_id = await world.pool.fetchval("SELECT id FROM store.accounts WHERE kind = 'shopify'")
    for order_id, number in ((str(ORDER), "1Z-kim"), (f"{ORDER}9", "1Z-other")):
        await world.pool.execute(
            "INSERT INTO store.shipments (id, shop_id, account_id, order_id, shipment_id, package_id, "
            "package_number, carrier, tracking_numbers, shipped_at, items, quantity, task_id, told) VALUES "
            "(gen_random_uuid(), $1, $2, $3, 'S', $3, 1, 'UPS', $4, now(), '[]', 1, gen_random_uuid(), $5)",
            *(
                world.shop_id,
                account_id,
                order_id,
                [number],
                {"carrier": "UPS", "tracking_numbers": [number]},
            ),
        )
    await world.pool.execute(
        "INSERT INTO store.marketplace_orders (account_id, source_id, shop_id, order_number, status, "
        "is_shippable, items, ordered_at, updated_at) "
        "VALUES ($1, 'A', $2, 'A', 'NEW', true, '[]', now(), now())",
        *(account_id, world.shop_id),
    )
    await world.pool.execute(
        "INSERT INTO store.listings (account_id, source_id, shop_id, content_hash) VALUES ($1, 'L', $2, '')",
        *(account_id, world.shop_id),
    )


ALERTING = ("settings", "alerts", "history", "mutes", "notifications", "proofs")


async def alert(world: World) -> None:
    """Everything alerting keeps of a shop."""
    shop = world.shop_id
    await world.pool.execute(
        f"""
        INSERT INTO alerts.settings (shop_id, settings, updated_by) VALUES ({shop}, '{{}}', 'x');
        INSERT INTO alerts.alerts (id, shop_id, rule, subject, state, severity, title, explanation, facts,
                                   began_at, seen_at)
            VALUES (gen_random_uuid(), {shop}, 'r', '', 'firing', 'warning', 't', 'e', '{{}}', now(), now());
        INSERT INTO alerts.history (alert_id, event, at, actor)
            SELECT id, 'firing', now(), 'x' FROM alerts.alerts;
        INSERT INTO alerts.mutes (shop_id, rule, subject, until, muted_by)
            VALUES ({shop}, 'r', '', now(), 'x');
        INSERT INTO alerts.notifications (id, shop_id, kind, channel, recipient, alerts)
            VALUES (gen_random_uuid(), {shop}, 'news', 'mail', 'kim@s.example', '[]');
        INSERT INTO alerts.proofs (shop_id, since, asked_at, verdict, words)
            VALUES ({shop}, now(), now(), 'quiet', 'w');
        """
    )


async def kept(world: World, task_id: UUID) -> list[Exchange]:
    return await payloads_of(world.pool, world.vault, task_id, world.shop_id)


async def bodies(world: World, task_id: UUID) -> list[bytes | None]:
    return [body for one in await kept(world, task_id) for body in (one.sent, one.received) if body]


async def everything(world: World) -> bytes:
    """All text and JSON of every table but the log's keys, and every body that can be opened."""
    tables = await world.pool.fetch(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables"
        " WHERE table_schema IN ('store', 'ledger', 'ingest', 'admin', 'alerts')"
        " AND table_type = 'BASE TABLE'"
    )
    texts = []
    for (table,) in tables:
        rows = await world.pool.fetch(f"SELECT t::text FROM {table} t")
        texts += [row[0] for row in rows]
    tasks = await world.pool.fetch("SELECT DISTINCT task_id FROM ledger.payloads")
    opened = [body for row in tasks for body in await bodies(world, UUID(str(row[0]))) if body]
    return b"\n".join([*(text.encode() for text in texts), *opened])


async def requests(world: World) -> list[asyncpg.Record]:
    return await world.pool.fetch("SELECT * FROM admin.privacy_requests ORDER BY id")
