"""Work that takes a while, as far as it has come: what `progress` is about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from query_api.live import wire
from query_api.live.listener import Item, Kind
from query_api.operations.store import operations_since
from query_api.repository.live import imports_since
from query_api.repository.shops import visible_shops
from query_api.schemas import operation_shaping
from query_api.schemas.import_shaping import shown
from query_api.schemas.live import ProgressOut
from shared.envelope import utc_now


class Work(NamedTuple):
    """`mark`: differs when there is something to tell. `shop_ids`: those it is about; None: all there are."""

    id: UUID
    mark: Any
    shop_ids: Sequence[int] | None
    item: Item


async def work_since(connection: Any, moment: datetime) -> list[Work]:
    """What is under way, and what has ended since."""
    return [*await _imports(connection, moment), *await _operations(connection, moment)]


async def _imports(connection: Any, moment: datetime) -> list[Work]:
    rows = await imports_since(connection, moment)
    shops = await visible_shops(connection, list({row.shop_id for row in rows})) if rows else []
    domains, now = {shop.id: shop.domain for shop in shops}, utc_now()
    bodies = [ProgressOut(kind="import", import_=shown(row, domains[row.shop_id], now)) for row in rows]
    return [Work(row.id, row, [row.shop_id], _item(body)) for row, body in zip(rows, bodies, strict=True)]


async def _operations(connection: Any, moment: datetime) -> list[Work]:
    rows = await operations_since(connection, moment)
    bodies = [ProgressOut(kind="operation", operation=operation_shaping.operation(row)) for row in rows]
    return [Work(row.id, row, row.shop_ids, _item(body)) for row, body in zip(rows, bodies, strict=True)]


def _item(body: ProgressOut) -> Item:
    return Item(wire.frame(Kind.PROGRESS, body.model_dump_json(by_alias=True).encode()))
