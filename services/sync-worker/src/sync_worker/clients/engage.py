"""The Engage CRM: contacts, receipts, order notifications and stores."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson

from shared.clients import answers
from shared.clients.http import RecordedHttp, Reply
from shared.envelope import utc_now
from shared.errors import Misconfigured, Rejected
from sync_worker.clients.turns import Turn
from sync_worker.mapping.rules import EngageRules
from sync_worker.store.accounts import EngageAccount

API = "Engage"
SEVERAL_MATCHES = (
    "Several contacts in the CRM have this customer's {key}: merge them there into one, then retry this task"
)
KEY_IS_TAKEN = (
    "Another contact in the CRM already has this customer's e-mail, phone or external id: merge the two "
    "contacts there, or correct the customer in the shop, then retry this task ({said})"
)


@dataclass(frozen=True, slots=True)
class Engage:
    """One account of the CRM. Any method may raise the errors of `error_of` and `transport_error`."""

    account: EngageAccount
    http: RecordedHttp
    turn: Turn

    @property
    def rules(self) -> EngageRules:
        return self.account.settings

    async def contact_by_external_id(self, external_id: str) -> dict[str, Any] | None:
        """The contact with its fields, `id` among them; None when there is none."""
        return await self._contact(f"{_quoted(self.rules.contact_type)}/byexternalid/{_quoted(external_id)}")

    async def contact(self, contact_id: str) -> dict[str, Any] | None:
        return await self._contact(_quoted(contact_id))

    async def contact_id(self, parameter: str, value: str) -> str | None:
        """The id by `email` or `mobilePhone`; the answer is a bare JSON string. None when there is none."""
        query = urlencode({parameter: value, "contactType": self.rules.contact_type})
        reply = await self._call("GET", f"/api/v3/contacts/id?{query}", allowed=(404, 409))
        if reply.status == 404:
            return None
        self._refuse_several(reply, "e-mail address" if parameter == "email" else "phone number")
        found = answers.read_json(reply, api=API)
        if not isinstance(found, str) or not found:
            raise answers.malformed(reply, api=API)
        return found

    async def create_contact(self, fields: Mapping[str, str]) -> str | None:
        """The new contact's id. None: look it up, it exists already or the answer does not name it."""
        query = urlencode({"source": self.rules.source})
        body = {**fields, "contactType": self.rules.contact_type}
        reply = await self._call("POST", f"/api/v3/contacts?{query}", body=body, allowed=(400, 404, 409))
        if reply.status == 409 or (reply.status == 400 and _tells_of_duplicate(reply)):
            return None
        if reply.status == 404:
            raise Misconfigured(f"{API} is not found at the account's address", kind="configuration")
        self._raise_for(reply, repeatable=True)
        return _created_id(answers.read_json(reply, api=API)) if reply.body else None

    async def patch_contact(self, contact_id: str, changes: Mapping[str, str]) -> bool:
        """Changes exactly these fields. False: there is no such contact."""
        path = f"/api/v3/contacts/{_quoted(contact_id)}"
        reply = await self._call("PATCH", path, body=changes, allowed=(404, 409))
        if reply.status == 409:
            raise answers.unexpected(reply, KEY_IS_TAKEN.format(said=answers.said(reply.body)))
        return reply.status != 404

    async def set_preference(self, contact_id: str, name: str, value: bool) -> bool:
        """Sets one preference, which also approves the contact. False: there is no such contact."""
        path = f"/api/v2/contacts/{_quoted(contact_id)}/preferences/{name}"
        reply = await self._call("POST", path, body={"value": value}, allowed=(404,))
        return reply.status != 404

    async def send_receipt(self, receipt: Mapping[str, Any]) -> bool:
        """Safe to repeat: a known uniqueReceiptId is ignored. False: the contact does not exist."""
        return await self._purchase("/api/v3/receipts", receipt, repeatable=True)

    async def send_order(self, order: Mapping[str, Any]) -> bool:
        """Mails the customer each time. False: no such contact. Raises UnknownOutcome when it may have."""
        return await self._purchase("/api/v2/orders", order, repeatable=False)

    async def stores(self) -> list[dict[str, Any]]:
        """The stores the CRM knows, each with its `externalId`."""
        reply = await self._call("GET", "/api/v3/stores")
        stores = answers.read_json(reply, api=API)
        if not isinstance(stores, list):
            raise answers.malformed(reply, api=API)
        return [store for store in stores if isinstance(store, dict) and store.get("externalId")]

    async def store_ids(self) -> frozenset[str]:
        return frozenset(str(store["externalId"]) for store in await self.stores())

    async def _purchase(self, path: str, body: Mapping[str, Any], *, repeatable: bool) -> bool:
        reply = await self._call("POST", path, body=body, repeatable=repeatable, allowed=(404, 409))
        self._refuse_several(reply, "e-mail address, phone number or external id")
        return reply.status != 404

    async def _contact(self, path: str) -> dict[str, Any] | None:
        reply = await self._call("GET", f"/api/v3/contacts/{path}", allowed=(404, 409))
        if reply.status == 404:
            return None
        self._refuse_several(reply, "external id")
        found = answers.read_json(reply, api=API)
        if not isinstance(found, dict) or not isinstance(found.get("id"), str):
            raise answers.malformed(reply, api=API)
        return found

    async def _call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        repeatable: bool = True,
        allowed: tuple[int, ...] = (),
    ) -> Reply:
        """Waits for its turn, sends, and raises for every status but success and the `allowed` ones."""
        request = self._request(method, path, body)
        async with self.turn:
            reply = await self.http.send(request, repeatable=repeatable)
        if reply.status not in allowed:
            self._raise_for(reply, repeatable=repeatable)
        return reply

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> httpx.Request:
        content = None if body is None else encoded(body)
        headers = {"apikey": self.account.credentials.api_key, "content-type": "application/json"}
        return self.http.request(method, f"{self.account.base_url}{path}", headers, content)

    def _raise_for(self, reply: Reply, *, repeatable: bool) -> None:
        if not 200 <= reply.status < 300:
            raise answers.error_of(reply, api=API, repeatable=repeatable, now=utc_now())

    def _refuse_several(self, reply: Reply, key: str) -> None:
        if reply.status == 409:
            raise answers.unexpected(reply, SEVERAL_MATCHES.format(key=key))


def encoded(body: Mapping[str, Any]) -> bytes:
    """JSON in which a Decimal is exactly the number it is: 450.00, never 450.0000001."""
    return orjson.dumps(body, default=_number)


def contact_exists_elsewhere() -> Rejected:
    """The CRM will not create a contact and does not find it either."""
    return Rejected(KEY_IS_TAKEN.format(said="the CRM refused to create it"))


def _quoted(segment: str) -> str:
    return quote(segment, safe="")


def _number(value: object) -> orjson.Fragment:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} in a body for {API}")
    return orjson.Fragment(format(value, "f").encode())


def _created_id(content: Any) -> str | None:
    """The answer is the bare id, or an object that holds it."""
    found = content.get("id") if isinstance(content, dict) else content
    return found if isinstance(found, str) and found else None


def _tells_of_duplicate(reply: Reply) -> bool:
    code = answers.error_code(reply.body).lower()
    return "exist" in code or "duplicate" in code
