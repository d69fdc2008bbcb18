"""The shop as a pure, seeded stream of webhook deliveries: no clock, no network.

The same arguments give the same deliveries, byte for byte.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from sandbox.shopify.delivery import Delivery, HeaderStyle, Sender, Stamp, wire_headers
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.story import Story
from sandbox.shopify.telling import Happening

LIVE_TOPICS = frozenset(
    {"customers/create", "customers/update"}
    | {"orders/create", "orders/updated", "orders/paid", "orders/cancelled"}
    | {"orders/fulfilled", "orders/partially_fulfilled"}
)
ALL_TOPICS = LIVE_TOPICS | {"customers/delete", "fulfillments/create", "refunds/create"}
_STYLES = (*[HeaderStyle.CLASSIC] * 6, *[HeaderStyle.LOWER] * 3, HeaderStyle.EVENTS)
_MANY_ACTIONS = 5_000
Item = TypeVar("Item")


@dataclass(frozen=True)
class Parcel:
    """A delivery to send; a copy repeats one that is sent as well."""

    delivery: Delivery
    is_copy: bool = False


class Shop:
    """A shop with customers and orders that change.

    The seed tells the story; `epoch` makes its identifiers new, so that a story told twice is not taken for a
    repetition. `topics` are what the receiver has subscribed to.
    """

    def __init__(
        self, sender: Sender, *, seed: str, epoch: str = "", topics: Iterable[str] = LIVE_TOPICS
    ) -> None:
        self.topics = frozenset(topics)
        self._sender = sender
        self._numbers = Numbers(f"{seed}:{epoch}")
        self._styles = Random(f"styles:{seed}")
        self._untaken: list[Delivery] = []
        self._story = Story(seed=seed, numbers=self._numbers, shop_domain=sender.shop_domain)

    def act(self, now: datetime) -> list[Delivery]:
        """Let one thing happen and return the deliveries it causes; none when nobody subscribed to them."""
        happenings = self._story.happen(now.replace(microsecond=0))
        event_id = self._numbers.uuid()
        wanted = [happening for happening in happenings if happening.topic in self.topics]
        return [self._deliver(happening, event_id, now) for happening in wanted]

    def take(self, count: int, *, start: datetime, step: timedelta) -> list[Delivery]:
        """Exactly `count` deliveries of a shop in which something happens every `step`.

        What the last action caused beyond that comes first the next time.
        """
        now = start
        while len(self._untaken) < count:
            self._untaken += self.act(now)
            now += step
        taken, self._untaken = self._untaken[:count], self._untaken[count:]
        return taken

    def example(self, topic: str, now: datetime) -> Delivery | None:
        """The next delivery of this topic, or None when this shop never tells it."""
        for _ in range(_MANY_ACTIONS if topic in self.topics else 0):
            found = next((delivery for delivery in self.act(now) if delivery.topic == topic), None)
            if found is not None:
                return found
        return None

    def _deliver(self, happening: Happening, event_id: str, now: datetime) -> Delivery:
        stamp = Stamp(happening.topic, self._numbers.uuid(), event_id, now)
        style = self._styles.choice(_STYLES)
        headers = wire_headers(self._sender, happening.body, stamp=stamp, style=style)
        return Delivery(stamp, happening.resource, headers, happening.body)


def disorder(
    deliveries: list[Delivery], rng: Random, *, duplicates: float, reordering: float
) -> list[Parcel]:
    """The deliveries as the network brings them: a share twice, a share after a newer state."""
    places = [float(index) for index in range(len(deliveries))]
    for index, newer in _sample(sorted(_overtaken(deliveries).items()), rng, reordering * len(deliveries)):
        places[index] = newer + rng.uniform(0.1, 0.9)
    placed = [(place, Parcel(delivery)) for place, delivery in zip(places, deliveries, strict=True)]
    for place, parcel in _sample(placed, rng, duplicates * len(deliveries)):
        placed.append((place + rng.uniform(0.1, 25), Parcel(parcel.delivery, is_copy=True)))
    return [parcel for _, parcel in sorted(placed, key=lambda pair: pair[0])]


def _overtaken(deliveries: list[Delivery]) -> dict[int, int]:
    """For each delivery that has a newer state of the same resource behind it: the place of that."""
    newer: dict[int, int] = {}
    latest: dict[tuple[str, int], int] = {}
    for index in reversed(range(len(deliveries))):
        resource = deliveries[index].resource
        behind = latest.get(resource.key)
        if behind is not None and deliveries[behind].resource.updated_at > resource.updated_at:
            newer[index] = behind
        latest.setdefault(resource.key, index)
    return newer


def _sample(items: list[Item], rng: Random, wanted: float) -> list[Item]:
    return rng.sample(items, min(len(items), round(wanted)))
