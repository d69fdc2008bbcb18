"""Which stretch of time, shop and group the page is about. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from shared.tasks import Group

RANGES: Mapping[str, tuple[str, timedelta]] = {
    "hour": ("Last hour", timedelta(hours=1)),
    "day": ("24 hours", timedelta(hours=24)),
    "week": ("7 days", timedelta(days=7)),
    "month": ("31 days", timedelta(days=31)),
    "year": ("A year", timedelta(days=365)),
}
USUAL = "day"
STEPS = {"hour": "minute", "day": "hour", "week": "hour", "month": "day", "year": "day"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Empty: all of them."""

    range: str
    group: str = ""
    shop: str = ""

    @property
    def step(self) -> str:
        return STEPS[self.range]

    def since(self, now: datetime) -> datetime:
        return now - RANGES[self.range][1]

    def address(self, **changes: str) -> str:
        values = {"range": self.range, "group": self.group, "shop": self.shop} | changes
        chosen = {
            name: value for name, value in values.items() if value and (name, value) != ("range", USUAL)
        }
        return "/statistics?" + urlencode(chosen) if chosen else "/statistics"


def choice_of(range_: str, group: str, shop: str) -> Choice:
    """What is not known is not chosen."""
    return Choice(
        range_ if range_ in RANGES else USUAL, group if group in [one.value for one in Group] else "", shop
    )
