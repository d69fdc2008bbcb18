"""How far the readings of an account have come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db.queries import load_queries
from shared.tasks import TaskType

_queries = load_queries(__file__, "readings")


@dataclass(frozen=True, slots=True)
class Place:
    """Which reading: one type of one account."""

    shop_id: int
    account_id: int
    type: TaskType

    @property
    def columns(self) -> dict[str, Any]:
        return {"shop_id": self.shop_id, "account_id": self.account_id, "type": self.type.value}


async def state(connection: Any, place: Place) -> tuple[dict[str, Any] | None, datetime]:
    """The cursor, None for the first reading, and since when the account is connected."""
    row = await _queries.reading(connection, **place.columns)
    return row["cursor"], row["connected_at"]


async def move(connection: Any, place: Place, *, cursor: dict[str, Any], was: dict[str, Any] | None) -> bool:
    """False: another reading of the same has moved it meanwhile."""
    return await _queries.move_reading(connection, **place.columns, cursor=cursor, was=was) is not None
