"""What every page has around its content: who is signed in, what is wrong now, and how current the log is."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.responses import Response

from query_api.auth import Reader, Role
from query_api.backend import Backend, BackendOf
from query_api.console import notices
from query_api.console.rendering import page
from query_api.console.visitors import FormToken, Visitor
from query_api.repository.alerts import open_counts
from query_api.repository.connections import snapshot
from query_api.repository.counters import counted, failed_last_day
from query_api.repository.freshness import log_state
from query_api.repository.records import Shop
from query_api.repository.shops import visible_shops
from shared.envelope import utc_now

ZONE_COOKIE = "syncledger_zone"
COLUMNS_COOKIE = "syncledger_columns_"


@dataclass(frozen=True, slots=True)
class Badges:
    """What the navigation warns of."""

    failed_24h: int
    alerts_firing: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A visitor's request for a page. `show` renders it."""

    request: Request
    backend: Backend
    reader: Reader
    form_token: str

    @property
    def may_act(self) -> bool:
        return self.reader.role.includes(Role.OPERATOR)

    @property
    def may_administer(self) -> bool:
        return self.reader.role is Role.ADMIN

    @property
    def zone(self) -> tzinfo:
        """The viewer's time zone, as the browser told it; UTC until it has."""
        try:
            return ZoneInfo(self.request.cookies.get(ZONE_COOKIE, ""))
        except (KeyError, ValueError, OSError):
            return UTC

    @property
    def address(self) -> str:
        """Of the page as it was asked for."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    def columns(self, table: str, usual: tuple[str, ...]) -> tuple[str, ...]:
        """The columns of a table that the viewer wants to see."""
        chosen = self.request.cookies.get(COLUMNS_COOKIE + table)
        return usual if chosen is None else tuple(chosen.split("."))

    def parameter(self, name: str) -> str:
        """The last value the address gives it; empty for none."""
        return self.request.query_params.get(name, "")

    async def show(self, connection: Any, template: str, *, status: int = 200, **values: Any) -> Response:
        """The page, on the connection its content was read from, so that all of it is of one moment."""
        now = utc_now()
        notice = notices.notice_of(self.request)
        response = page(
            template,
            status=status,
            headers={"Vary": "HX-Request, Cookie"},
            frame=self,
            reader=self.reader,
            form_token=self.form_token,
            badges=await self._badges(connection, now),
            log=await log_state(connection),
            notice=notice,
            now=now,
            **values,
        )
        if notice is not None:
            notices.forget(response)
        return response

    async def show_alone(self, template: str, **values: Any) -> Response:
        """For pages that read nothing else."""
        async with snapshot(self.backend.pool) as connection:
            return await self.show(connection, template, **values)

    async def shops(self, connection: Any) -> list[Shop]:
        """Those the visitor may see."""
        return await visible_shops(connection, self.reader.shop_ids)

    async def _badges(self, connection: Any, now: datetime) -> Badges:
        shops = counted(await self.shops(connection), is_everything=self.reader.shop_ids is None)
        failed = await failed_last_day(connection, [shop.id for shop in shops], now=now)
        return Badges(failed, (await open_counts(connection, self.reader.shop_ids)).firing)


async def _frame(request: Request, reader: Visitor, backend: BackendOf, form_token: FormToken) -> Frame:
    return Frame(request, backend, reader, form_token)


FrameOf = Annotated[Frame, Depends(_frame)]
