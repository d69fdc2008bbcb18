"""A silence of orders: what counts, when the shop is asked, and what becomes of its answer."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest

from shared.alerts.settings import AlertSettings
from shared.alerts.silence import (
    AFTERWARDS,
    PATIENCE,
    REMEMBERED,
    Proof,
    ProofVerdict,
    SilenceFacts,
    Standing,
    proof_of,
    proof_wanted,
    silence_of,
)
from shared.alerts.silence_verdict import order_silence
from shared.alerts.verdicts import Rule, Severity

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
INSTALLED = datetime(2026, 1, 1, tzinfo=UTC)
# A Friday noon in Prague.
LAST = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
SIX_HOURS = AlertSettings(silence_minutes=360)
BY_DAY = AlertSettings(silence_minutes=360, window_opens=time(6), window_closes=time(21))
WORDS = "The shop had 17 orders since, none of which reached us."


def facts(last: datetime | None = LAST, proof: Proof | None = None) -> SilenceFacts:
    return SilenceFacts("Europe/Prague", INSTALLED, last, proof)


def asked(verdict: ProofVerdict, after: timedelta, since: datetime = LAST) -> Proof:
    """What the shop said so long after its last order."""
    missed = 17 if verdict is ProofVerdict.MISSED else 0
    return Proof(since, since + after, verdict, WORDS, made=missed, missed=missed)


def answered(verdict: ProofVerdict) -> SilenceFacts:
    return facts(proof=asked(verdict, 6 * HOUR + MINUTE))


@pytest.mark.parametrize(
    ("silent", "standing"),
    [
        (6 * HOUR - MINUTE, Standing.WITHIN_LIMIT),
        (6 * HOUR, Standing.ASKING),
        (6 * HOUR + MINUTE, Standing.ASKING),
    ],
)
def test_the_limit_is_reached_when_it_is_exactly_met(silent: timedelta, standing: Standing) -> None:
    assert silence_of(facts(), SIX_HOURS, LAST + silent).standing is standing


def test_a_window_that_opens_does_not_alarm_of_the_night_before() -> None:
    evening = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
    opening = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    at = {
        hours: silence_of(facts(evening), BY_DAY, opening + hours * HOUR).standing.value
        for hours in (0, 4, 5)
    }
    assert at == {0: "within-limit", 4: "within-limit", 5: "asking"}


def test_a_silence_of_the_day_is_not_forgotten_in_the_night() -> None:
    midnight = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    silence = silence_of(facts(), BY_DAY, midnight)
    assert (silence.standing, silence.counted) == (Standing.ASKING, 9 * HOUR)


def test_hours_left_out_when_clocks_are_set_do_not_count() -> None:
    night = AlertSettings(silence_minutes=240, window_opens=time(22), window_closes=time(3))
    evening = datetime(2026, 3, 28, 18, 0, tzinfo=UTC)
    counted = silence_of(facts(evening), night, evening + 12 * HOUR).counted
    assert counted == 4 * HOUR


def test_a_shop_that_never_had_an_order_is_silent_since_it_was_connected() -> None:
    verdict = order_silence(facts(last=None), SIX_HOURS, INSTALLED + 7 * HOUR)
    assert verdict.is_met
    assert verdict.since == INSTALLED
    assert "since the shop was connected on Thu 1 Jan 2026 01:00 (Europe/Prague)" in verdict.explanation


def test_orders_of_before_it_was_connected_do_not_make_it_silent() -> None:
    early = facts(last=INSTALLED - DAY)
    assert silence_of(early, SIX_HOURS, INSTALLED + HOUR).counted == HOUR


def test_an_unwatched_silence_is_none() -> None:
    ignored = AlertSettings(silence_is_watched=False)
    late = LAST + 30 * DAY
    assert not order_silence(answered(ProofVerdict.MISSED), ignored, late).is_met
    assert proof_wanted(facts(), ignored, late) is None


@pytest.mark.parametrize(
    ("verdict", "is_met", "hold"),
    [
        (ProofVerdict.QUIET, False, timedelta()),
        (ProofVerdict.MISSED, True, timedelta()),
        (ProofVerdict.SUBSCRIPTION_GONE, True, timedelta()),
        (ProofVerdict.UNPROVEN, True, PATIENCE),
    ],
)
def test_the_answer_of_the_shop_decides(verdict: ProofVerdict, is_met: bool, hold: timedelta) -> None:
    said = order_silence(answered(verdict), SIX_HOURS, LAST + 6 * HOUR + 2 * MINUTE)
    assert (said.is_met, said.hold) == (is_met, hold)
    assert (said.rule, said.subject, said.severity) == (Rule.ORDER_SILENCE, "", Severity.CRITICAL)
    assert WORDS in said.explanation
    assert (said.remedy is not None) is is_met


def test_a_silence_is_told_without_an_answer_when_none_comes() -> None:
    said = order_silence(facts(), SIX_HOURS, LAST + 6 * HOUR)
    assert (said.is_met, said.hold) == (True, PATIENCE)


def test_an_answer_about_another_silence_tells_nothing() -> None:
    earlier = facts(proof=asked(ProofVerdict.QUIET, 6 * HOUR, since=LAST - DAY))
    now = LAST + 6 * HOUR
    assert silence_of(earlier, SIX_HOURS, now).standing is Standing.ASKING
    assert proof_wanted(earlier, SIX_HOURS, now) is not None


def test_missed_orders_are_told_of_although_the_remedy_was_faster_than_the_evaluation() -> None:
    proof = replace(asked(ProofVerdict.MISSED, 6 * HOUR), fetched=17)
    fetched = facts(last=LAST + 6 * HOUR + MINUTE, proof=proof)
    said = order_silence(fetched, SIX_HOURS, proof.asked_at + 2 * MINUTE)
    assert (said.is_met, said.hold, said.since) == (True, timedelta(), LAST)
    assert said.explanation == (
        "No order was synced from Fri 20 Nov 2026 12:00 to Fri 20 Nov 2026 18:01 (Europe/Prague). The shop "
        f"was asked on Fri 20 Nov 2026 18:00. {WORDS} Fetched and synced since: 17 of 17. "
        "Orders are synced again."
    )
    again = order_silence(fetched, SIX_HOURS, proof.asked_at + AFTERWARDS)
    assert not again.is_met
    assert f"In the silence before: {WORDS} Fetched and synced since: 17 of 17." in again.explanation
    assert WORDS not in order_silence(fetched, AlertSettings(), proof.asked_at + REMEMBERED).explanation


def test_quiet_that_ended_is_not_told_of_afterwards() -> None:
    over = facts(last=LAST + 7 * HOUR, proof=asked(ProofVerdict.QUIET, 6 * HOUR))
    assert silence_of(over, SIX_HOURS, LAST + 7 * HOUR + MINUTE).standing is Standing.WITHIN_LIMIT


def test_nothing_is_asked_before_the_limit_is_reached() -> None:
    assert proof_wanted(facts(), SIX_HOURS, LAST + 6 * HOUR - MINUTE) is None


def test_the_question_leaves_out_orders_that_may_still_be_on_their_way() -> None:
    wanted = proof_wanted(facts(), SIX_HOURS, LAST + 6 * HOUR)
    assert wanted is not None
    assert (wanted.since, wanted.settled_before) == (LAST, LAST + 6 * HOUR - 5 * MINUTE)
    assert wanted.silent == 6 * HOUR


@pytest.mark.parametrize(
    ("verdict", "period", "again_after"),
    [
        (ProofVerdict.QUIET, 6 * HOUR, HOUR),
        (ProofVerdict.QUIET, HOUR, 30 * MINUTE),
        (ProofVerdict.MISSED, 6 * HOUR, 15 * MINUTE),
        (ProofVerdict.SUBSCRIPTION_GONE, 6 * HOUR, 15 * MINUTE),
        (ProofVerdict.UNPROVEN, 6 * HOUR, 3 * MINUTE),
    ],
)
def test_a_shop_that_stays_silent_is_asked_again(
    verdict: ProofVerdict, period: timedelta, again_after: timedelta
) -> None:
    settings = AlertSettings(silence_minutes=period // MINUTE)
    known = facts(proof=asked(verdict, period))
    assert proof_wanted(known, settings, LAST + period + again_after - MINUTE) is None
    assert proof_wanted(known, settings, LAST + period + again_after) is not None


def test_a_quiet_shop_is_not_asked_at_night() -> None:
    evening = datetime(2026, 11, 20, 19, 40, tzinfo=UTC)
    quiet = facts(proof=Proof(LAST, evening, ProofVerdict.QUIET, WORDS))
    opening = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    assert proof_wanted(quiet, BY_DAY, opening) is None
    assert silence_of(quiet, BY_DAY, opening).standing is Standing.QUIET
    assert proof_wanted(quiet, BY_DAY, opening + 40 * MINUTE) is not None


def test_a_quiet_weekend_is_asked_about_once_an_hour_in_open_hours() -> None:
    known, asked_at = facts(), []
    for minute in range(0, 3 * 24 * 60, 5):
        now = LAST + minute * MINUTE
        if proof_wanted(known, BY_DAY, now):
            asked_at.append(now)
            known = facts(proof=Proof(LAST, now, ProofVerdict.QUIET, WORDS))
            assert not order_silence(known, BY_DAY, now).is_met
    hours = [moment.astimezone(ZoneInfo("Europe/Prague")).hour for moment in asked_at]
    assert hours == [*range(18, 22), *range(7, 22), *range(7, 22), *range(7, 12)]


def test_that_all_was_quiet_is_not_believed_forever() -> None:
    quiet = answered(ProofVerdict.QUIET)
    again = LAST + 7 * HOUR + MINUTE
    assert silence_of(quiet, SIX_HOURS, again + PATIENCE - MINUTE).standing is Standing.QUIET
    assert silence_of(quiet, SIX_HOURS, again + PATIENCE).standing is Standing.ASKING


def test_a_silence_says_what_it_is_judged_by() -> None:
    said = order_silence(facts(), BY_DAY, LAST + 2 * HOUR)
    assert not said.is_met
    assert said.explanation == (
        "The last order was synced on Fri 20 Nov 2026 12:00 (Europe/Prague). Of the time since, 2 hours "
        "count (06:00–21:00); the limit is 6 hours. If none is "
        "synced by Fri 20 Nov 2026 18:00, the shop is asked."
    )
    assert said.numbers == {
        "standing": "within-limit",
        "last_order_synced_at": "2026-11-20T11:00:00Z",
        "silent_since": "2026-11-20T11:00:00Z",
        "silent_minutes": 120,
        "limit_minutes": 360,
        "limit_reached_at": "2026-11-20T17:00:00Z",
        "window": "06:00–21:00",
        "time_zone": "Europe/Prague",
        "asked_at": None,
        "orders_made": None,
        "orders_missed": None,
        "orders_fetched": None,
    }


@pytest.mark.parametrize(
    ("verdict", "title"),
    [
        (None, "No order synced for 6 hours 5 minutes"),
        (ProofVerdict.QUIET, "The shop is quiet: it had no orders"),
        (ProofVerdict.MISSED, "17 orders missed"),
        (
            ProofVerdict.SUBSCRIPTION_GONE,
            "The shop no longer sends its orders: a webhook subscription is gone",
        ),
        (ProofVerdict.UNPROVEN, "No order synced for 6 hours 5 minutes, and the shop could not be asked"),
    ],
)
def test_each_standing_has_a_line_of_its_own(verdict: ProofVerdict | None, title: str) -> None:
    known = facts() if verdict is None else answered(verdict)
    assert order_silence(known, SIX_HOURS, LAST + 6 * HOUR + 5 * MINUTE).title == title


def test_a_stored_answer_is_read_whether_its_numbers_are_text_or_not() -> None:
    row: dict[str, Any] = {
        "since": LAST,
        "asked_at": LAST + 6 * HOUR,
        "verdict": "missed",
        "words": WORDS,
        "numbers": {"made": 17, "missed": 17, "other": 1},
        "task_ids": [UUID(int=1)],
    }
    expected = replace(asked(ProofVerdict.MISSED, 6 * HOUR), task_ids=(UUID(int=1),))
    assert proof_of(row) == expected
    assert proof_of({**row, "numbers": orjson.dumps(row["numbers"]).decode()}) == expected
