"""Who has to make room on a lane, and who never has to."""

from shared.fairness import Fairness

FLOODING, OTHER = 1, 2


def _lane(*, running: int = 16, others: bool = True) -> Fairness:
    lane = Fairness(slots=64)
    if others:
        lane.crowds(OTHER, waited_s=0, now=0)
    for _ in range(running):
        lane.start(FLOODING, now=0)
    return lane


def test_a_flood_makes_room_once_the_lane_is_late() -> None:
    lane = _lane()
    assert not lane.crowds(FLOODING, waited_s=0.5, now=1)
    assert lane.crowds(FLOODING, waited_s=3, now=1)
    assert not lane.crowds(OTHER, waited_s=3, now=1)


def test_slow_tasks_make_room_even_without_a_backlog() -> None:
    assert _lane().crowds(FLOODING, waited_s=0, now=5)


def test_an_account_whose_tasks_get_done_is_not_slow() -> None:
    lane = _lane(running=17)
    lane.end(FLOODING, now=4.5)
    assert not lane.crowds(FLOODING, waited_s=0, now=5)


def test_below_its_share_nobody_makes_room() -> None:
    assert not _lane(running=15).crowds(FLOODING, waited_s=100, now=100)


def test_alone_on_the_lane_an_account_may_have_it_all() -> None:
    assert not _lane(others=False).crowds(FLOODING, waited_s=100, now=100)
    assert not _lane().crowds(FLOODING, waited_s=100, now=100)
