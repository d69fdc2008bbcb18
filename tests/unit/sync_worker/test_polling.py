"""How far a poll is, and what counts as missed."""

from datetime import UTC, datetime, timedelta

from shared.envelope import Payload
from sync_worker.clients.shop_reading import Change, Page
from sync_worker.polling.cursor import DEEPEST, LONGEST, PollCursor, cursor_of
from sync_worker.polling.found import Found, Thing
from sync_worker.polling.missed import Stored, Window, or_handed_on, unheard_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OVERLAP = 10 * MINUTE


def change(number: int = 1, *, at: datetime = NOON) -> Change:
    return Change(str(number), f"gid://shopify/Order/{number}", at)


def page(*changes: Change, after: str | None = "next") -> Page:
    return Page(changes, after)


def test_the_first_poll_begins_where_it_is_told() -> None:
    assert cursor_of(None, first_since=NOON) == PollCursor(NOON)


def test_a_cursor_survives_being_kept() -> None:
    cursor = PollCursor(NOON, NOON + MINUTE, "abc", 250, {"orders:7": NOON})
    assert cursor_of(cursor.as_json(), first_since=NOON + OVERLAP) == cursor
    assert cursor_of(PollCursor(NOON).as_json(), first_since=NOON) == PollCursor(NOON)


def test_the_next_poll_asks_for_some_time_before_this_one_began_again() -> None:
    cursor = PollCursor(NOON - 60 * MINUTE).begun(NOON)
    assert cursor.finished(overlap=OVERLAP) == PollCursor(NOON - OVERLAP)


def test_a_poll_never_goes_back() -> None:
    assert PollCursor(NOON).begun(NOON + MINUTE).finished(overlap=OVERLAP).since == NOON


def test_a_poll_goes_back_only_where_it_is_wished() -> None:
    cursor = PollCursor(NOON, NOON, after="page", seen=250, handed_on={"orders:1": NOON})
    early, late = NOON - timedelta(hours=6), NOON + timedelta(hours=1)
    assert cursor.back_to(early, late) == PollCursor(early, late)
    assert cursor.back_to(late, late) == PollCursor(NOON, late)


def test_a_poll_under_way_goes_on_and_one_that_broke_off_long_ago_begins_anew() -> None:
    cursor = PollCursor(NOON, NOON, "page-7", 1_750)
    assert cursor.begun(NOON + MINUTE) is cursor
    assert cursor.begun(NOON + LONGEST) == PollCursor(NOON, NOON + LONGEST)


def test_a_list_that_gets_too_long_begins_anew_where_it_is() -> None:
    cursor = PollCursor(NOON, NOON, "deep", DEEPEST - 1)
    assert cursor.past(page(change(at=NOON + MINUTE)), ()) == PollCursor(NOON + MINUTE, NOON)
    assert cursor.past(page(change(at=NOON)), ()).after == "next"


def test_only_what_is_newer_than_stored_is_unheard_of() -> None:
    window = Window(NOON - OVERLAP, NOON + OVERLAP)
    stored = {
        "1": Stored(NOON, b"x"),
        "2": Stored(NOON - MINUTE, b"x"),
        "3": Stored(NOON + MINUTE, b"x"),
        "4": Stored(None, None, is_deleted=True),
        "5": Stored(None, b"x"),
    }
    found = unheard_of([change(number) for number in range(1, 7)], stored, window)
    assert [one.id for one in found] == ["2", "5", "6"]


def test_the_window_has_two_ends() -> None:
    window = Window(NOON, NOON + MINUTE)
    ages = (NOON - MINUTE, NOON, NOON + MINUTE, NOON + 2 * MINUTE)
    found = unheard_of([change(n, at=at) for n, at in enumerate(ages)], {}, window)
    assert [one.id for one in found] == ["1", "2"]


def test_what_was_handed_on_lately_is_remembered_until_no_poll_asks_for_it_any_more() -> None:
    found = [
        Found(Thing.ORDER, str(n), Payload(body=b""), NOON - n * MINUTE, "#1")
        for n in (1, OVERLAP // MINUTE + 1)
    ]
    read = PollCursor(NOON - 60 * MINUTE).begun(NOON).past(page(after=None), found)
    assert set(read.handed_on) == {"orders:1", "orders:11"}
    assert read.finished(overlap=OVERLAP).handed_on == {"orders:1": NOON - MINUTE}


def test_what_was_handed_on_counts_as_stored_unless_something_newer_is() -> None:
    assert or_handed_on(None, None) is None
    assert or_handed_on(None, NOON) == Stored(NOON, None)
    older, newer = Stored(NOON - MINUTE, b"x"), Stored(NOON + MINUTE, b"x")
    assert or_handed_on(older, NOON) == Stored(NOON, None)
    assert or_handed_on(newer, NOON) is newer
    gone = Stored(None, None, is_deleted=True)
    assert or_handed_on(gone, NOON) is gone
