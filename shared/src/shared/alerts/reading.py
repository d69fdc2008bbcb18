"""Reads the facts of all shops, or of some, with a handful of queries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.alerts.facts import PlatformFacts, ShopFacts
from shared.alerts.settings import AlertSettings


async def read_settings(connection: Any, shop_ids: Sequence[int] | None = None) -> dict[int, AlertSettings]:
    """The settings of shops in use, by shop; the defaults where a shop has none. `shop_ids` None: all."""
    raise NotImplementedError


async def read_shops(
    connection: Any, settings: Mapping[int, AlertSettings], now: datetime
) -> dict[int, ShopFacts]:
    """The facts of these shops as their settings want them: how far back they reach depends on them."""
    raise NotImplementedError


async def read_platform(connection: Any, now: datetime) -> PlatformFacts:
    """What concerns no shop in particular."""
    raise NotImplementedError
