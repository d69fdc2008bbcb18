"""What a task received, what it sent and what came back: the bytes as they were."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.db.queries import load_queries
from shared.exchange_facts import bare_facts, opened_facts
from shared.vault import DataKey, SealBroken, Vault

_payloads = load_queries(__file__, "payloads")
_shops = load_queries(__file__, "shops")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Position 0 of attempt 1 is the data the task received (`received`); others are calls it made.

    `is_erased`: bodies, headers and queries of addresses can not be opened any more: the key is gone.
    """

    attempt: int
    position: int
    meta: dict[str, Any]
    sent: bytes | None
    received: bytes | None
    is_erased: bool = False


async def payloads_of(connection: Any, vault: Vault, task_id: UUID, shop_id: int) -> list[Exchange]:
    records = [record async for record in _payloads.payloads_of(connection, task_id=task_id)]
    key = await _data_key(connection, vault, shop_id) if records else None
    return [_opened(record, key, task_id) for record in records]


async def find_payload(
    connection: Any, vault: Vault, task_id: UUID, *, shop_id: int, place: tuple[int, int]
) -> Exchange | None:
    """`place`: attempt and position."""
    attempt, position = place
    record = await _payloads.payload(connection, task_id=task_id, attempt=attempt, position=position)
    if record is None:
        return None
    return _opened(record, await _data_key(connection, vault, shop_id), task_id)


async def _data_key(connection: Any, vault: Vault, shop_id: int) -> DataKey | None:
    sealed = await _shops.data_key(connection, shop_id=shop_id)
    try:
        return vault.open_data_key(sealed) if sealed else None
    except SealBroken:
        return None


def _opened(record: Any, key: DataKey | None, task_id: UUID) -> Exchange:
    place = (record["attempt"], record["position"])
    try:
        meta = opened_facts(record["meta"], key, task_id)
        sent, received = _open(key, record["sent"], task_id), _open(key, record["received"], task_id)
        return Exchange(*place, meta, sent=sent, received=received)
    except SealBroken:
        return Exchange(*place, bare_facts(record["meta"]), sent=None, received=None, is_erased=True)


def _open(key: DataKey | None, sealed: bytes | None, task_id: UUID) -> bytes | None:
    if sealed is None:
        return None
    if key is None:
        raise SealBroken("the shop has no key")
    return key.open(sealed, task_id)
