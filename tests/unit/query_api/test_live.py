"""What a stream of events decides without a server."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.auth import Reader, Role, Token
from query_api.live import wire
from query_api.live.admission import why_to_end
from query_api.live.audience import Audience
from query_api.live.listener import EndReason, Item, Kind, Listener, Outbox
from query_api.live.position import InvalidPosition, Position, decode, encode
from query_api.problems import Problem
from query_api.task_query import TaskQuery, id_range
from shared.envelope import State

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
READER = Reader(7, "r", Role.VIEWER, (1,))
TOKEN = Token(7, "r", Role.VIEWER, (1,), None, None, None)
POSITIONS = st.builds(
    Position,
    st.integers(0, 10**17).map(lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)),
    st.uuids(),
    st.integers(1, 1_000),
    st.sampled_from([str(state) for state in State]),
)


@given(POSITIONS)
def test_a_position_is_the_same_after_a_travel(position: Position) -> None:
    assert decode(encode(position)) == position
    assert decode(encode(Position(position.recorded_at))) == Position(position.recorded_at)
    assert Position(position.recorded_at) < position < Position(position.recorded_at + timedelta.resolution)


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "12-34", "1795254818123456-zz-1-failed", "9" * 18, "1\n2", "1" * 40]
)
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(InvalidPosition):
        decode(text)


def test_an_event_is_written_as_browsers_read_it() -> None:
    assert wire.frame("alive", b"{}") == b"event: alive\ndata: {}\n\n"
    with_id = wire.frame("transition", b"{}", Position(NOW, UUID(int=1), 2, "failed"))
    assert with_id.splitlines()[0].endswith(b"-00000000000000000000000000000001-2-failed")


async def test_who_lets_too_much_pile_up_is_cut_off() -> None:
    outbox = Outbox(most=3)
    for n in range(3):
        outbox.put(Item(b"%d" % n))
    assert [item.frame for item in await outbox.take(0)] == [b"0", b"1", b"2"]
    for n in range(5):
        outbox.put(Item(b"%d" % n))
    assert (outbox.ended, await outbox.take(0)) == (EndReason.TOO_SLOW, [])


async def test_what_waits_is_told_before_the_end() -> None:
    outbox = Outbox()
    outbox.put(Item(b"last"))
    outbox.end(EndReason.SHUTTING_DOWN)
    outbox.end(EndReason.FAULT)
    outbox.put(Item(b"too late"))
    assert [item.frame for item in await outbox.take(60)] == [b"last"]
    assert await outbox.take(60) == []
    assert outbox.ended is EndReason.SHUTTING_DOWN


@pytest.mark.parametrize(
    ("shops", "work", "is_told"),
    [
        (None, None, True),
        (None, [1], True),
        ((1, 2), [1], True),
        ((1, 2), [1, 3], False),
        ((1, 2), None, False),
        ((), [1], False),
    ],
)
def test_progress_is_told_to_those_who_may_see_all_its_shops(
    shops: tuple[int, ...] | None, work: list[int] | None, is_told: bool
) -> None:
    query = TaskQuery(shop_ids=shops)
    assert Listener(READER, query, id_range(query), [Kind.PROGRESS]).wants_progress_of(work) is is_told
    assert not Listener(READER, query, id_range(query), [Kind.TRANSITION]).wants_progress_of(work)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (TOKEN, None),
        (None, EndReason.NO_ACCESS),
        (Token(7, "r", Role.VIEWER, (1,), None, NOW, None), EndReason.NO_ACCESS),
        (Token(7, "r", Role.VIEWER, (1,), NOW, None, None), EndReason.NO_ACCESS),
        (Token(7, "r", Role.ADMIN, (1,), None, None, None), EndReason.ACCESS_CHANGED),
        (Token(7, "r", Role.VIEWER, (1, 2), None, None, None), EndReason.ACCESS_CHANGED),
    ],
)
def test_a_stream_lasts_as_long_as_its_token_gives_the_same(
    token: Token | None, reason: EndReason | None
) -> None:
    assert why_to_end(READER, token, NOW) is reason


def _emptied() -> None:
    """Nobody waits for it here."""


def test_only_so_many_may_listen() -> None:
    audience = Audience(most=3, most_per_token=2, on_empty=_emptied)
    audience.admit(READER)
    audience.admit(READER)
    with pytest.raises(Problem) as own:
        audience.admit(READER)
    audience.admit(Reader(8, "s", Role.VIEWER, None))
    with pytest.raises(Problem) as all_in_all:
        audience.admit(Reader(9, "t", Role.VIEWER, None))
    assert (own.value.status, all_in_all.value.status) == (429, 503)
    audience.dismiss(READER)
    audience.admit(READER)
    audience.close()
    with pytest.raises(Problem):
        audience.admit(Reader(9, "t", Role.VIEWER, None))
