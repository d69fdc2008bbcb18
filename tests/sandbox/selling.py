"""eBay as one seller's software uses it, over both interfaces."""

import base64
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import httpx
from defusedxml.ElementTree import fromstring

NAMESPACE = "urn:ebay:apis:eBLBaseComponents"
CLIENT = {"client_id": "client-of-this-test", "client_secret": "secret-of-this-test"}
REFRESH_TOKEN = "v^1.1#of-this-test"
USUAL: dict[str, Any] = {
    **CLIENT,
    "refresh_token": REFRESH_TOKEN,
    "token_s": 7200,
    "is_revoked": False,
    "is_suspended": False,
    "on_repeat": "use_put",
    "most_tracking_numbers": 20,
}


@dataclass
class Seller:
    """`control` steers this seller."""

    api: httpx.AsyncClient
    control: httpx.AsyncClient
    token: str = ""

    async def log_in(self, secret: str = CLIENT["client_secret"], **changes: str) -> httpx.Response:
        pair = base64.b64encode(f"{CLIENT['client_id']}:{secret}".encode()).decode()
        form = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN, **changes}
        headers = {"Authorization": f"Basic {pair}"}
        return await self.api.post("/identity/v1/oauth2/token", data=form, headers=headers)

    async def order(self, **wish: Any) -> dict[str, Any]:
        lines = [{"sku": "EBY-001", "quantity": 2}, {"sku": "EBY-002", "quantity": 1}]
        placed = await self.control.post("/orders", json={"lines": lines, **wish})
        order: dict[str, Any] = placed.json()["orders"][0]
        return order

    async def held(self, order: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.control.get(f"/orders/{order['order_id']}")).json()
        return shown

    async def fulfil(self, order: dict[str, Any], body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        path = f"/sell/fulfillment/v1/order/{order['order_id']}/shipping_fulfillment"
        return await self.api.post(path, json=body, headers=headers)

    async def get(self, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.api.get(f"/sell/fulfillment/v1{path}", headers=headers)

    async def call(self, name: str, content: str, **headers: str) -> Element:
        """The answer of a Trading call; `content` is what its request holds."""
        body = f'<{name}Request xmlns="{NAMESPACE}">{content}</{name}Request>'
        answer = await self.post(name, body.encode(), **headers)
        assert answer.status_code == 200
        root: Element = fromstring(answer.content, forbid_dtd=True)
        return root

    async def post(self, name: str, body: bytes, **changes: str) -> httpx.Response:
        headers = {
            "Content-Type": "text/xml",
            "X-EBAY-API-CALL-NAME": name,
            "X-EBAY-API-SITEID": "77",
            "X-EBAY-API-COMPATIBILITY-LEVEL": "1379",
            "X-EBAY-API-IAF-TOKEN": self.token,
        }
        changed = {key.replace("_", "-"): value for key, value in changes.items()}
        return await self.api.post("/ws/api.dll", content=body, headers={**headers, **changed})


def texts(root: Element, path: str) -> list[str]:
    """All texts at a path of local names."""
    qualified = "/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))
    return [element.text or "" for element in root.iterfind(qualified)]
