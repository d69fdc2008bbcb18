"""What is acked is what is over: no more, no less, and with few frames."""

from hypothesis import given
from hypothesis import strategies as st

from shared.acknowledging import Ack, Deliveries


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
