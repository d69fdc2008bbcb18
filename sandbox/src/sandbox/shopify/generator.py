"""The shop as a pure, seeded stream of webhook deliveries: no clock, no network.

The same arguments give the same deliveries, byte for byte.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from sandbox.shopify.delivery import Delivery, Sender
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.records import Records, new_records
from sandbox.shopify.stamper import Stamper
from sandbox.shopify.story import Story
from sandbox.shopify.topics import LIVE_TOPICS

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
    repetition. `topics` are those to tell; `records` is where all that happens is kept.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        seed: str,
        epoch: str = "",
        topics: Iterable[str] = LIVE_TOPICS,
        records: Records | None = None,
    ) -> None:
        self.topics = frozenset(topics)
        numbers = Numbers(f"{seed}:{epoch}")
        self._stamper = Stamper(sender, numbers, seed=seed)
        self._untaken: list[Delivery] = []
        self._story = Story(seed=seed, numbers=numbers, records=records or new_records(sender.shop_domain))

    def act(self, now: datetime) -> list[Delivery]:
        """Let one thing happen and return the deliveries it causes; none when nobody subscribed to them."""
        happenings = self._story.happen(now.replace(microsecond=0))
        return self._stamper.deliveries([h for h in happenings if h.topic in self.topics], now)

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
