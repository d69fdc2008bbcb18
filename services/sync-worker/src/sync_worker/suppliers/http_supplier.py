"""Any supplier with a JSON API over HTTP: what to ask and how to read the answers is the account's format."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import orjson

from shared.clients import answers
from shared.clients.http import Reply
from shared.errors import Misconfigured, Rejected, UnknownOutcome
from shared.suppliers.calls import (
    OrdersByPage,
    OrdersByReferences,
    OrdersOneByOne,
    PlaceOrderCall,
    ProductsCall,
)
from shared.suppliers.format import Format
from shared.suppliers.paths import value_at
from sync_worker.suppliers import paging as pages
from sync_worker.suppliers.exchange import Exchange, Request, filled
from sync_worker.suppliers.port import BadItem, OrderPage, OrderState, Placed, Product, ProductPage, Purchase
from sync_worker.suppliers.reading import order_of, plain, product_of
from sync_worker.suppliers.refusals import error_code
from sync_worker.suppliers.writing import body_of

ONE_BY_ONE = 10
AT_ONCE = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HttpSupplier:
    """One account at one supplier."""

    exchange: Exchange

    @property
    def name(self) -> str:
        return self.exchange.account.name

    @property
    def format(self) -> Format:
        return self.exchange.account.settings.format

    @property
    def recognises_repeats(self) -> bool:
        return self.format.place_order is not None and self.format.place_order.recognises_repeats

    @property
    def can_find(self) -> bool:
        return self.format.find_order is not None

    @property
    def most_references(self) -> int | None:
        match self.format.get_orders:
            case OrdersByReferences(most=most):
                return most
            case OrdersOneByOne():
                return ONE_BY_ONE
            case _:
                return None

    async def list_products(self, cursor: str | None) -> ProductPage:
        call = self._told(self.format.products, "products")
        content, items = await self._page(call, cursor, {})
        read = await _unhurried(items, lambda item: product_of(item, call))
        return ProductPage(
            products=[item for item in read if isinstance(item, Product)],
            bad=[item for item in read if isinstance(item, BadItem)],
            next=self._next(call, cursor, content, count=len(items)),
            total=pages.total_of(call.paging, content),
        )

    async def place_order(self, purchase: Purchase) -> Placed:
        call = self._told(self.format.place_order, "place_order")
        headers = {name: filled(text, number=purchase.number) for name, text in call.headers.items()}
        request = Request(
            call.method,
            call.path,
            headers=headers,
            body=body_of(purchase, call),
            repeatable=call.recognises_repeats,
            allowed=(call.existing.status,) if call.existing else (),
        )
        reply = await self.exchange.send(request)
        if self._says_existing(reply, call):
            return await self._existing(reply, call, purchase.number)
        if not 200 <= reply.status < 300:
            raise self.exchange.refused(reply, repeatable=call.recognises_repeats)
        return Placed(self._reference(reply, call))

    async def find_order(self, number: str) -> str | None:
        call = self._told(self.format.find_order, "find_order")
        query = {name: filled(text, number=number) for name, text in call.query.items()}
        path = filled(call.path, number=quote(number, safe=""))
        reply = await self.exchange.send(Request("GET", path, query, allowed=(404,)))
        item = self._item(reply, call.item)
        return plain(value_at(item, self._told(self.format.order, "order").reference))

    async def get_orders(self, references: Sequence[str]) -> OrderPage:
        call = self.format.get_orders
        if isinstance(call, OrdersByReferences):
            query = dict(call.query) | {call.parameter: call.separator.join(references)}
            reply = await self.exchange.send(Request("GET", call.path, query), is_page=True)
            return self._orders(self.exchange.list_in(reply, self.exchange.read(reply), call.items))
        if isinstance(call, OrdersOneByOne):
            found = [await self._one(call, reference) for reference in references]
            return self._orders([item for item in found if item is not None])
        raise self._lacks("get_orders")

    @property
    def tells_changes(self) -> bool:
        return isinstance(self.format.get_orders, OrdersByPage) and self.format.get_orders.since is not None

    async def list_orders(self, cursor: str | None, *, since: datetime | None) -> OrderPage:
        call = self.format.get_orders
        if not isinstance(call, OrdersByPage):
            raise self._lacks("get_orders")
        changed = {}
        if call.since is not None and since is not None:
            changed = {call.since.parameter: since.astimezone(UTC).strftime(call.since.format)}
        content, items = await self._page(call, cursor, changed)
        following = self._next(call, cursor, content, count=len(items))
        return replace(self._orders(items), next=following, total=pages.total_of(call.paging, content))

    async def cancel(self, reference: str) -> None:
        call = self._told(self.format.cancel_order, "cancel_order")
        path = filled(call.path, reference=quote(reference, safe=""))
        await self.exchange.send(Request(call.method, path))

    async def _page(
        self, call: ProductsCall | OrdersByPage, cursor: str | None, changed: Mapping[str, str]
    ) -> tuple[Any, list[Any]]:
        query = {**call.query, **changed, **pages.page_query(call.paging, cursor)}
        reply = await self.exchange.send(Request("GET", call.path, query), is_page=True)
        content = self.exchange.read(reply)
        return content, self.exchange.list_in(reply, content, call.items)

    def _next(
        self, call: ProductsCall | OrdersByPage, cursor: str | None, content: Any, *, count: int
    ) -> str | None:
        following = pages.next_cursor(call.paging, cursor, content, count=count)
        if following is not None and following == cursor:
            raise Rejected(
                f"{self.name} names the same page as the next one for ever", kind="malformed_answer"
            )
        return following

    async def _one(self, call: OrdersOneByOne, reference: str) -> Any:
        """The supplier's order; None when it knows none of that reference."""
        path = filled(call.path, reference=quote(reference, safe=""))
        reply = await self.exchange.send(Request("GET", path, call.query, allowed=(404,)))
        return self._item(reply, call.item)

    def _item(self, reply: Reply, path: str | None) -> Any:
        if reply.status == 404:
            return None
        content = self.exchange.read(reply)
        return value_at(content, path) if path else content

    def _orders(self, items: Sequence[Any]) -> OrderPage:
        fields = self._told(self.format.order, "order")
        read = [order_of(item, fields, self.format.statuses) for item in items]
        return OrderPage(
            orders=[item for item in read if isinstance(item, OrderState)],
            bad=[item for item in read if isinstance(item, BadItem)],
        )

    def _says_existing(self, reply: Reply, call: PlaceOrderCall) -> bool:
        existing = call.existing
        if existing is None or reply.status != existing.status:
            return False
        return existing.code is None or error_code(reply, self.format.errors) == existing.code

    async def _existing(self, reply: Reply, call: PlaceOrderCall, number: str) -> Placed:
        """The order that the supplier has under our number already."""
        path = call.existing.reference if call.existing else None
        found = plain(value_at(self.exchange.read(reply), path))
        if found is None and self.can_find:
            found = await self.find_order(number)
        if found is None:
            raise answers.unexpected(reply, f"{self.name} has order {number} already but does not say which")
        return Placed(found, existed_before=True)

    def _reference(self, reply: Reply, call: PlaceOrderCall) -> str:
        """Success is a reference and nothing less: without one the order may exist all the same."""
        try:
            reference = plain(value_at(orjson.loads(reply.body), call.reference))
        except orjson.JSONDecodeError:
            reference = None
        if reference is None:
            text = f"{self.name} took the order but gave no reference (looked at {call.reference})"
            raise UnknownOutcome(text, answer=answers.shown(reply), kind="malformed_answer")
        return reference

    def _told(self, part: T | None, name: str) -> T:
        """A part of the account's format that has to be there for this."""
        if part is None:
            raise self._lacks(name)
        return part

    def _lacks(self, name: str) -> Misconfigured:
        text = f"The account '{self.name}' does not say how: its setting 'format.{name}' is missing"
        return Misconfigured(text, kind="configuration")


async def _unhurried(items: Sequence[Any], read: Callable[[Any], T]) -> list[T]:
    """Reads a long page in pieces: live tasks of this process run in between."""
    found: list[T] = []
    for start in range(0, len(items), AT_ONCE):
        found += [read(item) for item in items[start : start + AT_ONCE]]
        await asyncio.sleep(0)
    return found
