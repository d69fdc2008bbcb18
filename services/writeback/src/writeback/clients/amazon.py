"""Amazon's Selling Partner API: who asks, how often each operation may be asked, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson

from shared.accounts import open_account
from shared.clients import answers
from shared.clients.budgets import Budget, Level
from shared.clients.http import RecordedHttp, Reply, Terms
from shared.envelope import TaskHeader, utc_now
from shared.errors import RateLimited
from shared.marketplaces.amazon import AMAZON, AmazonAccount
from shared.tasks import Api
from shared.vault import Vault
from writeback.clients import amazon_answers, amazon_login
from writeback.clients.access_tokens import AccessTokens, Grant
from writeback.clients.amazon_answers import API

PATIENCE_S = 5.0
LATENCY_S = 0.1
LARGEST_PAGE = 8 * 1024 * 1024
KEPT_OF_PAGE = 2_048


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API, and how often it may be asked unless Amazon allows a seller more.

    `repeatable`: sent twice it does no harm. `is_list`: of its answers only the beginning is kept.
    """

    name: str
    per_second: float
    burst: int
    category: Api
    repeatable: bool = True
    is_list: bool = False


# Confirming the same package twice is an edit, which Amazon refuses once the order is fulfilled.
CONFIRM_SHIPMENT = Operation("confirmShipment", 2, 10, Api.WRITEBACK, repeatable=False)
GET_ORDER = Operation("getOrder", 0.5, 30, Api.ORDERS)
SEARCH_ORDERS = Operation("searchOrders", 0.0056, 20, Api.ORDERS, is_list=True)
SEARCH_CATALOG_ITEMS = Operation("searchCatalogItems", 2, 2, Api.PRODUCTS, is_list=True)

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Request:
    operation: Operation
    method: str
    path: str
    query: Query = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class _Lines:
    """Requests to the API, and to where its tokens come from."""

    api: RecordedHttp
    login: RecordedHttp


class AmazonSellers:
    """One per process: opens the seller's account of a task; tokens are shared by all that use an account."""

    def __init__(self, client: httpx.AsyncClient, vault: Vault) -> None:
        self._lines = _Lines(RecordedHttp(client, api=API), RecordedHttp(client, api=amazon_login.API))
        self._tokens = AccessTokens()
        self._vault = vault
        self._rates: dict[tuple[int, str], float] = {}

    async def open(self, pool: Any, task: TaskHeader) -> "AmazonSeller":
        """Raises Obsolete when the account is gone or off, Misconfigured when it is unusable."""
        account = await open_account(pool, task, self._vault, AMAZON)
        return AmazonSeller(account, pool, self._lines, self._tokens, self._rates)


