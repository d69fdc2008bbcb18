"""Payloads go earlier for shops that want it so."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import structlog

from query_api.recorder import metrics
from query_api.recorder.settings import RecorderSettings
from shared.db.queries import load_queries
from shared.envelope import utc_now

log = structlog.get_logger()

TASKS_AT_ONCE = 5_000
_queries = load_queries(__file__, "shop_retention")


async def apply_shop_retention(connection: Any, settings: RecorderSettings) -> None:
    """Each time from the beginning: old tasks that were tried again may have got new payloads."""
    days = settings.payload_retention_days
    shops = [dict(row) async for row in _queries.shops(connection, platform_days=days)]
    for shop in shops:
        first_day_kept = utc_now().date() - timedelta(days=shop["payload_days"])
        deleted = await _delete(connection, shop["id"], first_day_kept)
        metrics.DELETED_ROWS.labels("ledger.payloads").inc(deleted)
        log.info("shop_payloads_deleted", shop_id=shop["id"], rows=deleted)


async def _delete(connection: Any, shop_id: int, first_day_kept: date) -> int:
    """Some tasks at a time, so that nobody waits for long."""
    deleted, after = 0, UUID(int=0)
    while True:
        place = {"shop_id": shop_id, "after": after}
        last = await _queries.last_task(
            connection, **place, first_day_kept=first_day_kept, at_most=TASKS_AT_ONCE
        )
        if last is None:
            return deleted
        status = await _queries.delete_payloads(connection, **place, last=last)
        deleted += int(status.rsplit(maxsplit=1)[-1])
        after = last
