"""Each promise can be broken, and is said to be."""

import json
from io import StringIO
from pathlib import Path

import pytest

from tests.chaos import history as told
from tests.chaos.gathering import leaked
from tests.chaos.history import Entry, History, Recording, line_of, read
from tests.chaos.judging import RULES, broken, figures, judge
from tests.unit.chaos.made_up import at, counter, fault, step, task, well, without

_CALM_S = 200.0  # long after the last fault of the made-up history

_IN_TIME = (step("t6", "queued", second=_CALM_S - 1), step("t6", "processing", second=_CALM_S))

BROKEN = {
    "a delivery was lost": well(at(1, told.DELIVERED, key="shopify:webhook:w2")),
    "a follow-up was never queued": well(step("t1", "succeeded", second=3, follow_ups=["t3"])),
    "a task never ended": well(task("t7", "processing")),
    "an order was paid and the CRM has no receipt": without(told.HELD, thing="receipt"),
    "a delivery ran twice": well(step("t4", "queued", second=1)),
    "ran after its end": well(step("t2", "processing", 3, second=9)),
    "an attempt ended more than once": well(step("t2", "failed", 2, second=9)),
    "an effect happened twice": well(at(100, told.EFFECT, party="crm", id="mail", times=2, changed=[])),
    "an older state was kept": without(told.HELD, thing="order"),
    "held up by another's trouble": well(
        *_IN_TIME, step("t5", "queued", second=_CALM_S), step("t5", "processing", second=_CALM_S + 19)
    ),
    "counters differ from the log": without(told.COUNTER, type="SyncOrder"),
    "the projection differs from the log": without(told.TASK, task_id="t2"),
    "an answer did not say as of when": well(at(9, told.ANSWERED, page="/tasks", status=200, as_of=None)),
    "a log file tells a secret or a customer's address": well(
        at(100, told.LEAK, file="ingest.log", line=3, of="a secret")
    ),
    "a failure without an explanation": well(task("t6", "failed", error_message="no")),
    "an unreadable message left no trace, or a good one was unreadable": without(told.DEAD_LETTER),
}


def test_a_history_in_which_all_went_well_breaks_no_promise() -> None:
    assert broken(judge(well())) == {}


def test_every_rule_has_a_history_that_breaks_it() -> None:
    assert BROKEN.keys() == {rule.name for rule in RULES}
    assert {rule.promise for rule in RULES} == set(range(1, 9))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_is_found(name: str) -> None:
    assert name in broken(judge(BROKEN[name]))


@pytest.mark.parametrize(
    ("name", "history"),
    [
        ("a delivery ran twice", well(step("t4", "queued"), step("t4", "succeeded", note="Duplicate of t1"))),
        (
            "an order was paid and the CRM has no receipt",
            without(told.HELD, step("t2", "failed"), thing="receipt"),
        ),
        ("an older state was kept", without(told.HELD, step("t2", "failed"), thing="order")),
        (
            "held up by another's trouble",
            well(step("t5", "queued", second=9), step("t5", "processing", second=40)),
        ),
        (
            "a task never ended",
            well(at(90, told.QUIET), step("t8", "queued", second=91), task("t8", "queued")),
        ),
        (
            "a follow-up was never queued",
            well(at(90, told.QUIET), step("t8", "succeeded", second=91, follow_ups=["t9"])),
        ),
    ],
    ids=[
        "a duplicate that ended at once",
        "no receipt, and why",
        "an old state, and why",
        "amid faults",
        "begun when all had been quiet",
        "named when all had been quiet",
    ],
)
def test_what_has_its_reason_breaks_nothing(name: str, history: History) -> None:
    assert name not in broken(judge(history))


def test_what_was_known_when_all_was_quiet_must_have_ended() -> None:
    late = (step("t8", "queued", second=80), at(90, told.QUIET), step("t8", "retrying", second=91))
    assert "a task never ended" in broken(judge(well(*late, task("t8", "retrying"))))


def test_a_changed_receipt_is_a_second_effect_unless_only_its_contact_is_another_word_for_the_same() -> None:
    changed = at(100, told.EFFECT, party="crm", id="receipt 9", times=1, changed=["contact", "total"])
    assert broken(judge(well(changed))) == {"an effect happened twice": ["crm: receipt 9 × 1 ['total']"]}


def test_messages_nobody_poisoned_and_dead_letters_without_a_reason_are_told() -> None:
    strange = at(100, told.DEAD_LETTER, body="{}", reason="")
    found = broken(judge(well(strange)))
    assert found["an unreadable message left no trace, or a good one was unreadable"] == [
        "not ours: {}",
        "without a reason: {}",
    ]


def test_counters_are_compared_both_ways() -> None:
    names = broken(judge(well(counter("IndexOrder", "queued", 2))))["counters differ from the log"]
    assert names == ["(1, 'IndexOrder', 0, 'queued'): 2 counted, 0 in the log"]


def test_only_deliveries_long_after_our_own_faults_are_judged_for_waiting() -> None:
    def judged(*more: Entry) -> int:
        return dict(figures(well(*more)))["deliveries while only others were in trouble"]

    assert judged(*_IN_TIME) == 1
    assert judged(*_IN_TIME, *fault(2, "slow", 150, 190)) == 1
    assert judged(*_IN_TIME, *fault(2, "kill", 190, 190)) == 0


def test_what_our_own_faults_had_piled_up_is_worked_off_first() -> None:
    late = (step("t5", "queued", second=_CALM_S - 19), step("t5", "processing", second=_CALM_S))
    assert "held up by another's trouble" not in broken(judge(well(*late, *_IN_TIME)))


def test_a_history_that_was_written_down_is_judged_alike(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text("\n".join(line_of(entry) for entry in BROKEN["ran after its end"]))
    again = read(path)
    assert broken(judge(again)) == broken(judge(BROKEN["ran after its end"]))
    assert list(again) == list(BROKEN["ran after its end"])


def test_a_recording_writes_each_entry_at_once() -> None:
    file = StringIO()
    Recording(file).note(told.DELIVERED, key="k")
    assert json.loads(file.getvalue())["key"] == "k"


def test_lines_that_tell_secrets_or_addresses_are_found() -> None:
    people = frozenset({"kim@example.com"})
    assert leaked("sent to Kim@example.com now", ["s3cret"], people) == "an address"
    assert leaked("key=s3cret", ["s3cret"], people) == "a secret"
    assert leaked("sent to ops@example.com", ["s3cret"], people) is None
