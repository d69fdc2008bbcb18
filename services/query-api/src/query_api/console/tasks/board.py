"""What the first page shows: counters, summaries and a page of the task list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from query_api.auth import Reader
from query_api.console.formatting import elapsed_ms
from query_api.console.tasks.filters import Filters, quick_ranges
from query_api.places import InvalidCursor, Place, decode, encode
from query_api.problems import invalid
from query_api.repository.counters import counted, tally
from query_api.repository.pages import list_page
from query_api.repository.records import Shop, TaskRow
from query_api.repository.shops import visible_shops
from query_api.statistics import Figures
from query_api.task_query import TaskQuery
from shared.envelope import State
from shared.tasks import Group

PAGE_SIZE = 50
ALWAYS_SHOWN = (Group.CONTACT_SYNC, Group.ORDER_SYNC)


@dataclass(frozen=True, slots=True)
class BoardView:
    """Addresses are None where there is no such page."""

    filters: Filters
    shops: list[Shop]
    domains: dict[int, str]
    all_tasks: Figures
    groups: dict[Group, Figures]
    tasks: list[TaskRow]
    previous: str | None
    next: str | None
    is_first_page: bool
    quick_ranges: list[tuple[str, str]]
    now: datetime

    @property
    def has_many_shops(self) -> bool:
        return len(self.shops) > 1

    @property
    def summaries(self) -> list[tuple[str, Figures]]:
        """The groups every shop has, others that have had something to do, then all tasks."""
        shown = [group for group in Group if group in ALWAYS_SHOWN or self.groups[group].is_active]
        named = [(group.value.capitalize(), self.groups[group]) for group in shown]
        return [*named, ("All tasks", self.all_tasks)]

    @property
    def zone_name(self) -> str:
        """Whose midnight the day began at."""
        zones = {shop.timezone for shop in self.shops if self.filters.shop in ("", shop.domain)}
        return zones.pop().replace("_", " ") if len(zones) == 1 else "in each shop's time zone"

    @property
    def present_address(self) -> str:
        return replace(self.filters, as_of=None).address()

    def duration_of(self, task: TaskRow) -> float | None:
        """Of a running task: how long it has been running."""
        return elapsed_ms(task.started_at, self.now) if task.state is State.PROCESSING else task.duration_ms


async def board_view(
    connection: Any, reader: Reader, filters: Filters, *, cursor: str | None, now: datetime
) -> BoardView:
    shops = await visible_shops(connection, reader.shop_ids)
    shown = _shown(shops, filters)
    query = filters.query(_scope(reader, filters, shown))
    try:
        place = decode(cursor, query.mark) if cursor else None
        page = await list_page(connection, query, place, limit=PAGE_SIZE)
    except InvalidCursor as error:
        raise invalid("cursor", str(error)) from error
    is_everything = reader.shop_ids is None and not filters.shop
    figures = await tally(connection, counted(shown, is_everything=is_everything), now=now)
    return BoardView(
        filters=filters,
        shops=shops,
        domains={shop.id: shop.domain for shop in shops},
        all_tasks=figures.figures(),
        groups=figures.by_group(),
        tasks=page.tasks,
        previous=_address(page.previous, filters, query),
        next=_address(page.next, filters, query),
        is_first_page=place is None,
        quick_ranges=quick_ranges(filters, now),
        now=now,
    )


def _shown(shops: Sequence[Shop], filters: Filters) -> list[Shop]:
    shown = [shop for shop in shops if not filters.shop or shop.domain == filters.shop]
    if filters.shop and not shown:
        raise invalid("shop", f"There is no shop {filters.shop!r} that your token may see.")
    return shown


def _scope(reader: Reader, filters: Filters, shown: Sequence[Shop]) -> tuple[int, ...] | None:
    return tuple(shop.id for shop in shown) if filters.shop else reader.shop_ids


def _address(place: Place | None, filters: Filters, query: TaskQuery) -> str | None:
    return None if place is None else filters.address(encode(place, query.mark))
