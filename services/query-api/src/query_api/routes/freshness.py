"""How current an answer is: in its body and in a header."""

from datetime import datetime
from typing import Any

from starlette.responses import Response

from query_api.repository.freshness import log_state

HEADER = "As-Of"


async def answered_as_of(
    connection: Any, response: Response, asked: datetime | None = None
) -> datetime | None:
    """The moment the answer holds for; sets the header too. `asked`: a reader wants an earlier one."""
    known = (await log_state(connection)).as_of
    moment = min(asked, known) if asked and known else known
    if moment is not None:
        response.headers[HEADER] = moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return moment
