"""What shops want to be told of, and who is told."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from shared.alerts.channels import Channel, opened
from shared.alerts.notifications import Recipient
from shared.alerts.reading import settings_of
from shared.alerts.recipients import recipients
from shared.alerts.settings import AlertSettings
from shared.db.queries import load_queries
from shared.vault import SealBroken, Vault

_queries = load_queries(__file__, "alert_settings")


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """`address`: the shop's own, always told. `channels` None: none of the keys at hand opens `sealed`.
    `updated_at` None: nobody ever changed the defaults."""

    shop_id: int
    domain: str
    timezone: str
    address: str
    settings: AlertSettings
    channels: tuple[Channel, ...] | None = field(repr=False)
    sealed: bytes | None = field(repr=False)
    updated_at: datetime | None
    updated_by: str | None

    @property
    def recipients(self) -> list[Recipient]:
        """Everybody who is told, the shop's own address first."""
        return recipients([self.address, *self.settings.extra_addresses], self.channels or ())


async def shop_settings(connection: Any, vault: Vault, shop_id: int) -> ShopSettings:
    row = await _queries.alert_settings(connection, shop_id=shop_id)
    return ShopSettings(
        shop_id=row["id"],
        domain=row["domain"],
        timezone=row["timezone"],
        address=row["email"],
        settings=settings_of(row["id"], row["settings"]),
        channels=_opened(row["channels"], vault),
        sealed=row["channels"],
        updated_at=row["updated_at"],
        updated_by=row["updated_by"],
    )


async def hold_settings(connection: Any, vault: Vault, shop_id: int) -> ShopSettings:
    """Inside the caller's transaction: nobody else changes them until its end."""
    await _queries.lock_settings(connection, shop_id=shop_id)
    return await shop_settings(connection, vault, shop_id)


async def put_settings(
    connection: Any, shop_id: int, settings: AlertSettings, sealed: bytes | None, *, actor: str
) -> None:
    """`sealed`: the channels."""
    stored = settings.model_dump(mode="json")
    await _queries.put_settings(connection, shop_id=shop_id, settings=stored, channels=sealed, actor=actor)


def _opened(stored: bytes | None, vault: Vault) -> tuple[Channel, ...] | None:
    try:
        return opened(stored, vault)
    except (SealBroken, ValidationError):
        return None
