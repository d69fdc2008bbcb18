"""What the other systems say of themselves: the CRM's stores, the shop's settings and subscriptions."""

from typing import Any

from shared.clients.shopify_admin import ShopAdmins
from shared.clients.shopify_subscriptions import address_of, missing_topics, subscriptions
from shared.envelope import Payload
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.clients.crm import Crm
from sync_worker.clients.documents import load_document
from sync_worker.clients.shop_subscriptions import subscribe
from sync_worker.shopify.reading import read, triggered_at
from sync_worker.shopify.shop import Shop
from sync_worker.store import shops as store
from sync_worker.store.shops import CrmStore, ShopFacts
from sync_worker.webhook_topics import TOPICS

NO_ADDRESS = "Not checked: PUBLIC_INGEST_URL does not say at which address the shop reaches this installation"
POLLS = (TaskType.INDEX_ORDERS, TaskType.INDEX_SHOP_CUSTOMERS)
_SHOP = load_document("shop", cost=2)


async def index_stores(crm: Crm, run: Run) -> Outcome:
    """Remembers which stores the CRM has."""
    engage = await crm.open(run.pool, run.task)
    stores = [
        CrmStore(str(found["externalId"]), str(found.get("name") or found["externalId"]), found)
        for found in await engage.stores()
    ]
    connection = await run.begin()
    changed = await store.keep_stores(connection, engage.account.id, stores)
    return Outcome(
        note=_store_note(engage.rules.store_external_id, stores),
        items_processed=len(stores),
        summary={"stores": len(stores), "new": changed.new, "gone": changed.gone},
    )


async def sync_shop_currency(shops: ShopAdmins, run: Run) -> Outcome:
    """Remembers the shop's currency."""
    admin = await shops.open(run.pool, run.task)
    currency = (await admin.call(_SHOP))["shop"]["currencyCode"]
    await store.keep_currency(await run.begin(), run.task.shop_id, currency)
    return Outcome(summary={"currency": currency})


async def receive_shop(run: Run) -> Outcome:
    """Takes over what the shop's owner changed."""
    shop = read(Shop, run.payload.body, what="shop")
    told_at = shop.updated_at or triggered_at(run.payload)
    facts = ShopFacts(shop.name, shop.email, shop.iso_currency, shop.timezone)
    changed = await store.keep_shop(await run.begin(), run.task.shop_id, facts, told_at=told_at)
    if changed is None:
        return Outcome(note="Older than what the shop told before: left as it is")
    return Outcome(note=None if changed else "Nothing that matters has changed", summary={"changed": changed})


async def check_webhook_subscriptions(shops: ShopAdmins, ingest_url: str | None, run: Run) -> Outcome:
    """Subscribes to what is not sent here any more, and has asked for what was missed meanwhile."""
    if not ingest_url:
        return Outcome(note=NO_ADDRESS)
    admin = await shops.open(run.pool, run.task)
    uri = address_of(ingest_url)
    missing = missing_topics(TOPICS, await subscriptions(admin), uri=uri)
    for topic in missing:
        await subscribe(admin, topic, uri=uri)
    return Outcome(
        note=_subscription_note(missing),
        items_processed=len(TOPICS),
        summary={"made": missing, "kept": len(TOPICS) - len(missing)},
        follow_ups=_polls(run) if missing else (),
    )


def _polls(run: Run) -> tuple[FollowUp, ...]:
    account_id: Any = run.task.account_id
    return tuple(FollowUp(type_, Payload(body=b""), account_id=account_id) for type_ in POLLS)


def _store_note(wanted: str | None, stores: list[CrmStore]) -> str | None:
    if wanted is None or any(one.external_id == wanted for one in stores):
        return None
    return (
        f"The CRM has no store '{wanted}', which the account names: no receipts are sent until one is right"
    )


def _subscription_note(missing: list[str]) -> str | None:
    if not missing:
        return None
    if len(missing) == len(TOPICS):
        return "The shop sent nothing here: subscribed to all topics"
    return f"The shop did not send {', '.join(missing)} here: subscribed again"
