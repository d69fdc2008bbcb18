"""A Shopify shop's fulfilments: what waits, what was sent, and the three changes that can be made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.clients.shopify_admin import Document, ShopAdmin
from shared.errors import Rejected
from writeback.clients.documents import load_document
from writeback.mapping.fulfilling import Sent, Waiting

_WAITING = load_document("waiting", parts=("waiting_line",), cost=170)
_WAITING_MORE = load_document("waiting_more", parts=("waiting_line",), cost=25)
_SENT = load_document("sent", cost=30)
_CREATE = load_document("create")
_RETRACK = load_document("retrack")
_CANCEL = load_document("cancel")
_CAN_SHIP = "CREATE_FULFILLMENT"
_SHIPPABLE = ("OPEN", "IN_PROGRESS")


@dataclass(frozen=True, slots=True)
class ShopFulfilments:
    """Ids are the numbers at the end of Shopify's global ids, but for those of what waits."""

    admin: ShopAdmin

    async def waiting(self, order_id: str) -> list[Waiting]:
        """What is still to be sent of an order. Raises Rejected when the shop has no such order."""
        found: list[Waiting] = []
        place: dict[str, Any] = {"id": _gid("Order", order_id), "after": None}
        while True:
            order = (await self.admin.call(_WAITING, place))["order"]
            if order is None:
                raise Rejected("The shop has no such order, or does not show it to the app any more")
            for node in order["fulfillmentOrders"]["nodes"]:
                found += [_waiting(node, line) for line in await self._lines(node)]
            page = order["fulfillmentOrders"]["pageInfo"]
            if not page["hasNextPage"]:
                return found
            place["after"] = page["endCursor"]

    async def sent(self, order_id: str) -> list[Sent]:
        """The order's fulfilments; none of an order that is not there."""
        order = (await self.admin.call(_SENT, {"id": _gid("Order", order_id)}))["order"]
        return [_sent(node) for node in order["fulfillments"]] if order else []

    async def create(self, fulfilment: Mapping[str, Any]) -> str:
        """The new fulfilment's id. Raises UnknownOutcome when it may have been made."""
        return await self._change(_CREATE, "fulfillmentCreate", {"fulfillment": fulfilment})

    async def retrack(self, fulfilment_id: str, tracking: Mapping[str, Any], *, notify: bool) -> None:
        place = {"id": _gid("Fulfillment", fulfilment_id), "tracking": tracking, "notify": notify}
        await self._change(_RETRACK, "fulfillmentTrackingInfoUpdate", place)

    async def cancel(self, fulfilment_id: str) -> None:
        await self._change(_CANCEL, "fulfillmentCancel", {"id": _gid("Fulfillment", fulfilment_id)})

    async def _change(self, document: Document, field: str, variables: Mapping[str, Any]) -> str:
        answer = (await self.admin.call(document, variables))[field]
        return _number(answer["fulfillment"]["id"])

    async def _lines(self, node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """All lines of a fulfilment order, which may have more than a page."""
        lines, page = list(node["lineItems"]["nodes"]), node["lineItems"]["pageInfo"]
        while page["hasNextPage"]:
            place = {"id": node["id"], "after": page["endCursor"]}
            more = (await self.admin.call(_WAITING_MORE, place))["fulfillmentOrder"]["lineItems"]
            lines, page = lines + more["nodes"], more["pageInfo"]
        return lines


def _waiting(node: Mapping[str, Any], line: Mapping[str, Any]) -> Waiting:
    location = node["assignedLocation"]["location"]
    actions = [one["action"] for one in node["supportedActions"]]
    return Waiting(
        id=line["id"],
        line_id=_number(line["lineItem"]["id"]),
        fulfilment_order=node["id"],
        location=location["id"] if location else None,
        remaining=line["remainingQuantity"],
        status=node["status"],
        can_ship=node["status"] in _SHIPPABLE and _CAN_SHIP in actions,
    )


def _sent(node: Mapping[str, Any]) -> Sent:
    tracking = node["trackingInfo"]
    quantities: dict[str, int] = {}
    for line in node["fulfillmentLineItems"]["nodes"]:
        number = _number(line["lineItem"]["id"])
        quantities[number] = quantities.get(number, 0) + (line["quantity"] or 0)
    return Sent(
        id=_number(node["id"]),
        is_cancelled=node["status"] == "CANCELLED",
        carrier=next((one["company"] for one in tracking), None),
        numbers=tuple(one["number"] for one in tracking if one["number"]),
        url=next((one["url"] for one in tracking), None),
        quantities=quantities,
    )


def _gid(kind: str, number: str) -> str:
    return f"gid://shopify/{kind}/{number}"


def _number(gid: str) -> str:
    return gid.rpartition("/")[2].partition("?")[0]
