"""What is acked is what is over: no more, no less, and with few frames."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import acknowledging
from shared.acknowledging import Ack, Acknowledger, Deliveries


def test_what_ended_together_is_acked_at_once() -> None:
    deliveries = _delivered(4)
    assert list(deliveries.end({1, 2, 3})) == [Ack(3, is_multiple=True)]
    assert list(deliveries.end({4})) == [Ack(4, is_multiple=True)]


def test_what_still_runs_is_not_acked_along() -> None:
    deliveries = _delivered(4)
    assert list(deliveries.end({1, 3, 4})) == [
        Ack(1, is_multiple=True),
        Ack(3, is_multiple=False),
        Ack(4, is_multiple=False),
    ]
    assert list(deliveries.end({2})) == [Ack(2, is_multiple=True)]


def test_a_delivery_that_was_not_noted_yet_is_not_acked_by_a_later_one() -> None:
    deliveries = Deliveries()
    deliveries.note(2)
    assert list(deliveries.end({2})) == [Ack(2, is_multiple=False)]
    deliveries.note(1)
    assert list(deliveries.end({1})) == [Ack(1, is_multiple=True)]


@given(st.data())
def test_the_broker_forgets_exactly_what_is_over(data: st.DataObject) -> None:
    """As RabbitMQ does it: an ack for a delivery it does not know would close the channel."""
    deliveries, known = Deliveries(), set[int]()
    for tag in range(1, 13):
        deliveries.note(tag)
        known.add(tag)
        ended = data.draw(st.sets(st.sampled_from(sorted(known))))
        running = known - ended
        for ack in deliveries.end(ended):
            assert ack.tag in known
            known -= {one for one in known if one <= ack.tag} if ack.is_multiple else {ack.tag}
        assert known == running


def _delivered(count: int) -> Deliveries:
    deliveries = Deliveries()
    for tag in range(1, count + 1):
        deliveries.note(tag)
    return deliveries


@dataclass(eq=False)
class Line:
    """A channel: what it was told, and what it says to that."""

    acked: list[Ack] = field(default_factory=list)
    is_closed: bool = False
    is_stuck: bool = False
    fails: BaseException | None = None

    async def basic_ack(self, tag: int, *, multiple: bool, wait: bool) -> None:
        if self.fails:
            raise self.fails
        if self.is_stuck and wait:
            await asyncio.Event().wait()
        self.acked.append(Ack(tag, multiple))


@dataclass(eq=False)
class Delivered:
    channel: Any
    delivery_tag: int | None


async def test_what_came_by_a_channel_is_acked_by_it_whatever_others_there_are() -> None:
    acks, old, new = Acknowledger(), Line(), Line()
    deliveries = [Delivered(channel, tag) for channel, tag in ((old, 1), (new, 1), (old, 2), (new, 2))]
    for one in deliveries:
        acks.note(one)
    await asyncio.gather(*map(acks.ack, deliveries))
    assert old.acked[-1].tag == new.acked[-1].tag == 2
    assert len(old.acked) == len(new.acked) <= 2


@pytest.mark.parametrize("fault", [ConnectionError("cut"), asyncio.CancelledError()])
async def test_a_channel_that_closes_keeps_nobody_waiting_and_no_other_from_its_acks(
    fault: BaseException,
) -> None:
    acks, old, new = Acknowledger(), Line(fails=fault), Line()
    deliveries = [Delivered(channel, 1) for channel in (old, new)]
    for one in deliveries:
        acks.note(one)
    async with asyncio.timeout(5):
        await asyncio.gather(*map(acks.ack, deliveries))
    assert new.acked == [Ack(1, is_multiple=True)]


async def test_a_channel_that_takes_no_more_keeps_no_other_from_its_acks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(acknowledging, "PATIENCE_S", 0.05)
    acks, old, new = Acknowledger(), Line(is_stuck=True), Line()
    deliveries = [Delivered(channel, tag) for channel in (old, new) for tag in (1, 2)]
    for one in deliveries:
        acks.note(one)
    async with asyncio.timeout(5):
        await asyncio.gather(*map(acks.ack, deliveries))
    assert new.acked[-1] == Ack(2, is_multiple=True)


async def test_a_closed_channel_is_told_nothing() -> None:
    acks, old, new = Acknowledger(), Line(), Line()
    late = Delivered(old, 1)
    acks.note(late)
    old.is_closed = True
    acks.note(Delivered(new, 1))
    await acks.ack(late)
    assert (old.acked, new.acked) == ([], [])
