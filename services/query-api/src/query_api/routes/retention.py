"""`/retention`: how long what is of a shop is kept, where that is shorter than the platform keeps it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from query_api.auth import Reader
from query_api.backend import Administrator, ApiReader, Backend, BackendOf, backend_of, client_address
from query_api.problems import documented, invalid
from query_api.repository import shop_retention as store
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.routes.alert_evidence import ShopParameter, named_shop
from query_api.routes.freshness import answered_as_of
from query_api.schemas.retention import RetentionAnswer, RetentionIn

router = APIRouter(prefix="/retention", tags=["shops"])


@router.get("", summary="Retention of a shop", responses=documented(400, 401, 503))
async def get_retention(
    parameters: Annotated[ShopParameter, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> RetentionAnswer:
    """How long received data, requests and answers are kept. Properties of tasks stay as long as the
    platform keeps its log."""
    return await _answer(backend, reader, parameters.shop, response)


@router.put("", summary="Change the retention of a shop", responses=documented(400, 401, 403, 503))
async def put_retention(
    parameters: Annotated[ShopParameter, Query()],
    wanted: RetentionIn,
    reader: Administrator,
    request: Request,
    response: Response,
) -> RetentionAnswer:
    """What is older goes within a few hours and does not come back: those tasks can not be retried any more.
    Needs the role admin."""
    backend = backend_of(request)
    days = wanted.payload_days
    if days is not None and days > backend.payload_days:
        raise invalid(
            "payload_days", f"The platform keeps them {backend.payload_days} days; name fewer, or null."
        )
    async with backend.pool.acquire() as connection, connection.transaction():
        shop = await named_shop(connection, parameters.shop, reader)
        before = await store.change_payload_days(connection, shop.id, days)
        detail = {"payload_days": {"from": before, "to": days}}
        deed = Deed("retention.change", shop.id, detail, address=client_address(request), subject=shop.domain)
        await audit(connection, reader, deed)
    return await _answer(backend, reader, parameters.shop, response)


async def _answer(backend: Backend, reader: Reader, domain: str, response: Response) -> RetentionAnswer:
    async with snapshot(backend.pool) as connection:
        shop = await named_shop(connection, domain, reader)
        days = await store.payload_days_of(connection, shop.id)
        as_of = await answered_as_of(connection, response)
    return RetentionAnswer(
        as_of=as_of, shop=shop.domain, payload_days=days, platform_payload_days=backend.payload_days
    )
