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


def test_stuck_tasks_make_room_even_without_a_backlog() -> None:
    assert _lane().crowds(FLOODING, waited_s=0, now=5)


def test_an_account_whose_tasks_get_done_is_not_stuck() -> None:
    lane = _lane(running=17)
    lane.end(FLOODING, now=4.5, held_s=4.5)
    assert not lane.crowds(FLOODING, waited_s=0, now=5)


def test_below_its_share_nobody_makes_room() -> None:
    assert not _lane(running=15).crowds(FLOODING, waited_s=100, now=100)


def test_alone_on_the_lane_an_account_may_have_it_all() -> None:
    assert not _lane(others=False).crowds(FLOODING, waited_s=100, now=100)
    assert not _lane().crowds(FLOODING, waited_s=100, now=100)


def _busy(accounts: dict[int, int], *, held_s: float) -> Fairness:
    """A lane where each of these accounts runs so many tasks and some of each took so long."""
    lane = Fairness(slots=64)
    for account, running in accounts.items():
        for _ in range(running + 8):
            lane.crowds(account, waited_s=0, now=0)
            lane.start(account, now=0)
        for _ in range(8):
            lane.end(account, now=held_s, held_s=held_s)
    return lane


def test_whose_tasks_hold_their_slots_long_leaves_the_last_share_free() -> None:
    others = {OTHER: 0, FLOODING: 47}
    assert not _busy(others, held_s=0.5).crowds(FLOODING, waited_s=0, now=1)
    lane = _busy(others | {FLOODING: 48}, held_s=0.5)
    assert lane.crowds(FLOODING, waited_s=0, now=1)
    assert not lane.crowds(OTHER, waited_s=0, now=1)


def test_whose_tasks_are_soon_over_may_have_all_slots() -> None:
    assert not _busy({OTHER: 0, FLOODING: 60}, held_s=0.02).crowds(FLOODING, waited_s=0, now=1)


def test_many_whose_tasks_hold_their_slots_long_have_equal_parts_of_them() -> None:
    lane = _busy({1: 30, 2: 10, 3: 8}, held_s=0.5)
    assert lane.crowds(1, waited_s=0, now=1)
    assert not lane.crowds(2, waited_s=0, now=1)
    assert not lane.crowds(4, waited_s=0, now=1)


def test_who_was_slow_once_is_forgiven() -> None:
    lane = _busy({OTHER: 0, FLOODING: 48}, held_s=0.5)
    for _ in range(20):
        lane.start(FLOODING, now=1)
        lane.end(FLOODING, now=1, held_s=0.01)
    assert not lane.crowds(FLOODING, waited_s=0, now=1)


def test_others_are_forgotten_after_a_minute_unless_something_of_theirs_runs() -> None:
    lane = _lane()
    assert lane.crowds(FLOODING, waited_s=3, now=60)
    assert not lane.crowds(FLOODING, waited_s=3, now=61)
    lane = _lane()
    lane.start(OTHER, now=0)
    assert lane.crowds(FLOODING, waited_s=3, now=100)
