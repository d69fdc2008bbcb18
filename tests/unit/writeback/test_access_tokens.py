"""Access tokens are fetched once, kept while they last, and replaced once when they are not taken."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from shared.errors import Misconfigured, Unavailable
from writeback.clients.access_tokens import MARGIN_S, REFUSAL_KEPT_S, AccessTokens, Grant, Key, key_of

KEY = key_of(1, "https://auth.example", "client", "secret", "refresh")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """Gives out tokens 1, 2, 3 …, or fails as told; each takes a moment."""

    def __init__(self, expires_in_s: float = 7200) -> None:
        self.given = 0
        self.expires_in_s = expires_in_s
        self.error: Exception | None = None

    async def __call__(self) -> Grant:
        self.given += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return Grant(str(self.given), self.expires_in_s)


async def test_many_tasks_at_once_fetch_one_token() -> None:
    tokens, desk = AccessTokens(Clock()), Desk()
    assert await asyncio.gather(*(tokens.get(KEY, desk) for _ in range(20))) == ["1"] * 20
    assert desk.given == 1


async def test_a_token_is_fetched_again_a_minute_before_it_ends() -> None:
    clock, desk = Clock(), Desk(expires_in_s=7200)
    tokens = AccessTokens(clock)
    assert await tokens.get(KEY, desk) == "1"
    clock.now += 7200 - MARGIN_S - 1
    assert await tokens.get(KEY, desk) == "1"
    clock.now += 2
    assert await tokens.get(KEY, desk) == "2"


async def test_a_short_lived_token_is_used_for_half_of_its_life() -> None:
    clock, desk = Clock(), Desk(expires_in_s=20)
    tokens = AccessTokens(clock)
    assert [await tokens.get(KEY, desk), await tokens.get(KEY, desk)] == ["1", "1"]
    clock.now += 11
    assert await tokens.get(KEY, desk) == "2"


async def test_a_refused_token_is_replaced_once_by_all_who_had_it() -> None:
    tokens, desk = AccessTokens(Clock()), Desk()
    assert await tokens.get(KEY, desk) == "1"
    assert await asyncio.gather(*(tokens.get(KEY, desk, refused="1") for _ in range(5))) == ["2"] * 5
    assert desk.given == 2


async def test_refused_credentials_are_asked_about_once_in_a_while() -> None:
    clock, desk = Clock(), Desk()
    tokens = AccessTokens(clock)
    desk.error = Misconfigured("the seller's consent has ended")
    for attempt in await asyncio.gather(*(tokens.get(KEY, desk) for _ in range(5)), return_exceptions=True):
        assert isinstance(attempt, Misconfigured)
        assert attempt.message == "the seller's consent has ended"
    assert desk.given == 1
    clock.now += REFUSAL_KEPT_S + 1
    desk.error = None
    assert await tokens.get(KEY, desk) == "2"


async def test_other_trouble_is_not_remembered() -> None:
    tokens, desk = AccessTokens(Clock()), Desk()
    desk.error = Unavailable("down")
    with pytest.raises(Unavailable):
        await tokens.get(KEY, desk)
    desk.error = None
    assert await tokens.get(KEY, desk) == "2"


@pytest.mark.parametrize(
    "other",
    [
        key_of(2, "https://auth.example", "client", "secret", "refresh"),
        key_of(1, "https://auth.example", "client", "secret", "another"),
    ],
)
async def test_other_accounts_and_new_credentials_have_tokens_of_their_own(other: Key) -> None:
    tokens, desk = AccessTokens(Clock()), Desk()
    fetch: Callable[[], Awaitable[Grant]] = desk
    assert [await tokens.get(KEY, fetch), await tokens.get(other, fetch)] == ["1", "2"]


def test_tokens_are_not_shown() -> None:
    assert "a-token" not in repr(Grant("a-token", 1))
