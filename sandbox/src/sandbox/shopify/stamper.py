"""From what happened to deliveries: identifiers, signature, and one of the documented spellings."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from sandbox.shopify.delivery import Delivery, HeaderStyle, Sender, Stamp, wire_headers
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.telling import Happening

_STYLES = (*[HeaderStyle.CLASSIC] * 6, *[HeaderStyle.LOWER] * 3, HeaderStyle.EVENTS)


class Stamper:
    """Seeded, as the identifiers it draws are."""

    def __init__(self, sender: Sender, numbers: Numbers, *, seed: str) -> None:
        self._sender = sender
        self._numbers = numbers
        self._styles = Random(f"styles:{seed}")

    def deliveries(self, happenings: Sequence[Happening], now: datetime) -> list[Delivery]:
        """One delivery for each; all of one call share their event id, as they have one cause."""
        event_id = self._numbers.uuid()
        return [self._delivery(happening, event_id, now) for happening in happenings]

    def _delivery(self, happening: Happening, event_id: str, now: datetime) -> Delivery:
        stamp = Stamp(happening.topic, self._numbers.uuid(), event_id, now)
        style = self._styles.choice(_STYLES)
        headers = wire_headers(self._sender, happening.body, stamp=stamp, style=style)
        return Delivery(stamp, happening.resource, headers, happening.body)
