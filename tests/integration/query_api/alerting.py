"""Alerts as alerting leaves them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from query_api.repository.alerts import AlertRow
from shared.envelope import utc_now
from shared.identity import new_task_id
from tests.integration.query_api.world import World, task_id_at

FACTS = {
    "numbers": {"failed": 12, "ended": 40},
    "examples": [
        {
            "task_id": "019aa5a0-0000-7000-8000-000000000001",
            "type": "SyncOrder",
            "message": "The CRM answered 422",
            "order_number": "#1042",
        }
    ],
    "remedy": "Correct the mapping.",
    "link": {"state": "failed"},
}


async def add_alert(
    world: World, shop_id: int | None, *, noticed_at: datetime | None = None, **columns: Any
) -> str:
    """A firing alert; other columns as given."""
    moment = noticed_at or utc_now()
    row = {
        "id": task_id_at(moment),
        "shop_id": shop_id,
        "rule": "error-rate",
        "subject": str(new_task_id()),
        "state": "firing",
        "severity": "critical",
        "title": "30 % of order tasks failed",
        "explanation": "12 of 40 tasks failed in the last hour.",
        "facts": FACTS,
        "began_at": moment,
        "fired_at": moment,
        "seen_at": moment,
    } | columns
    assert set(row) <= set(AlertRow.__dataclass_fields__)
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    statement = f"INSERT INTO alerts.alerts ({', '.join(row)}) VALUES ({places}) RETURNING id"
    found: UUID = await world.pool.fetchval(statement, *row.values())
    return str(found)


async def add_notification(
    world: World, shop_id: int | None, alert_id: str, event: str, **columns: Any
) -> UUID:
    """To the shop's owner, queued and sent."""
    row = {
        "id": new_task_id(),
        "shop_id": shop_id,
        "kind": "news",
        "channel": "mail",
        "recipient": "owner@one.example",
        "alerts": [{"id": alert_id, "event": event}],
        "published_at": utc_now(),
        "sent_at": utc_now(),
    } | columns
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    statement = f"INSERT INTO alerts.notifications ({', '.join(row)}) VALUES ({places}) RETURNING id"
    found: UUID = await world.pool.fetchval(statement, *row.values())
    return found
