"""What shops want to be told of, and who is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.alerts.reading import settings_of
from shared.alerts.settings import AlertSettings
from shared.db.queries import load_queries

_queries = load_queries(__file__, "alert_settings")


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """`address`: the shop's own, always told. `updated_at` None: nobody ever changed the defaults."""

    shop_id: int
    domain: str
    timezone: str
    address: str
    settings: AlertSettings
    updated_at: datetime | None
    updated_by: str | None


async def shop_settings(connection: Any, shop_id: int) -> ShopSettings:
    row = await _queries.alert_settings(connection, shop_id=shop_id)
    return ShopSettings(
        shop_id=row["id"],
        domain=row["domain"],
        timezone=row["timezone"],
        address=row["email"],
        settings=settings_of(row["id"], row["settings"]),
        updated_at=row["updated_at"],
        updated_by=row["updated_by"],
    )


async def hold_settings(connection: Any, shop_id: int) -> ShopSettings:
    """Inside the caller's transaction: nobody else changes them until its end."""
    await _queries.lock_settings(connection, shop_id=shop_id)
    return await shop_settings(connection, shop_id)


async def put_settings(connection: Any, shop_id: int, settings: AlertSettings, *, actor: str) -> None:
    stored = settings.model_dump(mode="json")
    await _queries.put_settings(connection, shop_id=shop_id, settings=stored, channels=None, actor=actor)
