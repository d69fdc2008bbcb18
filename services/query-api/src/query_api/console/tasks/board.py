"""What the first page shows: counters, summaries and a page of the task list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from query_api.console.formatting import elapsed_ms
from query_api.console.frame import Frame
from query_api.console.tasks.account_choice import AccountChoice, account_choice
from query_api.console.tasks.columns import USUAL, Column, shown_columns
from query_api.console.tasks.filters import Filters, quick_ranges
from query_api.console.tasks.pulse import Pulse, pulse_of
from query_api.console.tasks.travelling import Travel, travel_of
from query_api.places import Place, encode
from query_api.repository.counters import counted
from query_api.repository.counting import Count, count_tasks
from query_api.repository.records import Names, Shop, TaskRow
from query_api.repository.saved_views import SavedView, views_of
from query_api.repository.shops import names_for
from query_api.routes.board import tally_of
from query_api.routes.parameters import filter_query, task_query
from query_api.routes.tasks import chosen, page_of
from query_api.statistics import Figures
from query_api.task_query import TaskQuery
from shared.envelope import State
from shared.tasks import Group

PAGE_SIZE = 50
BACKLOG = 100
SUMMARIES = (Group.CONTACT_SYNC, Group.ORDER_SYNC)


@dataclass(frozen=True, slots=True)
class Summary:
    """`pulse`: how many ended in each of the 24 hours before now, or then."""

    name: str
    figures: Figures
    address: str
    pulse: list[int]


@dataclass(frozen=True, slots=True)
class BoardView:
    """Addresses are None where there is no such page."""

    filters: Filters
    shops: list[Shop]
    names: Names
    all_tasks: Figures
    groups: Mapping[Group, Figures]
    pulse: Pulse
    tasks: list[TaskRow]
    count: Count
    columns: tuple[Column, ...]
    previous: str | None
    next: str | None
    is_first_page: bool
    quick_ranges: list[tuple[str, str]]
    views: list[SavedView]
    travel: Travel
    accounts: AccountChoice
    now: datetime

    @property
    def has_many_shops(self) -> bool:
        return len(self.shops) > 1

    @property
    def summaries(self) -> list[Summary]:
        of_groups = [
            Summary(
                group.value.capitalize(),
                self.groups[group],
                self.filters.only("group", group.value),
                self.pulse.of(group),
            )
            for group in SUMMARIES
        ]
        return [*of_groups, Summary("All tasks", self.all_tasks, self.filters.cleared, self.pulse.all)]

    @property
    def has_backlog(self) -> bool:
        return self.all_tasks.queued >= BACKLOG

    @property
    def zone_name(self) -> str:
        """Whose midnight the day began at."""
        zones = {shop.timezone for shop in self.shops}
        return zones.pop().replace("_", " ") if len(zones) == 1 else "in each shop's time zone"

    @property
    def account_names(self) -> dict[str, str]:
        """Of those to choose from and of the tasks shown, by their ids."""
        return {str(one): str(name) for one, name in self.names.accounts.items()} | self.accounts.names

    def shows(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)

    def duration_of(self, task: TaskRow) -> float | None:
        """Of a running task: how long it has been running."""
        return elapsed_ms(task.started_at, self.now) if task.state is State.PROCESSING else task.duration_ms

    def account_of(self, task: TaskRow) -> str | None:
        name = self.names.accounts.get(task.account_id or 0)
        return str(name) if name else None


async def board_view(connection: Any, frame: Frame, filters: Filters, *, now: datetime) -> BoardView:
    """The counters are of all tasks the visitor may see, whatever the list is narrowed to; as of the same
    moment."""
    shop_ids = await chosen(connection, filters.asked, frame.reader)
    query = task_query(filters.asked, shop_ids, now)
    cursor = frame.parameter("cursor") or None
    page = await page_of(connection, query, cursor, limit=PAGE_SIZE)
    shops = await frame.shops(connection)
    is_everything = frame.reader.shop_ids is None
    everyone = counted(shops, is_everything=is_everything)
    figures = await tally_of(connection, everyone, frame.backend, as_of=query.as_of)
    return BoardView(
        filters=filters,
        shops=shops,
        names=await names_for(connection, page.tasks),
        all_tasks=figures.figures(),
        groups=figures.by_group(),
        pulse=await pulse_of(frame, now, query.as_of),
        tasks=page.tasks,
        count=await count_tasks(connection, filter_query(filters.asked, shop_ids, now)),
        columns=_columns(frame, shops),
        previous=_address(page.previous, filters, query),
        next=_address(page.next, filters, query),
        is_first_page=cursor is None,
        quick_ranges=quick_ranges(filters, now),
        views=await views_of(connection, frame.reader.token_id),
        travel=travel_of(filters, frame.parameter("reach"), now),
        accounts=await account_choice(connection, shops, filters),
        now=now,
    )


def _columns(frame: Frame, shops: Sequence[Shop]) -> tuple[Column, ...]:
    usual = (*USUAL, "shop") if len(shops) > 1 else USUAL
    return shown_columns(frame.columns("tasks", usual))


def _address(place: Place | None, filters: Filters, query: TaskQuery) -> str | None:
    return None if place is None else filters.address(encode(place, query.mark))
