"""What strikes when follows from the seed alone."""

from collections import defaultdict
from itertools import pairwise

from tests.chaos.injecting import INJECTIONS
from tests.chaos.schedule import MANNERS, OUTSIDE, PROCESSES, Fault, Kind, schedule_of

LONG_S = 1_200.0


def test_the_same_seed_gives_the_same_faults_and_another_seed_others() -> None:
    assert schedule_of("a", LONG_S) == schedule_of("a", LONG_S)
    assert schedule_of("a", LONG_S) != schedule_of("b", LONG_S)


def test_every_kind_has_its_manner_and_somebody_who_does_it() -> None:
    assert set(Kind) == MANNERS.keys() == INJECTIONS.keys()


def test_a_long_run_has_every_kind_and_kills_and_stops_every_process() -> None:
    faults = schedule_of("a", LONG_S)
    assert {fault.kind for fault in faults} == set(Kind)
    for kind in (Kind.KILL, Kind.STOP):
        assert {fault.target for fault in faults if fault.kind is kind} == set(PROCESSES)


def test_a_short_run_has_many_kinds_and_ends_in_time() -> None:
    faults = schedule_of("a", 30, every_s=2)
    assert len({fault.kind for fault in faults}) >= 6
    assert all(fault.at_s + fault.lasts_s <= 30 for fault in faults)


def test_nobody_suffers_two_faults_at_once() -> None:
    by_target: dict[str, list[Fault]] = defaultdict(list)
    for fault in schedule_of("a", LONG_S, every_s=2):
        by_target[fault.target].append(fault)
    for faults in by_target.values():
        assert all(one.at_s + one.lasts_s < other.at_s for one, other in pairwise(faults))


def test_towards_the_end_only_others_are_in_trouble() -> None:
    late = {fault.kind for fault in schedule_of("a", LONG_S) if fault.at_s > 0.7 * LONG_S}
    assert late
    assert late <= OUTSIDE


def test_only_the_wanted_kinds_strike() -> None:
    assert {fault.kind for fault in schedule_of("a", 300, [Kind.KILL])} == {Kind.KILL}
