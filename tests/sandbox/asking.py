"""The shop's Admin API as an app uses it."""

from dataclasses import dataclass
from typing import Any

import httpx

TOKEN = "token-of-this-test"
VERSION = "2026-10"


@dataclass
class Admin:
    """Asks one shop; `control` steers it."""

    http: httpx.AsyncClient
    control: httpx.AsyncClient
    domain: str

    async def post(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str = TOKEN,
        version: str = VERSION,
    ) -> httpx.Response:
        return await self.http.post(
            f"/shopify/{self.domain}/admin/api/{version}/graphql.json",
            json={"query": query, "variables": variables or {}},
            headers={"X-Shopify-Access-Token": token},
        )

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole body of a 200."""
        answer = await self.post(query, variables)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        body = await self.ask(query, **variables)
        assert "errors" not in body, body["errors"]
        found: dict[str, Any] = body["data"]
        return found

    async def customer(self, **fields: Any) -> dict[str, Any]:
        made = await self.control.post("/customers", json=fields)
        assert made.status_code == 201, made.text
        customer: dict[str, Any] = made.json()
        return customer

    async def order(self, **fields: Any) -> dict[str, Any]:
        cart = {"lines": [{"sku": "SL-009", "quantity": 2}], **fields}
        made = await self.control.post("/orders", json=cart)
        assert made.status_code == 201, made.text
        order: dict[str, Any] = made.json()
        return order
