"""Who has to make room on a lane, and who never has to."""

from shared.fairness import Fairness, Party
from shared.tasks import Side

FLOODING, OTHER = Party(1, 1), Party(2, 2)
LOCAL = Party(1, calls_nobody=True)


def _lane(*, running: int = 16, others: bool = True, party: Party = FLOODING) -> Fairness:
    lane = Fairness(slots=64)
    if others:
        lane.way_for(OTHER, waited_s=0, now=0)
    for _ in range(running):
        lane.start(party, now=0)
    return lane


def test_a_flood_makes_room_once_the_lane_is_late() -> None:
    lane = _lane()
    assert lane.way_for(FLOODING, waited_s=0.5, now=1) is None
    assert lane.way_for(FLOODING, waited_s=3, now=1) is Side.OVERFLOW
    assert lane.way_for(OTHER, waited_s=3, now=1) is None


def test_stuck_tasks_make_room_even_without_a_backlog() -> None:
    assert _lane().way_for(FLOODING, waited_s=0, now=5) is Side.SLOW


def test_an_account_whose_tasks_get_done_is_not_stuck() -> None:
    lane = _lane(running=17)
    lane.end(FLOODING, now=4.5, held_s=4.5)
    assert lane.way_for(FLOODING, waited_s=0, now=5) is None


def test_below_its_share_nobody_makes_room() -> None:
    assert _lane(running=15).way_for(FLOODING, waited_s=100, now=100) is None


def test_alone_on_the_lane_an_account_may_have_it_all() -> None:
    assert _lane(others=False).way_for(FLOODING, waited_s=100, now=100) is None
    assert _lane().way_for(FLOODING, waited_s=100, now=100) is None


def _busy(parties: dict[Party, int], *, held_s: float) -> Fairness:
    """A lane where each of these runs so many tasks and some of each took so long."""
    lane = Fairness(slots=64)
    for party, running in parties.items():
        for _ in range(running + 8):
            lane.way_for(party, waited_s=0, now=0)
            lane.start(party, now=0)
        for _ in range(8):
            lane.end(party, now=held_s, held_s=held_s)
    return lane


def test_whose_tasks_hold_their_slots_long_leaves_the_last_share_free() -> None:
    others = {OTHER: 0, FLOODING: 47}
    assert _busy(others, held_s=0.5).way_for(FLOODING, waited_s=0, now=1) is None
    lane = _busy(others | {FLOODING: 48}, held_s=0.5)
    assert lane.way_for(FLOODING, waited_s=0, now=1) is Side.SLOW
    assert lane.way_for(OTHER, waited_s=0, now=1) is None


def test_whose_tasks_are_soon_over_may_have_all_slots() -> None:
    assert _busy({OTHER: 0, FLOODING: 60}, held_s=0.02).way_for(FLOODING, waited_s=0, now=1) is None


def test_many_whose_tasks_hold_their_slots_long_have_equal_parts_of_them() -> None:
    first, second, third, fourth = (Party(1, account) for account in range(4))
    lane = _busy({first: 30, second: 10, third: 8}, held_s=0.5)
    assert lane.way_for(first, waited_s=0, now=1) is Side.SLOW
    assert lane.way_for(second, waited_s=0, now=1) is None
    assert lane.way_for(fourth, waited_s=0, now=1) is None


def test_who_was_slow_once_is_forgiven() -> None:
    lane = _busy({OTHER: 0, FLOODING: 48}, held_s=0.5)
    for _ in range(20):
        lane.start(FLOODING, now=1)
        lane.end(FLOODING, now=1, held_s=0.01)
    assert lane.way_for(FLOODING, waited_s=0, now=1) is None


def test_what_calls_nobody_is_never_slow_however_long_our_own_servers_stood_still() -> None:
    assert _busy({OTHER: 0, LOCAL: 48}, held_s=1.5).way_for(LOCAL, waited_s=0, now=2) is None
    assert _busy({OTHER: 0, LOCAL: 48}, held_s=1.5).way_for(LOCAL, waited_s=3, now=2) is Side.OVERFLOW
    assert _lane(party=LOCAL).way_for(LOCAL, waited_s=0, now=5) is Side.OVERFLOW


def test_others_are_forgotten_after_a_minute_unless_something_of_theirs_runs() -> None:
    lane = _lane()
    assert lane.way_for(FLOODING, waited_s=3, now=60)
    assert not lane.way_for(FLOODING, waited_s=3, now=61)
    lane = _lane()
    lane.start(OTHER, now=0)
    assert lane.way_for(FLOODING, waited_s=3, now=100)
