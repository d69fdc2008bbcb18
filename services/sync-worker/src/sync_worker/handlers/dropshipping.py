"""Orders handed on to suppliers, and what suppliers tell of orders and products."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.clients.shopify_account import shopify_account_id
from shared.clients.shopify_admin import ShopAdmins
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.freshness import Freshness
from sync_worker.handlers.indexing import source_id_of
from sync_worker.shopify.orders import Order
from sync_worker.slices import Job, in_slices
from sync_worker.store import products, runs, states, supplier_orders
from sync_worker.store.effects import EffectBook
from sync_worker.store.products import Offer, Place
from sync_worker.store.runs import Progress
from sync_worker.suppliers.catalogue_job import CatalogueJob
from sync_worker.suppliers.opening import OpenSupplier, Suppliers
from sync_worker.suppliers.orders_job import OrdersByPage, OrdersByReference
from sync_worker.suppliers.placing import place_once
from sync_worker.suppliers.telling import mark_order
from sync_worker.suppliers.writing import Offered, purchase_of, why_not_deliverable

CLOCK_TOLERANCE = timedelta(minutes=5)
NOT_OFFERED = "Nothing was sent: no line of the order is still to come from this supplier"
NO_SHOP_ACCOUNT = "The shop's order was not marked: the shop has no active account of kind 'shopify'"


async def publish_order(suppliers: Suppliers, shops: ShopAdmins, run: Run) -> Outcome:
    """Hands the order to the supplier, once, and marks the shop's order with its reference."""
    opened = await suppliers.open(run.pool, run.task)
    placed = await supplier_orders.placed_order(run.pool, run.task)
    if placed is not None:
        note = await _tell_shop(shops, run, opened, placed.reference, is_known=placed.shop_knows)
        return Outcome(target_id=placed.reference, note=note or "The supplier had this order already")
    order = await states.newest_order(run.pool, run.task.shop_id, source_id_of(run))
    if (reason := why_not_deliverable(order)) is not None:
        return Outcome(note=f"Nothing was sent: {reason}", order_number=order.label)
    offers = await _offers(run.pool, run.task.shop_id, order)
    mine = [offer for offer in offers if offer.account_id == opened.account.id]
    if not mine:
        return Outcome(note=NOT_OFFERED, order_number=order.label)
    return await _publish(shops, run, opened, order, mine)


async def update_orders(suppliers: Suppliers, run: Run) -> Outcome:
    """Statuses, tracking numbers and delivery dates of our orders at the supplier."""

    async def open_job(progress: Progress) -> Job[Any]:
        opened = await suppliers.open(run.pool, run.task)
        account_id, supplier = opened.account.id, opened.supplier
        if supplier.most_references is not None:
            return OrdersByReference(run.pool, supplier, account_id)
        since = await runs.changes_since(run.pool, run.task, progress)
        return OrdersByPage(supplier, account_id, since)

    return await in_slices(run, open_job)


async def update_products(suppliers: Suppliers, run: Run) -> Outcome:
    """Prices, availability, descriptions, images and, where the account wants them, new products."""

    async def open_job(_: Progress) -> Job[Any]:
        opened = await suppliers.open(run.pool, run.task)
        settings = opened.account.settings
        place = Place(opened.account.id, run.task.shop_id, creates_new=settings.create_new_products)
        return CatalogueJob(opened.supplier, place)

    return await in_slices(run, open_job)


async def with_suppliers(run: Run, order: Order, verdict: Freshness, outcome: Outcome) -> Outcome:
    """Adds the suppliers that get a new order by themselves to what its indexing causes. Orders from before
    a supplier was connected wait for a person."""
    is_news = verdict is Freshness.NEWER or (verdict is Freshness.UNCHANGED and run.task.retry_of is not None)
    if not is_news or why_not_deliverable(order) is not None:
        return outcome
    offers = await _offers(run.connection, run.task.shop_id, order)
    wanted = {
        offer.account_id: offer.retry_policy
        for offer in offers
        if offer.is_automatic and order.created_at >= offer.connected_at - CLOCK_TOLERANCE
    }
    follow_ups = tuple(
        FollowUp(
            TaskType.PUBLISH_ORDER,
            run.payload,
            order.id,
            order_number=order.label,
            account_id=account_id,
            retry_policy=retry_policy,
        )
        for account_id, retry_policy in wanted.items()
    )
    return replace(outcome, follow_ups=(*outcome.follow_ups, *follow_ups))


async def _publish(
    shops: ShopAdmins, run: Run, opened: OpenSupplier, order: Order, offers: list[Offer]
) -> Outcome:
    settings = opened.account.settings
    offered = [Offered(offer.sku, offer.product) for offer in offers]
    purchase = purchase_of(order, offered, prefix=settings.order_number_prefix)
    book = EffectBook(run.pool, run.task, f"supplier-order:{order.id}")
    placed = await place_once(opened.supplier, purchase, book)
    skus = [line.sku for line in purchase.lines]
    await supplier_orders.keep_placed(
        run.pool, run.task, placed.reference, order_number=order.label, skus=skus
    )
    note = await _tell_shop(shops, run, opened, placed.reference, is_known=False)
    return Outcome(
        target_id=placed.reference,
        order_number=order.label,
        note=note or ("The supplier had this order already" if placed.existed_before else None),
        summary={"lines": len(purchase.lines), "pieces": sum(line.quantity for line in purchase.lines)},
    )


async def _tell_shop(
    shops: ShopAdmins, run: Run, opened: OpenSupplier, reference: str, *, is_known: bool
) -> str | None:
    """A note when there is no way to tell the shop."""
    if is_known:
        return None
    if await shopify_account_id(run.pool, run.task.shop_id) is None:
        return NO_SHOP_ACCOUNT
    await mark_order(shops, run, opened.account, reference)
    await supplier_orders.note_shop_told(run.pool, run.task)
    return None


async def _offers(connection: object, shop_id: int, order: Order) -> list[Offer]:
    skus = [line.sku for line in order.line_items if line.sku and line.to_deliver]
    return await products.offers(connection, shop_id, order.id, skus) if skus else []
