"""Requests to other systems: one client per process, every request recorded, transport errors made ours."""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version

import httpx
from msgspec.structs import replace

from shared.call_outcomes import CallOutcome
from shared.clients.observing import observe
from shared.envelope import Call, utc_now
from shared.errors import Misconfigured, Retryable, TaskError, Unavailable, UnknownOutcome
from shared.tasks import Api
from shared.tracing import call_span

USER_AGENT = f"syncledger/{version('syncledger-shared')}"
LARGEST_ANSWER = 1024 * 1024
_NEVER_RECORDED = frozenset(
    {"apikey", "authorization", "cookie", "set-cookie", "x-shopify-access-token"}
    | {"x-amz-access-token", "x-ebay-api-iaf-token"}
)
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_WRONG_ADDRESS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose exchange it is, how much of it is taken in, and how much of it is kept for people to see.

    `secret_headers`: names, in lower case, of headers that carry this account's credentials. `hides_bodies`:
    they hold secrets, as when a token is fetched. `account_id` and `category` are those of `Call`.
    `outcome_of` says how an exchange went where the status of the answer does not; None: as it tells.
    """

    largest_answer: int = LARGEST_ANSWER
    kept_of_answer: int = LARGEST_ANSWER
    secret_headers: frozenset[str] = frozenset()
    account_id: int | None = None
    category: Api | None = None
    hides_bodies: bool = False
    outcome_of: Callable[[Reply], CallOutcome | None] | None = None

    def applied_to(self, call: Call) -> Call:
        """The call as it is recorded; what was cut off is said in its headers."""
        sent = {k: v for k, v in call.request_headers.items() if k not in self.secret_headers}
        call = replace(call, account_id=self.account_id, category=self.category)
        if self.hides_bodies:
            call = replace(call, request_body=b"", response_body=b"")
        size = len(call.response_body)
        if size <= self.kept_of_answer:
            return replace(call, request_headers=sent)
        cut = {"x-syncledger-kept": f"the first {self.kept_of_answer} of {size} bytes"}
        body, received = call.response_body[: self.kept_of_answer], call.response_headers | cut
        return replace(call, request_headers=sent, response_headers=received, response_body=body)


def build_http_client(*, connections: int, read_timeout_s: float) -> httpx.AsyncClient:
    """No redirects; no cookies, as accounts share it; idle connections are dropped early."""
    return httpx.AsyncClient(
        headers={"User-Agent": USER_AGENT},
        timeout=httpx.Timeout(read_timeout_s, connect=5, pool=10),
        limits=httpx.Limits(max_connections=connections, keepalive_expiry=2),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        verify=_trusted(),
    )


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are trusted: read once, as reading takes 40 ms."""
    return httpx.create_ssl_context()


class RecordedHttp:
    """Sends requests to one API. `api` is its name for people and metrics."""

    def __init__(self, client: httpx.AsyncClient, *, api: str) -> None:
        self._client = client
        self._api = api

    def request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Request:
        return self._client.build_request(method, url, headers=dict(headers), content=content)

    async def send(self, request: httpx.Request, *, repeatable: bool, terms: Terms = Terms()) -> Reply:
        """Any status is an answer. Raises as `transport_error` says."""
        started_at, clock = utc_now(), time.perf_counter()
        answer: Reply | str = "interrupted"
        try:
            answer = reply = await self._traced_exchange(request, terms.largest_answer)
        except (httpx.RequestError, _TooLarge) as error:
            answer = type(error).__name__.lstrip("_")
            raise transport_error(error, api=self._api, repeatable=repeatable) from error
        finally:
            elapsed_s = time.perf_counter() - clock
            call = self._call(request, started_at=started_at, elapsed_s=elapsed_s)
            observe(terms.applied_to(replace(call, **_answer_facts(answer, terms))))
        return reply

    async def _traced_exchange(self, request: httpx.Request, largest_answer: int) -> Reply:
        with call_span(self._api, request.method, request.url.host) as span:
            reply = await self._exchange(request, largest_answer)
            span.set_attribute("http.response.status_code", reply.status)
        return reply

    async def _exchange(self, request: httpx.Request, largest_answer: int) -> Reply:
        response = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > largest_answer:
                    raise _TooLarge
        finally:
            await response.aclose()
        return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(body))

    def _call(self, request: httpx.Request, *, started_at: datetime, elapsed_s: float) -> Call:
        return Call(
            api=self._api,
            method=request.method,
            url=str(request.url),
            started_at=started_at,
            duration_ms=round(elapsed_s * 1000, 3),
            request_headers=_recordable(request.headers),
            request_body=request.content,
        )


class _TooLarge(Exception):
    """The answer exceeds what any answer of these APIs may hold."""


def transport_error(error: Exception, *, api: str, repeatable: bool) -> TaskError:
    """What a failure below HTTP means for the task. Pure."""
    if isinstance(error, _WRONG_ADDRESS):
        return Misconfigured(f"The address of {api} in the account is not usable", kind="configuration")
    if isinstance(error, _NOTHING_SENT):
        return Unavailable(f"{api} could not be reached ({type(error).__name__})")
    if not repeatable:
        return UnknownOutcome(f"The request was sent to {api} and no answer came ({type(error).__name__})")
    if isinstance(error, httpx.TimeoutException):
        return Unavailable(f"{api} did not answer in time", kind="timeout")
    if isinstance(error, httpx.DecodingError | _TooLarge):
        return Retryable(f"{api} sent an answer that can not be read", kind="malformed_answer")
    return Unavailable(f"The connection to {api} broke before its answer came ({type(error).__name__})")


def _recordable(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() not in _NEVER_RECORDED}


def _answer_facts(answer: Reply | str, terms: Terms) -> dict[str, object]:
    if isinstance(answer, str):
        return {"error": answer}
    return {
        "status": answer.status,
        "response_headers": _recordable(answer.headers),
        "response_body": answer.body,
        "outcome": terms.outcome_of(answer) if terms.outcome_of is not None else None,
    }
