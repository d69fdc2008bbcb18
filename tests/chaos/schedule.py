"""Which faults strike when: everything follows from the seed. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Generic, TypeVar

from devstack.services import SERVICES


class Kind(StrEnum):
    """What can be done to a system that runs."""

    KILL = "kill"
    STOP = "stop"
    TWIN = "twin"
    CLOCK = "clock"
    RESTART = "restart"
    CRASH = "crash"
    CUT = "cut"
    STUCK = "stuck"
    DISK_FULL = "disk-full"
    SLOW = "slow"
    REFUSING = "refusing"
    LYING = "lying"
    POISON = "poison"
    HUGE = "huge"
    QUEUE_DELETED = "queue-deleted"


@dataclass(frozen=True)
class Manner:
    """Whom a kind of fault strikes, how long it lasts, in seconds, and how often it comes beside others."""

    targets: Sequence[str]
    shortest_s: float = 0
    longest_s: float = 0
    weight: int = 1


@dataclass(frozen=True)
class Fault:
    """`target` suffers it from `at_s` after the beginning on for `lasts_s`; `number` tells faults apart."""

    number: int
    kind: Kind
    target: str
    at_s: float
    lasts_s: float


PROCESSES = tuple(service.name for service in SERVICES)
POSTGRES, RABBITMQ = "postgres", "rabbitmq"
SERVERS = (RABBITMQ, POSTGRES)
LANES = ("sync", "sync-bulk", "writeback")
DISKS = ("log", "inbox")
INGEST = "ingest"
EVERYTHING = "everything"
OTHERS = ("engage", "shopify")

MANNERS: Mapping[Kind, Manner] = {
    Kind.KILL: Manner(PROCESSES, weight=3),
    Kind.STOP: Manner(PROCESSES, 1, 45, weight=2),  # leases of tasks end after 30
    Kind.TWIN: Manner((*PROCESSES, EVERYTHING), 10, 60),
    Kind.CLOCK: Manner(PROCESSES, 10, 40),
    Kind.RESTART: Manner(SERVERS),
    Kind.CRASH: Manner(SERVERS),
    Kind.CUT: Manner(SERVERS),
    Kind.STUCK: Manner(SERVERS, 1, 30),
    Kind.DISK_FULL: Manner(DISKS, 2, 20),
    Kind.SLOW: Manner(OTHERS, 5, 30),
    Kind.REFUSING: Manner(OTHERS, 5, 20),
    Kind.LYING: Manner(OTHERS, 5, 30),
    Kind.POISON: Manner(LANES),
    Kind.HUGE: Manner((INGEST,)),
    Kind.QUEUE_DELETED: Manner(LANES),
}
OUTSIDE = frozenset({Kind.SLOW, Kind.REFUSING, Kind.LYING})  # nothing of ours is touched
CALM_S = 3.0
SHARE_OUTSIDE = 0.3
LONG_RUN_S = 240.0  # a shorter one is over before all is calm again
EVERY_S = 8.0
LONGEST_SHARE = 0.25
Card = TypeVar("Card")


class Deck(Generic[Card]):
    """Deals every card once before any comes again, in an order that the chances tell."""

    def __init__(self, cards: Sequence[Card], chances: Random) -> None:
        self._cards = cards
        self._chances = chances
        self._left: list[Card] = []

    def deal(self) -> Card:
        if not self._left:
            self._left = self._chances.sample(self._cards, len(self._cards))
        return self._left.pop()


def schedule_of(
    seed: str, length_s: float, kinds: Sequence[Kind] = tuple(Kind), *, every_s: float = EVERY_S
) -> list[Fault]:
    """Faults in the order they begin, about one `every_s`; nothing suffers two at once, and all are over
    before `length_s`. Towards the end of a long run only others are in trouble, so that one sees what that
    alone does.
    The same arguments give the same faults."""
    chances = Random(f"chaos:{seed}")
    all_kinds, outside = sorted(kinds), sorted(OUTSIDE.intersection(kinds))
    turn_s = length_s * (1 - SHARE_OUTSIDE) if outside and length_s >= LONG_RUN_S else length_s
    faults = list(_drawn(chances, (CALM_S, turn_s - CALM_S), all_kinds, every_s))
    if turn_s < length_s:
        faults += _drawn(chances, (turn_s, length_s - CALM_S), outside, every_s)
    ordered = sorted(faults, key=lambda fault: fault.at_s)
    return [replace(fault, number=number) for number, fault in enumerate(ordered, 1)]


def _drawn(
    chances: Random, span_s: tuple[float, float], kinds: Sequence[Kind], every_s: float
) -> Iterator[Fault]:
    deck = Deck([kind for kind in kinds for _ in range(MANNERS[kind].weight)], chances)
    targets = {kind: Deck(MANNERS[kind].targets, chances) for kind in kinds}
    free_at: dict[str, float] = {}
    at_s, end_s = span_s
    while at_s <= end_s:
        kind = deck.deal()
        target = targets[kind].deal()
        begins = max(at_s, free_at.get(target, 0.0))
        lasts_s = _lasting(MANNERS[kind], chances, end_s - span_s[0])
        if begins + lasts_s <= end_s:
            free_at[target] = begins + lasts_s + CALM_S
            yield Fault(0, kind, target, round(begins, 2), round(lasts_s, 2))
        at_s += chances.uniform(0.3, 1.7) * every_s


def _lasting(manner: Manner, chances: Random, length_s: float) -> float:
    longest = min(manner.longest_s, LONGEST_SHARE * length_s)
    return chances.uniform(min(manner.shortest_s, longest), longest)
