"""eBay's Sell Fulfillment interface: fulfilments of an order, and orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlencode

import httpx
import orjson

from shared.clients import answers
from shared.clients.http import Reply
from shared.envelope import utc_now
from writeback.clients import ebay_answers
from writeback.clients.ebay import API, KEPT_OF_ANSWER, Ask, Ebay
from writeback.mapping import ebay_times

_ROOT = "/sell/fulfillment/v1"
ORDERS_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """Methods raise the errors of `ebay_answers.error_of` and what `Ebay.send` raises."""

    ebay: Ebay

    async def create(self, order_id: str, body: Mapping[str, Any]) -> str | None:
        """The new fulfilment's id, empty when eBay does not name it. None: eBay says that it has it already.

        Sent twice it may ship twice. Raises UnknownOutcome when it may have happened.
        """
        reply = await self._send("POST", self._fulfilments(order_id), body, repeatable=False)
        if ebay_answers.says_it_exists(reply):
            return None
        self._raise_for(reply, repeatable=False)
        return _last_segment(reply.headers.get("location", ""))

    async def fulfilments(self, order_id: str) -> list[Mapping[str, Any]]:
        """What eBay knows to have been shipped of the order."""
        reply = await self._send("GET", self._fulfilments(order_id))
        listed = self._with_list(reply, "fulfillments")["fulfillments"]
        return [one for one in listed if isinstance(one, dict)]

    async def changed_orders(self, since: datetime, until: datetime, offset: int) -> Mapping[str, Any]:
        """A page of the orders that were last changed in that time: `orders` and `total`.

        eBay tells of their buyers too, so what it answers is recorded nowhere.
        """
        query = {
            "filter": f"lastmodifieddate:[{ebay_times.told(since)}..{ebay_times.told(until)}]",
            "limit": str(ORDERS_PER_PAGE),
            "offset": str(offset),
        }
        reply = await self._send("GET", f"{_ROOT}/order?{urlencode(query)}", kept_of_answer=0)
        return self._with_list(reply, "orders")

    def _with_list(self, reply: Reply, name: str) -> Mapping[str, Any]:
        """The answer with its list of this name. Raises Retryable, showing nothing of it, without one."""
        self._raise_for(reply, repeatable=True)
        try:
            content = orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            content = None
        if not isinstance(content, dict) or not isinstance(content.get(name), list):
            raise answers.malformed(Reply(reply.status, {}, b""), api=API)
        return content

    async def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        repeatable: bool = True,
        kept_of_answer: int = KEPT_OF_ANSWER,
    ) -> Reply:
        content = None if body is None else orjson.dumps(body)

        def with_token(token: str) -> httpx.Request:
            headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
            headers |= {"content-type": "application/json"} if content is not None else {}
            return self.ebay.http.request(method, f"{self.ebay.account.base_url}{path}", headers, content)

        return await self.ebay.send(Ask(with_token, _is_refused, repeatable, kept_of_answer=kept_of_answer))

    def _raise_for(self, reply: Reply, *, repeatable: bool) -> None:
        if not 200 <= reply.status < 300:
            raise ebay_answers.error_of(reply, repeatable=repeatable, now=utc_now())

    def _fulfilments(self, order_id: str) -> str:
        return f"{_ROOT}/order/{quote(order_id, safe='')}/shipping_fulfillment"


def _is_refused(reply: Reply) -> bool:
    return reply.status == 401


def _last_segment(location: str) -> str:
    return unquote(location.rstrip("/").rsplit("/", 1)[-1])
