"""eBay's Trading API: XML to one address, the call named in a header."""

from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

import httpx

from shared.call_outcomes import CallOutcome
from shared.clients.http import Reply
from shared.envelope import utc_now
from shared.errors import Rejected
from shared.tasks import Api
from writeback.clients import ebay_trading_answers
from writeback.clients.ebay import Ask, Ebay
from writeback.clients.ebay_trading_answers import Reading
from writeback.mapping import ebay_times
from writeback.mapping.ebay_xml import Node, element, request

ENTRIES_PER_PAGE = 100
_LISTING_FIELDS = (
    "HasMoreItems",
    "PaginationResult",
    "ItemArray.Item.ItemID",
    "ItemArray.Item.SKU",
    "ItemArray.Item.Title",
    "ItemArray.Item.ListingType",
    "ItemArray.Item.PictureDetails",
    "ItemArray.Item.ShippingPackageDetails",
    "ItemArray.Item.Variations",
)
# Without the buyer: what is not needed is not asked for.
_ORDER_FIELDS = (
    "HasMoreOrders",
    "PaginationResult",
    "OrderArray.Order.OrderID",
    "OrderArray.Order.OrderStatus",
    "OrderArray.Order.CreatedTime",
    "OrderArray.Order.CheckoutStatus.LastModifiedTime",
    "OrderArray.Order.TransactionArray.Transaction.OrderLineItemID",
    "OrderArray.Order.TransactionArray.Transaction.QuantityPurchased",
    "OrderArray.Order.TransactionArray.Transaction.ShippedTime",
    "OrderArray.Order.TransactionArray.Transaction.ShippingDetails.ShipmentTrackingDetails",
    "OrderArray.Order.TransactionArray.Transaction.Item",
    "OrderArray.Order.TransactionArray.Transaction.Variation",
)


@dataclass(frozen=True, slots=True)
class Window:
    """The time a page's entries belong to, and which page; the first is 1."""

    since: datetime
    until: datetime
    page: int


@dataclass(frozen=True, slots=True)
class Trading:
    """Methods raise the errors of `ebay_trading_answers.read` and what `Ebay.send` raises."""

    ebay: Ebay

    async def complete_sale(self, *content: Element) -> Reading:
        """Raises UnknownOutcome when it may have happened."""
        return await self._call("CompleteSale", *content, repeatable=False)

    async def order(self, order_id: str) -> Node:
        """One order. Raises Rejected when the seller has none of this id."""
        wanted = element("OrderIDArray", element("OrderID", order_id))
        reading = await self._call("GetOrders", wanted, *_SALES)
        found = reading.root.first("OrderArray/Order")
        if found is None:
            raise Rejected(f"eBay does not know the order {order_id}", kind="not_found")
        return found

    async def changed_orders(self, window: Window) -> Node:
        """A page of the seller's orders last changed in that time, which eBay limits to 90 days."""
        times = (
            element("ModTimeFrom", ebay_times.told(window.since)),
            element("ModTimeTo", ebay_times.told(window.until)),
        )
        return (await self._call("GetOrders", *times, _pagination(window.page), *_SALES)).root

    async def listings(self, window: Window) -> Node:
        """A page of the seller's listings that end in that time, which eBay limits to 120 days."""
        times = (
            element("EndTimeFrom", ebay_times.told(window.since)),
            element("EndTimeTo", ebay_times.told(window.until)),
        )
        return (await self._call("GetSellerList", *times, _pagination(window.page), *_OFFERS)).root

    async def _call(self, name: str, *content: Element, repeatable: bool = True) -> Reading:
        body, settings = request(name, *content), self.ebay.account.settings

        def with_token(token: str) -> httpx.Request:
            headers = {
                "content-type": "text/xml",
                "x-ebay-api-call-name": name,
                "x-ebay-api-siteid": str(settings.site_id),
                "x-ebay-api-compatibility-level": str(settings.compatibility_level),
                "x-ebay-api-iaf-token": token,
            }
            url = settings.api_dll_url(self.ebay.account.base_url)
            return self.ebay.http.request("POST", url, headers, body)

        def is_refused(reply: Reply) -> bool:
            return ebay_trading_answers.refuses_token(reply, name)

        def outcome_of(reply: Reply) -> CallOutcome | None:
            return ebay_trading_answers.outcome_of(reply, name)

        reply = await self.ebay.send(Ask(with_token, is_refused, repeatable, Api.TRADING, outcome_of))
        return ebay_trading_answers.read(reply, name, repeatable=repeatable, now=utc_now())


def _selected(*fields: str) -> tuple[Element, ...]:
    return (element("DetailLevel", "ReturnAll"), *(element("OutputSelector", name) for name in fields))


_SALES = (element("OrderRole", "Seller"), *_selected(*_ORDER_FIELDS))
_OFFERS = _selected(*_LISTING_FIELDS)


def _pagination(page: int) -> Element:
    return element(
        "Pagination",
        element("EntriesPerPage", str(ENTRIES_PER_PAGE)),
        element("PageNumber", str(page)),
    )
