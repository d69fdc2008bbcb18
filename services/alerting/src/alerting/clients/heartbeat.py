"""The address that wants to hear that alerting lives."""

import httpx
import structlog

log = structlog.get_logger()

PATIENCE_S = 10


class Pulse:
    """The address may hold a secret, so it is never logged."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def give(self) -> bool:
        """Whether it was taken."""
        try:
            answer = await self._client.get(self._url, timeout=PATIENCE_S)
        except httpx.HTTPError as error:
            log.warning("heartbeat_lost", reason=type(error).__name__)
            return False
        return answer.is_success
