"""`NotifyAlert`: one recipient is told."""

from uuid import UUID

import orjson

from alerting.telling import Teller
from shared.errors import Rejected
from shared.handling import Outcome, Run


async def notify(teller: Teller, run: Run) -> Outcome:
    """What is sent and that it was sent belong together: the row is held while it is sent."""
    try:
        notification_id = UUID(orjson.loads(run.payload.body)["notification"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise Rejected("The task does not name a notification", kind="validation") from None
    return Outcome(note=await teller.tell(await run.begin(), notification_id))
