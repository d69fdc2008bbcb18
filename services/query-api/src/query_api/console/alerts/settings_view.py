"""What the page of a shop's alert settings shows."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from query_api.alert_outlook import Outlook
from query_api.console.alerts.settings_form import ADDRESSES, NEW, values_of, with_suggestion
from query_api.console.frame import Frame
from query_api.problems import not_found
from query_api.repository.alert_settings import ShopSettings, shop_settings
from query_api.repository.alerts import NotificationRow, tests_of
from query_api.repository.records import Shop
from query_api.routes.alert_evidence import shop_outlook
from query_api.schemas.alert_evidence import VerdictOut, WouldFireAnswer
from query_api.schemas.alert_fields import for_reader
from shared.alerts.order_history import read_order_history
from shared.alerts.settings import AlertSettings
from shared.alerts.suggestion import Suggestion, suggest
from shared.envelope import utc_now

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LEVELS = 5
_ORDER = (Outlook.FIRING, Outlook.PENDING, Outlook.CLEARING, Outlook.WELL)


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody entered: shown again, with what is wrong with it, or tried out."""

    values: Mapping[str, Any]
    faults: Mapping[str, str] = field(default_factory=dict)
    tried: AlertSettings | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of the week in a picture of all; `level` 0: nothing is known of it."""

    weekday: int
    hour: int
    level: int


@dataclass(frozen=True, slots=True)
class SettingsView:
    """`values`: what the form holds, `faults`: what is wrong with it. `is_suggested`: filled in from the
    suggestion."""

    shop: Shop
    found: ShopSettings
    values: Mapping[str, Any]
    faults: Mapping[str, str]
    outlook: WouldFireAnswer
    suggestion: Suggestion
    tests: Sequence[NotificationRow]
    is_suggested: bool
    is_tried: bool

    @property
    def verdicts(self) -> list[VerdictOut]:
        """What matters most first."""
        return sorted(self.outlook.verdicts, key=lambda one: _ORDER.index(one.outlook))

    @property
    def address_faults(self) -> list[str]:
        """Each with the address that is meant."""
        lines = str(self.values[ADDRESSES]).replace(",", "\n").split()
        return [
            f"{_named(lines, name.removeprefix(f'{ADDRESSES}.'))}{text}"
            for name, text in self.faults.items()
            if name.split(".")[0] == ADDRESSES
        ]

    @property
    def has_new_channel_faults(self) -> bool:
        return any(name.startswith(f"channels.{NEW}.") for name in self.faults)

    @property
    def cells(self) -> list[Cell]:
        """How many minutes with orders each hour of the week had, against the busiest."""
        known = {one.hour: one.minutes for one in self.suggestion.hours}
        most = max(known.values(), default=0)
        return [
            Cell(day, hour, _level(known.get((day, hour), 0), most)) for day in range(7) for hour in range(24)
        ]


async def settings_view(
    connection: Any, frame: Frame, domain: str, *, entered: Entered | None = None, is_suggested: bool = False
) -> SettingsView:
    """Wants a connection that looks at one moment. Raises 404 for a shop the visitor may not see."""
    shop = await shop_of(connection, frame, domain)
    found = await shop_settings(connection, frame.backend.vault, shop.id)
    history = await read_order_history(connection, shop.id, ZoneInfo(shop.timezone), utc_now())
    suggestion = await asyncio.to_thread(suggest, history)
    stored = values_of(for_reader(found.settings, frame.reader))
    fills_in = is_suggested and suggestion.silence_minutes is not None
    tried = entered.tried if entered else None
    return SettingsView(
        shop=shop,
        found=found,
        values=entered.values if entered else with_suggestion(stored, suggestion) if fills_in else stored,
        faults=entered.faults if entered else {},
        outlook=await shop_outlook(connection, shop, frame.reader, tried),
        suggestion=suggestion,
        tests=await tests_of(connection, shop.id) if frame.may_act else (),
        is_suggested=fills_in and entered is None,
        is_tried=tried is not None,
    )


async def shop_of(connection: Any, frame: Frame, domain: str) -> Shop:
    """Raises 404 alike for shops that do not exist and for those the visitor may not see."""
    shops = await frame.shops(connection)
    found = next((shop for shop in shops if shop.domain == domain), None)
    if found is None:
        raise not_found("There is no such shop that this token may see.")
    return found


def _level(minutes: int, most: int) -> int:
    return 1 + (LEVELS - 1) * (minutes - 1) // most if minutes else 0


def _named(lines: Sequence[str], place: str) -> str:
    return f"{lines[int(place)]} " if place.isdigit() and int(place) < len(lines) else ""
