"""The keys that seal the bodies of each shop, kept for a minute: a shop that is erased gets another one."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from shared.db.queries import load_queries
from shared.vault import DataKey, SealBroken, Vault

log = structlog.get_logger()

KEPT_S = 60

_queries = load_queries(__file__, "shop_keys")


class ShopKeys:
    def __init__(self, vault: Vault, *, kept_s: float = KEPT_S) -> None:
        self._vault = vault
        self._kept_s = kept_s
        self._keys: dict[int, DataKey] = {}
        self._loaded_at: dict[int, float] = {}

    async def of(self, shop_ids: Iterable[int], connection: Any) -> Mapping[int, DataKey]:
        """The keys of those shops that have a usable one."""
        oldest = time.monotonic() - self._kept_s
        wanted = [shop_id for shop_id in shop_ids if self._loaded_at.get(shop_id, oldest) <= oldest]
        if wanted:
            await self._load(wanted, connection)
        return self._keys

    async def _load(self, shop_ids: list[int], connection: Any) -> None:
        found = {
            row["id"]: row["data_key"] async for row in _queries.data_keys(connection, shop_ids=shop_ids)
        }
        for shop_id in shop_ids:
            self._loaded_at[shop_id] = time.monotonic()
            self._keep(shop_id, self._open(shop_id, found.get(shop_id)))

    def _keep(self, shop_id: int, key: DataKey | None) -> None:
        if key is None:
            self._keys.pop(shop_id, None)
        else:
            self._keys[shop_id] = key

    def _open(self, shop_id: int, sealed: bytes | None) -> DataKey | None:
        if sealed is None:
            log.error("shop_unknown", shop_id=shop_id)
            return None
        try:
            return self._vault.open_data_key(sealed)
        except (SealBroken, ValueError):
            log.exception("shop_key_unusable", shop_id=shop_id)
            return None
