"""Asks one shop about a silence: which orders it had, and whether it still tells of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alerting.proving import proofs
from alerting.proving.evidence import Evidence, Finding, MadeOrder, finding_of, unproven
from alerting.proving.proofs import AskedShop
from shared.accounts import ForShop
from shared.alerts.silence import WantedProof
from shared.clients.shopify_admin import ShopAdmin, ShopAdmins, load_document
from shared.clients.shopify_subscriptions import NEW_ORDERS, address_of, missing_topics, subscriptions
from shared.errors import TaskError

PAGE = 250
MOST_ORDERS = 4 * PAGE
NO_ACCOUNT = "Only shops with an account of kind 'shopify' can be asked, and this one has none in use"
_MADE = load_document(__file__, "orders_made", cost=40)


@dataclass(frozen=True, slots=True)
class Asking:
    """`ingest_url`: where shops reach the ingest; None: which subscriptions are ours is unknown."""

    pool: Any
    shops: ShopAdmins
    ingest_url: str | None = None

    async def ask(self, shop: AskedShop, wanted: WantedProof) -> Finding:
        """What came of it; that it could not be asked is an answer, too."""
        if shop.account_id is None:
            return unproven(NO_ACCOUNT)
        if shop.refused:
            return unproven(f"The shop is not asked while its credentials are refused: {shop.refused}")
        try:
            return finding_of(await self._evidence(shop, wanted), wanted, shop.zone)
        except TaskError as error:
            return unproven(error.message)

    async def _evidence(self, shop: AskedShop, wanted: WantedProof) -> Evidence:
        admin = await self.shops.open(self.pool, ForShop(shop.id, shop.account_id))
        gone = await self._gone(admin)
        orders, is_whole = await orders_made(admin, wanted.since, wanted.settled_before)
        ids = [one.id for one in orders]
        known = await proofs.known(self.pool, shop, ids)
        synced = await proofs.synced(self.pool, shop, wanted.since, ids)
        return Evidence(tuple(orders), is_whole, known, synced, gone)

    async def _gone(self, admin: ShopAdmin) -> tuple[str, ...] | None:
        if not self.ingest_url:
            return None
        known = await subscriptions(admin)
        return tuple(missing_topics(NEW_ORDERS, known, uri=address_of(self.ingest_url)))


async def orders_made(admin: ShopAdmin, since: datetime, until: datetime) -> tuple[list[MadeOrder], bool]:
    """The first thousand, and whether that is all."""
    query = f"created_at:>='{_moment(since)}' created_at:<='{_moment(until)}'"
    found: list[MadeOrder] = []
    after: str | None = None
    while len(found) < MOST_ORDERS:
        page = (await admin.call(_MADE, {"first": PAGE, "after": after, "query": query}))["made"]
        found += [_order(node) for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found, True
        after = page["pageInfo"]["endCursor"]
    return found, False


def _order(node: dict[str, Any]) -> MadeOrder:
    id_ = node["id"].rpartition("/")[2]
    return MadeOrder(id_, node["name"], datetime.fromisoformat(node["createdAt"]))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
