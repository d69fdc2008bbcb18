"""How many tasks ended in each of 24 hours, for the board's small charts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from query_api.console.frame import Frame
from query_api.figures.spans import BEGINNING
from query_api.routes.figure_parameters import SeriesParameters
from query_api.routes.series import get_series
from shared.tasks import Group

_REACH = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Pulse:
    groups: Mapping[str, list[int]]

    def of(self, group: Group) -> list[int]:
        return self.groups.get(group.value, [])

    @property
    def all(self) -> list[int]:
        return [sum(hour) for hour in zip(*self.groups.values(), strict=True)]


async def pulse_of(frame: Frame, now: datetime, as_of: datetime | None) -> Pulse:
    end = now if as_of is None else as_of
    if end - BEGINNING <= _REACH:
        return Pulse({})
    asked = SeriesParameters(start=end - _REACH, step="hour", by="group", as_of=as_of)
    answer = await get_series(asked, frame.reader, frame.backend, Response())
    return Pulse(
        {one.of.name: [point.succeeded + point.failed for point in one.points] for one in answer.series}
    )