@dataclass(frozen=True, slots=True)
class AmazonSeller:
    """One seller. Methods wait up to five seconds for the operation's budget.

    They raise RateLimited when that takes longer or Amazon asks to slow down, UnknownOutcome for a
    confirmation that may have been heard, Misconfigured when Amazon takes neither the token nor a fresh one;
    else as `amazon_answers` says.
    """

    account: AmazonAccount
    pool: Any
    lines: _Lines
    tokens: AccessTokens
    rates: dict[tuple[int, str], float] = field(repr=False)

    async def confirm_shipment(self, order_id: str, body: Mapping[str, Any]) -> None:
        """Raises PackageClosed when the package may not be changed any more."""
        path = f"/orders/v0/orders/{quote(order_id, safe='')}/shipmentConfirmation"
        await self._send(_Request(CONFIRM_SHIPMENT, "POST", path, body=body))

    async def order(self, order_id: str, *, with_packages: bool = False) -> dict[str, Any]:
        path = f"/orders/2026-01-01/orders/{quote(order_id, safe='')}"
        query = {"includedData": "PACKAGES"} if with_packages else {}
        return self._object(await self._send(_Request(GET_ORDER, "GET", path, query)), "order")

    async def log_in(self) -> None:
        """Fetches a token that nobody uses: whether Amazon gives one for these credentials."""
        await amazon_login.fetch_grant(self.lines.login, self.account, Api.WRITEBACK)

    async def search_orders(self, query: Query) -> dict[str, Any]:
        return self._object(
            await self._send(_Request(SEARCH_ORDERS, "GET", "/orders/2026-01-01/orders", query))
        )

    async def search_items(self, query: Query) -> dict[str, Any]:
        request = _Request(SEARCH_CATALOG_ITEMS, "GET", "/catalog/2022-04-01/items", query)
        return self._object(await self._send(request))

    async def _send(self, request: _Request) -> Reply:
        """A token that Amazon does not take is replaced once: the request had no effect."""
        operation = request.operation
        token = await self._token(operation)
        await self._turn(operation)
        reply = await self._exchange(request, token)
        if reply.status in (401, 403):
            token = await self._token(operation, refused=token)
            await self._turn(operation)
            reply = await self._exchange(request, token)
        await self._learn(operation, reply)
        error = amazon_answers.error_of(reply, repeatable=operation.repeatable, now=utc_now())
        if isinstance(error, RateLimited):
            raise self._paced(operation, error)
        if error is not None:
            raise error
        return reply

    async def _token(self, operation: Operation, *, refused: str | None = None) -> str:
        async def fetch() -> Grant:
            return await amazon_login.fetch_grant(self.lines.login, self.account, operation.category)

        return await self.tokens.get(amazon_login.token_key(self.account), fetch, refused=refused)

    async def _exchange(self, request: _Request, token: str) -> Reply:
        operation, account = request.operation, self.account
        query = f"?{urlencode(request.query, safe=',:')}" if request.query else ""
        content = None if request.body is None else orjson.dumps(request.body)
        headers = {
            "accept": "application/json",
            "x-amz-access-token": token,
            "x-amz-date": utc_now().strftime("%Y%m%dT%H%M%SZ"),
            **({} if content is None else {"content-type": "application/json"}),
        }
        built = self.lines.api.request(
            request.method, f"{account.base_url}{request.path}{query}", headers, content
        )
        terms = Terms(account_id=account.id, category=operation.category)
        if operation.is_list:
            terms = Terms(LARGEST_PAGE, KEPT_OF_PAGE, account_id=account.id, category=operation.category)
        return await self.lines.api.send(built, repeatable=operation.repeatable, terms=terms)

    async def _turn(self, operation: Operation) -> None:
        """Returns when the operation may be asked."""
        budget = self._budget(operation)
        if (self.account.id, operation.name) not in self.rates:
            await budget.define(capacity=operation.burst, per_second=operation.per_second)
            self.rates[self.account.id, operation.name] = operation.per_second
        await budget.take(1, patience_s=PATIENCE_S)

    async def _learn(self, operation: Operation, reply: Reply) -> None:
        """Amazon allows some sellers more than others; and a 429 says that nothing is left for now."""
        place = self.account.id, operation.name
        rate = amazon_answers.told_rate(reply) or self.rates[place]
        is_spent = reply.status == 429
        if rate != self.rates[place] or is_spent:
            wait = answers.retry_after(reply, utc_now()) if is_spent else None
            left = 1 - wait.total_seconds() * rate if wait is not None else 0.0
            available = left if is_spent else float(operation.burst)
            await self._budget(operation).settle(Level(available, operation.burst, rate), refund=0)
            self.rates[place] = rate

    def _paced(self, operation: Operation, error: RateLimited) -> RateLimited:
        """Amazon rarely says how long to wait; the next request is there after 1/rate."""
        known = timedelta(seconds=1 / self.rates[self.account.id, operation.name])
        return RateLimited(error.message, after=error.after or known, answer=error.answer)

    def _budget(self, operation: Operation) -> Budget:
        return Budget(self.pool, self.account.id, operation.name, API, headroom_s=LATENCY_S)

    def _object(self, reply: Reply, name: str | None = None) -> dict[str, Any]:
        content = answers.read_json(reply, api=API)
        found = content.get(name) if name is not None and isinstance(content, dict) else content
        if not isinstance(found, dict):
            raise answers.malformed(reply, api=API)
        return found
