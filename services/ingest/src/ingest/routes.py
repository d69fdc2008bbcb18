"""`POST /webhooks/shopify`: verify, normalise, make a durable copy, answer."""

import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ingest import metrics
from ingest.abuse import BadSignatures
from ingest.accepting import Acceptance, Accepting, Arrival, NoCopy
from ingest.answers import refusal_answer
from ingest.bodies import check_announced_size, read_body
from ingest.delivery import Delivery
from ingest.refusals import Reason, Refusal
from ingest.rejections import Rejections, is_domain, kind_of
from ingest.settings import IngestSettings
from ingest.shops import Shop, ShopDirectory, Unknowable
from ingest.signatures import is_signed, is_well_formed
from ingest.sources import shopify
from shared.envelope import utc_now

log = structlog.get_logger()

RETRY_AFTER_S = 10

_JSON_TYPE = re.compile(r"(application|text)/([\w.-]+\+)?json\s*(;.*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a delivery: for the sender, the log and the metrics."""

    outcome: str
    response: Response
    shop_id: int | None = None
    task_id: UUID | None = None
    size: int | None = None


class ShopifyWebhooks:
    """The checks are ordered so that a stranger costs little and learns no more than he must."""

    def __init__(
        self,
        settings: IngestSettings,
        *,
        directory: ShopDirectory,
        accepting: Accepting,
        rejections: Rejections,
        bad_signatures: BadSignatures,
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._accepting = accepting
        self._rejections = rejections
        self._bad_signatures = bad_signatures

    async def receive(self, request: Request) -> Response:
        """Answers within the sender's five seconds, whatever is away; counts and logs every delivery once."""
        received_at, started = utc_now(), time.perf_counter()
        headers = shopify.read_headers(request.headers.items())
        try:
            result = await self._take(request, headers, received_at)
        except Refusal as refusal:
            result = self._refused(refusal, headers, received_at)
        except ClientDisconnect:
            result = Result("gave_up", Response(status_code=400))
        _report(result, metrics.topic_label(headers.topic), duration_s=time.perf_counter() - started)
        return result.response

    async def _take(self, request: Request, headers: shopify.Headers, received_at: datetime) -> Result:
        """Raises Refusal."""
        check_announced_size(request, self._settings.max_body_bytes)
        delivery = _delivery_of(headers, _json_type_of(request))
        shop = await self._shop(delivery.shop_domain)
        body = await read_body(
            request, max_bytes=self._settings.max_body_bytes, timeout_s=self._settings.body_timeout_s
        )
        self._verify(delivery, body, shop=shop, client=request.client.host if request.client else "")
        task_type = shopify.TASK_TYPES.get(delivery.topic)
        if task_type is None:
            return _ignored(delivery, shop, size=len(body))
        about = shopify.entity_ids(delivery.topic, body)
        acceptance = await self._accept(Arrival(delivery, body, about, shop.id, task_type, received_at))
        return _accepted(acceptance, shop, size=len(body))

    async def _shop(self, domain: str) -> Shop:
        try:
            shop = await self._directory.find(domain) if is_domain(domain) else None
        except Unknowable as error:
            advice = "The shop can not be looked up right now; send the delivery again."
            raise Refusal(Reason.SHOP_UNKNOWABLE, advice, retry_after_s=RETRY_AFTER_S) from error
        if shop is None or not shop.is_active:
            reason = Reason.UNKNOWN_SHOP if shop is None else Reason.INACTIVE_SHOP
            raise Refusal(
                reason, "This shop is not connected here; connect it, or delete its webhook subscription."
            )
        return shop

    def _verify(self, delivery: Delivery, body: bytes, *, shop: Shop, client: str) -> None:
        if is_signed(body, delivery.signature, shop.secrets):
            return
        wait_s = self._bad_signatures.strike(client, now=time.monotonic())
        if wait_s:
            advice = (
                "Too many deliveries with bad signatures came from this address; check the secret, then wait."
            )
            raise Refusal(Reason.ABUSE, advice, retry_after_s=wait_s)
        raise Refusal(
            _signature_problem(delivery.signature, shop),
            "The signature does not match; sign the body's raw bytes with the secret stored for this shop.",
        )

    async def _accept(self, arrival: Arrival) -> Acceptance:
        try:
            return await self._accepting.accept(arrival)
        except NoCopy as error:
            advice = "The delivery can not be stored right now; send it again."
            raise Refusal(Reason.NO_COPY, advice, retry_after_s=RETRY_AFTER_S) from error

    def _refused(self, refusal: Refusal, headers: shopify.Headers, at: datetime) -> Result:
        kind = kind_of(shopify.SOURCE, headers.shop_domain, headers.topic, reason=refusal.reason, at=at)
        self._rejections.count(kind, at)
        return Result(refusal.reason, refusal_answer(refusal))


def _delivery_of(headers: shopify.Headers, content_type: str) -> Delivery:
    try:
        return shopify.delivery_of(headers, content_type=content_type)
    except shopify.MissingHeader as missing:
        advice = f"The header {missing.name} is missing; send deliveries as Shopify does."
        raise Refusal(Reason.MISSING_HEADER, advice) from missing


def _json_type_of(request: Request) -> str:
    content_type = request.headers.get("content-type", "").strip()
    if content_type and not _JSON_TYPE.fullmatch(content_type):
        raise Refusal(Reason.UNSUPPORTED_TYPE, "Choose JSON as the format of the webhook subscription.")
    return content_type or "application/json"


def _signature_problem(signature: str, shop: Shop) -> Reason:
    if not shop.secrets:
        return Reason.NO_SECRET
    return Reason.BAD_SIGNATURE if is_well_formed(signature) else Reason.MALFORMED_SIGNATURE


def _accepted(acceptance: Acceptance, shop: Shop, *, size: int) -> Result:
    body: dict[str, Any] = {"task_id": str(acceptance.task_id)}
    if acceptance.is_duplicate:
        metrics.DUPLICATES.inc()
        body["duplicate"] = True
    return Result(acceptance.copy, JSONResponse(body), shop.id, acceptance.task_id, size)


def _ignored(delivery: Delivery, shop: Shop, *, size: int) -> Result:
    body = {"ignored": True, "topic": delivery.topic[:100]}
    return Result("ignored", JSONResponse(body), shop.id, size=size)


def _report(result: Result, topic: str, *, duration_s: float) -> None:
    metrics.DELIVERIES.labels(topic, result.outcome).inc()
    metrics.ANSWER_SECONDS.labels(result.outcome).observe(duration_s)
    log.info(
        "delivery",
        outcome=result.outcome,
        status=int(result.response.status_code),
        topic=topic,
        shop_id=result.shop_id,
        task_id=str(result.task_id) if result.task_id else None,
        bytes=result.size,
        duration_ms=round(duration_s * 1000, 1),
    )
