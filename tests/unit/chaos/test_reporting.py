"""How long recovering took, and the page that says so."""

import pytest

from tests.chaos import history as told
from tests.chaos.judging import judge
from tests.chaos.recovery import Figures, Recovery, by_kind, recoveries, until_quiet_s
from tests.chaos.reporting import MARKS, offenders, placed, report
from tests.unit.chaos.made_up import at, fault, step, task, well


def _recovery(begins: float, ends: float, *readiness: tuple[float, bool]) -> Recovery:
    changes = [at(second, told.READY, process="ingest", is_ready=ready) for second, ready in readiness]
    history = well(*fault(2, "kill", begins, ends), step("t9", "succeeded", second=ends + 4), *changes)
    return next(one for one in recoveries(history) if one.kind == "kill")


def test_work_goes_on_when_a_task_ended_afterwards_and_that_is_recorded() -> None:
    assert _recovery(20, 30) == Recovery("kill", 10, 4.5, 0)


def test_a_process_that_went_away_is_awaited() -> None:
    assert _recovery(20, 20, (20.5, False), (27, True)).ready_s == 7
    assert _recovery(20, 20, (20.5, False), (21, True)).ready_s == 1
    assert _recovery(20, 30, (20.5, False), (25, True)).ready_s == 0


def test_who_never_came_back_is_not_averaged_away() -> None:
    assert _recovery(20, 20, (20.5, False)).ready_s is None
    assert by_kind([Recovery("kill", 0, 1, None), Recovery("kill", 0, 3, 2)]) == [
        Figures("kill", 2, (2, 3), None)
    ]


def test_quiet_is_when_the_last_thing_was_recorded() -> None:
    assert until_quiet_s(well(step("t9", "succeeded", second=31))) == 20.5


def test_the_page_says_what_broke_and_keeps_the_text_around_its_table() -> None:
    history = well(task("t6", "failed"))
    verdicts = judge(history)
    text = report(history, verdicts, command="./dev chaos --minutes 1", machine="2 cores")
    assert "| 8 | a failure without an explanation | 1 |" in text
    assert "| poison | 1 |" in text
    page = placed(f"# Reliability\n{MARKS[0]}\nof yesterday\n{MARKS[1]}\nafter", text)
    assert page.startswith(f"# Reliability\n{MARKS[0]}\n\n`./dev chaos --minutes 1`, 2 cores")
    assert page.endswith("\nafter")
    assert "of yesterday" not in page
    told_of = [line for line in offenders(verdicts, at_most=1) if line.startswith("8.")]
    assert told_of == ["8. a failure without an explanation: OrderWebhook t6: None None"]


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="the page has no"):
        placed("# Reliability", "text")
