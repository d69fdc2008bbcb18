"""The order a message is about, among the shop's own and those of its marketplaces."""

from datetime import datetime
from typing import Any

from shared.clients.shopify_account import SHOPIFY
from shared.db.queries import load_queries
from shared.errors import Rejected
from shared.shipments.message import OrderReference
from shared.shipments.writing_back import retry_policy_of
from writeback.shipments.orders import (
    KnownOrder,
    OrderLine,
    TellingAccount,
    accounts_meant,
    order_meant,
    plain_id,
    spellings,
)

MARKETPLACES = ("amazon", "ebay")
KINDS = (SHOPIFY.name, *MARKETPLACES)

_queries = load_queries(__file__, "receiving")


async def find_order(connection: Any, shop_id: int, reference: OrderReference) -> KnownOrder | None:
    """None: it is not known yet. Raises Rejected when it may be several, or nobody can be told of it."""
    rows = [row async for row in _queries.telling_accounts(connection, shop_id=shop_id, kinds=list(KINDS))]
    accounts = accounts_meant(reference, [_account(row) for row in rows])
    by_id = {account.id: account for account in accounts}
    others = [
        _marketplace_order(row, by_id[row["account_id"]])
        for row in await _marketplace_rows(connection, shop_id, reference)
        if row["account_id"] in by_id
    ]
    own = await _own_rows(connection, shop_id, reference)
    shop = next((account for account in accounts if account.kind == SHOPIFY.name), None)
    if shop is not None:
        return order_meant(reference, [*(_own_order(row, shop) for row in own), *others])
    if own and not others and reference.account is None:
        text = "The shop has no Shopify account through which it could be told of shipments: add one"
        raise Rejected(text, kind="configuration")
    return order_meant(reference, others)


async def _own_rows(connection: Any, shop_id: int, reference: OrderReference) -> list[Any]:
    if reference.id is not None:
        found = _queries.own_orders_by_id(connection, shop_id=shop_id, source_id=plain_id(reference.id))
    else:
        numbers = spellings(reference.number or "")
        found = _queries.own_orders_by_number(connection, shop_id=shop_id, numbers=numbers)
    return [row async for row in found]


async def _marketplace_rows(connection: Any, shop_id: int, reference: OrderReference) -> list[Any]:
    if reference.id is not None:
        found = _queries.marketplace_orders_by_id(connection, shop_id=shop_id, source_id=reference.id)
    else:
        numbers = spellings(reference.number or "")
        found = _queries.marketplace_orders_by_number(connection, shop_id=shop_id, numbers=numbers)
    return [row async for row in found]


def _account(row: Any) -> TellingAccount:
    policy = retry_policy_of(row["settings"])
    return TellingAccount(row["id"], row["kind"], row["name"], row["is_active"], policy)


def _own_order(row: Any, account: TellingAccount) -> KnownOrder:
    return KnownOrder(
        account,
        id=row["source_id"],
        number=row["order_number"],
        lines=tuple(_own_line(line) for line in row["lines"] or ()),
        ordered_at=datetime.fromisoformat(row["ordered_at"]) if row["ordered_at"] else None,
        why_not=_why_not(row),
    )


def _own_line(line: Any) -> OrderLine:
    current = line.get("current_quantity")
    return OrderLine(str(line["id"]), line.get("sku"), line["quantity"] if current is None else current)


def _why_not(row: Any) -> str | None:
    if row["deleted_at"] is not None:
        return "was deleted in the shop"
    if not row["source_id"].isdecimal():
        return "did not come from Shopify: there is nobody to tell of its packages"
    return "was cancelled in the shop" if row["is_cancelled"] else None


def _marketplace_order(row: Any, account: TellingAccount) -> KnownOrder:
    problem = f"is not for the merchant to ship: the marketplace says {row['status']}"
    return KnownOrder(
        account,
        id=row["source_id"],
        number=row["order_number"],
        lines=tuple(OrderLine(str(line["id"]), line.get("sku"), line["quantity"]) for line in row["items"]),
        ordered_at=row["ordered_at"],
        why_not=None if row["is_shippable"] else problem,
    )
