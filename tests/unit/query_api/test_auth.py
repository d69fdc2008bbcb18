"""Who may see what."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet

from query_api.auth import Reader, Refused, Role, Token, hash_of, new_token, reader_of, shown_prefix
from query_api.sessions import Sessions

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def _token(*, expires_at: datetime | None = None, revoked_at: datetime | None = None) -> Token:
    return Token(1, "t", Role.VIEWER, None, expires_at, revoked_at, None)


def test_tokens_are_long_and_never_alike() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 46 and token.startswith("sl_") for token in tokens)
    assert len(hash_of(new_token())) == 32
    assert len(shown_prefix(new_token())) == 9


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (None, "not known"),
        (_token(revoked_at=NOW), "revoked"),
        (_token(expires_at=NOW), "expired"),
        (_token(expires_at=NOW - timedelta(days=1), revoked_at=NOW), "revoked"),
    ],
)
def test_bad_tokens_are_refused_with_a_reason(token: Token | None, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        reader_of(token, NOW)


def test_a_good_token_admits() -> None:
    assert reader_of(_token(expires_at=NOW + timedelta(seconds=1)), NOW) == Reader(1, "t", Role.VIEWER, None)


def test_roles_build_on_each_other() -> None:
    assert [role.includes(Role.OPERATOR) for role in Role] == [False, True, True]
    assert [Reader(1, "t", role, None).may_see_payloads for role in Role] == [False, True, True]


def test_a_reader_never_sees_more_shops_than_its_token() -> None:
    everything, some = Reader(1, "t", Role.ADMIN, None), Reader(1, "t", Role.ADMIN, (1, 2))
    assert (everything.narrowed(None), everything.narrowed([3])) == (None, (3,))
    assert (some.narrowed(None), some.narrowed([2, 3])) == ((1, 2), (2,))
    assert (everything.may_see_shop(9), some.may_see_shop(9)) == (True, False)


def test_a_cookie_holds_its_key_until_it_is_too_old() -> None:
    sessions = Sessions(Fernet.generate_key().decode(), lifetime=timedelta(hours=1))
    cookie = sessions.issue("k")
    assert sessions.key(cookie) == "k"
    for bad in (None, "", "k", cookie[:-2], "x" + cookie, "é"):
        assert sessions.key(bad) is None
    assert Sessions(Fernet.generate_key().decode(), lifetime=timedelta(hours=1)).key(cookie) is None


def test_sessions_outlive_a_change_of_keys() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    lifetime = timedelta(hours=1)
    cookie = Sessions(old, lifetime=lifetime).issue("k")
    both = Sessions(f"{new}, {old}", lifetime=lifetime)
    assert both.key(cookie) == "k"
    assert Sessions(new, lifetime=lifetime).key(both.issue("l")) == "l"
    expired = Sessions(old, lifetime=timedelta(seconds=-1))
    assert expired.key(expired.issue("k")) is None


def test_forms_are_good_for_their_own_session_only() -> None:
    sessions = Sessions(Fernet.generate_key().decode(), lifetime=timedelta(hours=1))
    token = sessions.form_token("k")
    assert sessions.is_form_token(token, "k")
    for bad, key in ((token, "l"), ("", "k"), (token[:-1], "k"), (sessions.issue("k"), "k")):
        assert not sessions.is_form_token(bad, key)
