"""The doors, one per source, with the same rules: verify, identify, make a durable copy, answer."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ingest import metrics
from ingest.accepting import Acceptance, Accepting, Arrival, NoCopy
from ingest.answers import refusal_answer
from ingest.bodies import check_announced_size, read_body
from ingest.delivery import Delivery, with_domain
from ingest.gate import RETRY_AFTER_S, Gate, Sender
from ingest.refusals import Reason, Refusal
from ingest.rejections import Rejections, is_domain, kind_of
from ingest.settings import IngestSettings
from ingest.shops import Shop, ShopDirectory, Unknowable, stranger
from ingest.sources.source import Head, Identity, MissingHeader, Source, Unusable
from shared.envelope import utc_now
from shared.tracing import delivery_span, note_outcome

log = structlog.get_logger()

_JSON_TYPE = re.compile(r"(application|text)/([\w.-]+\+)?json\s*(;.*)?", re.IGNORECASE)
_UNUSABLE = "Nothing of this can be used; correct the fields named in errors, then send it again."


class Result(NamedTuple):
    """What became of a delivery: for the sender, the log and the metrics."""

    outcome: str
    response: Response
    topic: str | None = None
    shop_id: int | None = None
    task_id: UUID | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class House:
    """What all doors share."""

    settings: IngestSettings
    directory: ShopDirectory
    accepting: Accepting
    rejections: Rejections
    gate: Gate
    clock: Callable[[], datetime] = utc_now


class Door:
    """The checks are ordered so that a stranger costs little and learns no more than he must."""

    def __init__(self, source: Source, house: House) -> None:
        self._source = source
        self._house = house
        metrics.expect_deliveries(source.name, source.topics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI app."""
        response = await self.receive(Request(scope, receive))
        await response(scope, receive, send)

    async def receive(self, request: Request) -> Response:
        """Answers within the sender's five seconds, whatever is away; counts and logs every delivery once."""
        started = time.perf_counter()
        with delivery_span(self._source.name) as span:
            result = await self._result(request, _head_of(request))
            note_outcome(span, result.outcome, task_id=result.task_id)
            self._report(result, duration_s=time.perf_counter() - started)
        return result.response

    async def _result(self, request: Request, head: Head) -> Result:
        received_at = self._house.clock()
        try:
            return await self._take(request, head, received_at)
        except Refusal as refusal:
            return self._refused(refusal, head, received_at)
        except ClientDisconnect:
            return Result("gave_up", Response(status_code=400), self._source.claim(head).topic)

    async def _take(self, request: Request, head: Head, received_at: datetime) -> Result:
        """Raises Refusal."""
        check_announced_size(request, self._house.settings.max_body_bytes)
        if self._source.is_ping(head):
            return await self._answer_ping(request, head)
        delivery = _read(self._source, head)
        _check_json(head.content_type)
        shop = await self._sender(delivery)
        body, sender = await self._sent(request, delivery, shop)
        identity = self._identified(delivery, body, received_at)
        if identity.task_type is None:
            return _ignored(identity.delivery, shop, size=len(body))
        arrival = _arrival(identity, body, shop=shop, sender=sender, received_at=received_at)
        return _accepted(await self._accept(arrival), arrival, identity)

    async def _sent(self, request: Request, delivery: Delivery, shop: Shop) -> tuple[bytes, Sender]:
        """A token is looked at before the body is read, a signature after it."""
        gate, client = self._house.gate, request.client.host if request.client else ""
        bearer = await gate.bearer(delivery, shop, client=client)
        body = await self._body(request)
        return body, bearer or gate.signer(self._source, delivery, body, shop=shop, client=client)

    def _identified(self, delivery: Delivery, body: bytes, received_at: datetime) -> Identity:
        try:
            return self._source.identify(delivery, body, received_at=received_at)
        except Unusable as error:
            raise Refusal(Reason.UNUSABLE, _UNUSABLE, errors=error.errors) from error

    async def _answer_ping(self, request: Request, head: Head) -> Result:
        shop = await self._shop(head.shop_domain or "")
        await self._body(request)
        return Result("ping", JSONResponse({"pong": True}), shop_id=shop.id)

    async def _body(self, request: Request) -> bytes:
        settings = self._house.settings
        return await read_body(request, max_bytes=settings.max_body_bytes, timeout_s=settings.body_timeout_s)

    async def _sender(self, delivery: Delivery) -> Shop:
        """An open topic is taken of every shop there is, and of those nobody knows."""
        if delivery.topic not in self._source.open_topics:
            return await self._shop(delivery.shop_domain)
        return await self._found(delivery.shop_domain) or stranger(delivery.shop_domain)

    async def _found(self, domain: str) -> Shop | None:
        try:
            return await self._house.directory.find(domain) if is_domain(domain) else None
        except Unknowable as error:
            advice = "The shop can not be looked up right now; send the delivery again."
            raise Refusal(Reason.SHOP_UNKNOWABLE, advice, retry_after_s=RETRY_AFTER_S) from error

    async def _shop(self, domain: str) -> Shop:
        shop = await self._found(domain)
        if shop is None or not shop.is_active:
            reason = Reason.UNKNOWN_SHOP if shop is None else Reason.INACTIVE_SHOP
            raise Refusal(
                reason, "This shop is not connected here; connect it, or delete its webhook subscription."
            )
        return shop

    async def _accept(self, arrival: Arrival) -> Acceptance:
        try:
            return await self._house.accepting.accept(arrival)
        except NoCopy as error:
            advice = "The delivery can not be stored right now; send it again."
            raise Refusal(Reason.NO_COPY, advice, retry_after_s=RETRY_AFTER_S) from error

    def _refused(self, refusal: Refusal, head: Head, at: datetime) -> Result:
        claim = self._source.claim(head)
        kind = kind_of(self._source.name, claim.shop_domain, claim.topic, reason=refusal.reason, at=at)
        self._house.rejections.count(kind, at)
        return Result(refusal.reason, refusal_answer(refusal), claim.topic)

    def _report(self, result: Result, *, duration_s: float) -> None:
        source, topic = self._source.name, metrics.topic_label(result.topic, self._source.topics)
        metrics.deliveries(source, topic, result.outcome).inc()
        metrics.answer_seconds(result.outcome).observe(duration_s)
        log.info(
            "delivery",
            outcome=result.outcome,
            status=int(result.response.status_code),
            source=source,
            topic=topic,
            shop_id=result.shop_id,
            task_id=str(result.task_id) if result.task_id else None,
            bytes=result.size,
            duration_ms=round(duration_s * 1000, 1),
        )


