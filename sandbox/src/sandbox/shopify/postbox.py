"""Where the merchant's, the buyers' and the apps' deeds become webhooks, next to the story's own."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sandbox.sending.courier import Courier
from sandbox.shopify.stamper import Stamper
from sandbox.shopify.telling import Happening


class Postbox:
    """Stamps what is posted and sees to it that the courier takes it; only what somebody wants is sent."""

    def __init__(self, stamper: Stamper, courier: Courier, wants: Callable[[str], bool]) -> None:
        self._stamper = stamper
        self._courier = courier
        self._wants = wants
        self._handing_over: set[asyncio.Task[None]] = set()

    def post(self, happenings: Sequence[Happening]) -> list[str]:
        """Send all of them as of one cause; returns the webhook ids."""
        wanted = [happening for happening in happenings if self._wants(happening.topic)]
        deliveries = self._stamper.deliveries(wanted, datetime.now(UTC))
        for delivery in deliveries:
            task = asyncio.get_running_loop().create_task(self._courier.hand_over(delivery))
            self._handing_over.add(task)
            task.add_done_callback(self._handing_over.discard)
        return [delivery.webhook_id for delivery in deliveries]
