"""Hours of the day that count, in a shop's time zone. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.alerts.hours import window_length

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DailyWindow:
    """Open each day from one time to another, which may be on the next day. The same time twice: always open.

    A time that comes twice because clocks are set back opens at the first and closes at the second. One that
    is left out when they are set forward comes as much later as it would have without (RFC 5545, 3.3.5).
    """

    opens: time
    closes: time
    zone: ZoneInfo

    @property
    def is_always_open(self) -> bool:
        return self.opens == self.closes

    @property
    def length(self) -> timedelta:
        """Of a day without a change of clocks."""
        return window_length(self.opens, self.closes)

    def is_open(self, at: datetime) -> bool:
        return any(opened <= at for opened, _ in self._open_between(at, at + timedelta(microseconds=1)))

    def counted(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time from `start` to `end` lay inside."""
        spans = self._open_between(start, end)
        return sum((closed - opened for opened, closed in spans), timedelta())

    def reached(self, start: datetime, amount: timedelta) -> datetime:
        """When as much time as that has been counted since `start`."""
        missing = amount
        for opened, closed in self._open_between(start, datetime.max.replace(tzinfo=UTC) - 3 * DAY):
            if closed - opened >= missing:
                return opened + missing
            missing -= closed - opened
        raise OverflowError("The window is not open for so long until the end of time")

    def _open_between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The parts of the time from `start` to `end` that count, in order, none twice."""
        if self.is_always_open:
            if start < end:
                yield start, end
            return
        day, told = start.astimezone(self.zone).date() - 2 * DAY, start
        while (opens := self._opening(day)) < end:
            opened, closed = max(opens, told), min(self._closing(day), end)
            if opened < closed:
                yield opened, closed
                told = closed
            day += DAY

    def _opening(self, day: date) -> datetime:
        return _moments(datetime.combine(day, self.opens), self.zone)[0]

    def _closing(self, day: date) -> datetime:
        last = day if self.closes > self.opens else day + DAY
        return max(_moments(datetime.combine(last, self.closes), self.zone))


def _moments(wall_time: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The two readings of what a clock shows; the first goes by the time before a change."""
    first, second = (wall_time.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second
