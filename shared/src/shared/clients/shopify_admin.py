"""The shop's Admin API (GraphQL): who is asked, how much may be asked, and what comes back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import structlog

from shared import metrics
from shared.accounts import OnBehalf, open_account_of_shop
from shared.clients import answers, shopify_answers
from shared.clients.budgets import Budget
from shared.clients.http import RecordedHttp, Reply, Terms
from shared.clients.shopify_account import SHOPIFY, ShopifyAccount
from shared.clients.shopify_answers import API, Cost
from shared.envelope import utc_now
from shared.errors import RateLimited, TaskError
from shared.vault import Vault

log = structlog.get_logger()

API_VERSION = "2026-10"
OPERATION = "graphql"
PATIENCE_S = 2.0
LATENCY_S = 0.1
THROTTLED_S = 10.0
JITTER_S = 0.05


@dataclass(frozen=True, slots=True)
class Document:
    """One GraphQL operation.

    `cost`: the points it may ask for, until the shop has told. `repeatable`: sent twice it does no harm.
    """

    name: str
    text: str
    cost: float
    repeatable: bool


def load_document(
    module_file: str,
    name: str,
    *,
    parts: tuple[str, ...] = (),
    cost: float = 10,
    repeatable: bool | None = None,
) -> Document:
    """Reads `graphql/<name>.graphql` beside a module, and the fragments it uses from `parts`.

    Queries are repeatable, mutations are unless said so not.
    """
    documents = Path(module_file).parent / "graphql"
    texts = [(documents / f"{part}.graphql").read_text() for part in (name, *parts)]
    is_query = texts[0].lstrip().startswith("query")
    return Document(name, "\n".join(texts), cost, is_query if repeatable is None else repeatable)


class ShopAdmins:
    """One per process: opens the Admin API of a task's shop, and remembers what documents cost."""

    def __init__(self, http: RecordedHttp, vault: Vault) -> None:
        self._http = http
        self._vault = vault
        self._costs: dict[tuple[object, ...], float] = {}

    async def open(self, pool: Any, task: OnBehalf) -> "ShopAdmin":
        """Raises Obsolete or Misconfigured when the shop's account can not be used.

        RateLimited pauses the task's account, so the task should be for this one or for none.
        """
        account = await open_account_of_shop(pool, task, self._vault, SHOPIFY)
        return ShopAdmin(
            account, self._http, Budget(pool, account.id, OPERATION, API, headroom_s=LATENCY_S), self._costs
        )


@dataclass(frozen=True, slots=True)
class ShopAdmin:
    """One shop's Admin API. `patience_s`: how long a call waits for the shop's budget of points."""

    account: ShopifyAccount
    http: RecordedHttp
    budget: Budget
    costs: dict[tuple[object, ...], float] = field(repr=False)
    patience_s: float = PATIENCE_S

    async def call(self, document: Document, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's `data`.

        Raises RateLimited with the time the budget needs when that is longer than `patience_s`; TooExpensive
        when one query may not cost that much; Rejected for `userErrors`, naming the field, and for searches
        Shopify did not understand; UnknownOutcome for a mutation that may have happened; else as the error
        tree says.
        """
        patience_s, extra_s = self.patience_s, JITTER_S
        while True:
            query = _Query(document, variables or {}, self._estimate(document, variables or {}))
            patience_s -= await self.budget.take(query.cost, patience_s=patience_s)
            try:
                return await self._ask(query)
            except RateLimited as error:
                wait_s = THROTTLED_S if error.after is None else error.after.total_seconds() + extra_s
                if wait_s > patience_s:
                    raise
                await asyncio.sleep(wait_s)
                patience_s, extra_s = patience_s - wait_s, 2 * extra_s

    async def _ask(self, query: "_Query") -> dict[str, Any]:
        repeatable = query.document.repeatable
        terms = Terms(account_id=self.account.id, outcome_of=shopify_answers.outcome_of)
        reply = await self.http.send(self._request(query), repeatable=repeatable, terms=terms)
        _raise(shopify_answers.http_error(reply, repeatable=repeatable, now=utc_now()))
        content = answers.read_json(reply, api=API)
        if not isinstance(content, dict):
            raise answers.malformed(reply, api=API)
        _watch_version(reply)
        await self._settle(query, shopify_answers.cost_of(content))
        return _data(content, reply, repeatable=repeatable)

    def _request(self, query: "_Query") -> Any:
        headers = {
            "x-shopify-access-token": self.account.credentials.access_token,
            "content-type": "application/json",
        }
        content = orjson.dumps({"query": query.document.text, "variables": query.variables})
        url = f"{self.account.base_url}/admin/api/{API_VERSION}/graphql.json"
        return self.http.request("POST", url, headers, content)

    def _estimate(self, document: Document, variables: Mapping[str, Any]) -> float:
        return self.costs.get(_shape(document, variables), document.cost)

    async def _settle(self, query: "_Query", cost: Cost | None) -> None:
        """Tells the budget what was charged; what a document asks for is remembered for the next time."""
        if cost is not None:
            self.costs[_shape(query.document, query.variables)] = cost.requested
            await self.budget.settle(cost.level, refund=query.cost - (cost.actual or 0))


@dataclass(frozen=True, slots=True)
class _Query:
    """A document with its variables; `cost` is what was reserved for it."""

    document: Document
    variables: Mapping[str, Any]
    cost: float


def _data(content: dict[str, Any], reply: Reply, *, repeatable: bool) -> dict[str, Any]:
    _raise(shopify_answers.graphql_error(content, reply, repeatable=repeatable))
    data = content.get("data")
    if not isinstance(data, dict):
        raise answers.malformed(reply, api=API)
    _raise(shopify_answers.user_error(data, reply))
    _raise(shopify_answers.search_error(content, reply))
    return data


def _shape(document: Document, variables: Mapping[str, Any]) -> tuple[object, ...]:
    """What decides a document's cost: its text, and how many things it asks for."""
    ids = variables.get("ids")
    return (document.name, variables.get("first"), len(ids) if isinstance(ids, list) else None)


def _watch_version(reply: Reply) -> None:
    """Shopify: a version that is no longer supported is answered by the oldest supported one."""
    answered = reply.headers.get("x-shopify-api-version", API_VERSION)
    if answered != API_VERSION:
        metrics.SHOPIFY_OTHER_VERSION.inc()
        log.warning("shopify_other_version", asked=API_VERSION, answered=answered)
    if reason := reply.headers.get("x-shopify-api-deprecated-reason"):
        log.warning("shopify_deprecated", reason=reason[:300])


def _raise(error: TaskError | None) -> None:
    if error is not None:
        raise error