def _head_of(request: Request) -> Head:
    headers = request.headers.items()
    content_type = next((value for name, value in headers if name == "content-type"), "").strip()
    shop_domain = request.path_params.get("shop")
    return Head(
        headers=headers,
        content_type=content_type or "application/json",
        shop_domain=shop_domain.lower() if shop_domain else None,
    )


def _read(source: Source, head: Head) -> Delivery:
    try:
        return source.read(head)
    except MissingHeader as missing:
        advice = f"The header {missing.name} is missing; send it with every delivery."
        raise Refusal(Reason.MISSING_HEADER, advice) from missing


def _check_json(content_type: str) -> None:
    if not _JSON_TYPE.fullmatch(content_type):
        raise Refusal(Reason.UNSUPPORTED_TYPE, "Choose JSON as the format of the webhook subscription.")


def _arrival(
    identity: Identity, body: bytes, *, shop: Shop, sender: Sender, received_at: datetime
) -> Arrival:
    """Raises nothing: the source said which task the delivery causes."""
    assert identity.task_type is not None
    delivery = identity.delivery
    return Arrival(
        delivery if shop.id else with_domain(delivery, body),
        body,
        identity.about,
        shop.id,
        identity.task_type,
        received_at,
        account_id=sender.account_id,
        actor=sender.actor,
    )


def _accepted(acceptance: Acceptance, arrival: Arrival, identity: Identity) -> Result:
    body: dict[str, Any] = {"task_id": acceptance.task_id, **identity.told}
    if acceptance.is_duplicate:
        metrics.DUPLICATES.inc()
        body["duplicate"] = True
    return Result(
        acceptance.copy,
        Response(orjson.dumps(body), media_type="application/json"),
        arrival.delivery.topic,
        shop_id=arrival.shop_id,
        task_id=acceptance.task_id,
        size=len(arrival.body),
    )


def _ignored(delivery: Delivery, shop: Shop, *, size: int) -> Result:
    body = {"ignored": True, "topic": delivery.topic[:100]}
    return Result("ignored", JSONResponse(body), delivery.topic, shop_id=shop.id, size=size)
