"""What people do about an alert, each deed written down."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request

from query_api.alert_query import AlertState
from query_api.auth import Reader
from query_api.backend import backend_of, client_address
from query_api.problems import Problem, not_found
from query_api.repository import alerts as store
from query_api.repository.alerts import AlertRow
from query_api.repository.audit import Deed, audit
from query_api.routes.alert_parameters import MuteIn, end_of
from shared.envelope import utc_now


async def acknowledge(request: Request, reader: Reader, alert_id: UUID, note: str | None) -> None:
    """Once is enough: who was first stays. Raises Problem for an alert that is over."""
    async with backend_of(request).pool.acquire() as connection, connection.transaction():
        row = await visible(connection, alert_id, reader)
        done = await store.acknowledge(connection, alert_id, reader.name, note)
        if not done and row.state is AlertState.RESOLVED:
            raise Problem(409, "conflict", "This alert is over: there is nothing left to acknowledge.")
        if done:
            await audit(connection, reader, _deed("alert.acknowledge", row, request))


async def mute(request: Request, reader: Reader, alert_id: UUID, wanted: MuteIn) -> datetime:
    """Until when. Raises Problem for a moment that has passed, or is too far off."""
    until = end_of(wanted, utc_now())
    async with backend_of(request).pool.acquire() as connection, connection.transaction():
        row = await visible(connection, alert_id, reader)
        await store.mute(connection, alert_id, until, actor=reader.name, note=wanted.note)
        await audit(connection, reader, _deed("alert.mute", row, request, until=until.isoformat()))
    return until


async def unmute(request: Request, reader: Reader, alert_id: UUID) -> None:
    async with backend_of(request).pool.acquire() as connection, connection.transaction():
        row = await visible(connection, alert_id, reader)
        if await store.unmute(connection, alert_id, reader.name):
            await audit(connection, reader, _deed("alert.unmute", row, request))


async def visible(connection: Any, alert_id: UUID, reader: Reader) -> AlertRow:
    """Raises 404 alike for alerts that do not exist and for those the reader may not see."""
    rows = await store.alerts_by_id(connection, [alert_id])
    if not rows or not _may_see(reader, rows[0].shop_id):
        raise not_found("There is no such alert that this token may see.")
    return rows[0]


def _deed(action: str, row: AlertRow, request: Request, **detail: str) -> Deed:
    """Without the person's own words, which may name people."""
    detail |= {"rule": row.rule, "subject": row.subject}
    return Deed(action, row.shop_id, detail, address=client_address(request), subject=str(row.id))


def _may_see(reader: Reader, shop_id: int | None) -> bool:
    """The platform's own are for those who see all shops."""
    return reader.shop_ids is None if shop_id is None else reader.may_see_shop(shop_id)
