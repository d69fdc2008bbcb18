"""Sends one account's requests, with its credentials and at its pace, and reads what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import orjson

from shared.clients import answers
from shared.clients.http import RecordedHttp, Reply, Terms
from shared.envelope import utc_now
from shared.errors import Answer, Rejected, TaskError
from shared.suppliers.paths import list_at
from sync_worker.store.supplier_accounts import SupplierAccount
from sync_worker.suppliers.pace import Pace
from sync_worker.suppliers.refusals import refusal

LARGEST_PAGE = 16 * 1024 * 1024
KEPT_OF_PAGE = 2_048


@dataclass(frozen=True, slots=True)
class Request:
    """`repeatable`: sent twice it does no harm. `allowed`: statuses besides success that are an answer."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    repeatable: bool = True
    allowed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """Methods raise the errors of `refusal` and `transport_error`."""

    account: SupplierAccount
    http: RecordedHttp
    pace: Pace

    async def send(self, request: Request, *, is_page: bool = False) -> Reply:
        """Of a page only the beginning is kept: a catalogue is not what people look for in a task."""
        await self.pace.wait()
        content = None if request.body is None else orjson.dumps(request.body)
        query = f"?{urlencode(request.query)}" if request.query else ""
        url = f"{self.account.base_url}{request.path}{query}"
        built = self.http.request(request.method, url, self._headers(request), content)
        reply = await self.http.send(built, repeatable=request.repeatable, terms=self._terms(is_page))
        if not 200 <= reply.status < 300 and reply.status not in request.allowed:
            raise self.refused(reply, repeatable=request.repeatable)
        return reply

    def refused(self, reply: Reply, *, repeatable: bool) -> TaskError:
        words = self.account.settings.format.errors
        return refusal(reply, words, name=self.account.name, repeatable=repeatable, now=utc_now())

    def read(self, reply: Reply) -> Any:
        return answers.read_json(reply, api=self.account.name)

    def list_in(self, reply: Reply, content: Any, path: str) -> list[Any]:
        """Raises Rejected when no list stands where the account's format says."""
        found = list_at(content, path)
        if found is None:
            text = f"{self.account.name} sent no list at {path}: correct 'format' in the account's settings"
            raise Rejected(text, answer=Answer(http_status=reply.status), kind="malformed_answer")
        return found

    def _headers(self, request: Request) -> dict[str, str]:
        credentials, wire = self.account.credentials, self.account.settings.format
        tokens = {"token": credentials.token, "token2": credentials.token2 or ""}
        auth = {name: filled(text, **tokens) for name, text in wire.auth.items()}
        content = {"content-type": "application/json"} if request.body is not None else {}
        return {"accept": "application/json", **content, **wire.headers, **request.headers, **auth}

    def _terms(self, is_page: bool) -> Terms:
        names = self.account.settings.format.auth
        terms = Terms(secret_headers=frozenset(name.lower() for name in names))
        return replace(terms, largest_answer=LARGEST_PAGE, kept_of_answer=KEPT_OF_PAGE) if is_page else terms


def filled(text: str, **values: str) -> str:
    """The text with its `{placeholders}` replaced; nothing else in it means anything."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
