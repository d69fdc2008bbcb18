"""Rule expiry: credentials or tokens that are known to run out soon. Pure.

A week before, and once more on the last day: who has acknowledged the first still hears of the second.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.alerts.facts import AccountFacts, ShopFacts, TokenFacts
from shared.alerts.verdicts import Rule, Severity, Verdict
from shared.alerts.words import duration, moment, stamp

NOTICE = timedelta(days=7)
LAST_NOTICE = timedelta(days=1)
LAST_DAY = "last-day"

_RENEW = (
    "Ask the provider for new credentials, save them in the account's settings, and set "
    "`credentials_expire_at` there to when the new ones expire."
)
_REPLACE = (
    "Make a new token (`query-api tokens create`), hand it to whatever uses this one, then revoke this one."
)


@dataclass(frozen=True, slots=True)
class _Expiring:
    subject: str
    what: str
    expires_at: datetime
    remedy: str
    expire: str = "expire"
    have: str = "have"
    detail: str = ""


def expiries(facts: ShopFacts, now: datetime) -> list[Verdict]:
    """Two verdicts for each account whose credentials are known to expire, and for each such token."""
    zone = ZoneInfo(facts.zone)
    dated = [(account, account.expires_at) for account in facts.accounts if account.expires_at is not None]
    found = [_of_account(account, expires_at) for account, expires_at in dated]
    return [*_verdicts(found, now, zone), *token_expiries(facts.tokens, now, zone)]


def token_expiries(tokens: Iterable[TokenFacts], now: datetime, zone: ZoneInfo) -> list[Verdict]:
    """The same of tokens of our own API."""
    return _verdicts([_of_token(token, zone) for token in tokens], now, zone)


def _verdicts(found: Iterable[_Expiring], now: datetime, zone: ZoneInfo) -> list[Verdict]:
    return [
        verdict
        for one in found
        for verdict in (_verdict(one, NOTICE, now, zone), _verdict(one, LAST_NOTICE, now, zone))
    ]


def _of_account(account: AccountFacts, expires_at: datetime) -> _Expiring:
    what = f"The credentials of {account.name}"
    return _Expiring(f"account:{account.id}", what, expires_at, _RENEW)


def _of_token(token: TokenFacts, zone: ZoneInfo) -> _Expiring:
    used = f"was last used on {moment(token.last_used_at, zone)}" if token.last_used_at else "was never used"
    return _Expiring(
        subject=f"token:{token.id}",
        what=f"The API token '{token.name}'",
        expires_at=token.expires_at,
        remedy=_REPLACE,
        expire="expires",
        have="has",
        detail=f" It {used}.",
    )


def _verdict(one: _Expiring, notice: timedelta, now: datetime, zone: ZoneInfo) -> Verdict:
    is_last = notice == LAST_NOTICE
    left = one.expires_at - now
    is_met = left <= notice
    at = f"{moment(one.expires_at, zone)} ({zone.key})"
    if left > timedelta():
        title, said = f"{one.what} {one.expire} in {duration(left)}", f"{one.what} {one.expire} on {at}."
    else:
        title, said = f"{one.what} {one.have} expired", f"{one.what} expired on {at}."
    return Verdict(
        rule=Rule.EXPIRY,
        subject=f"{one.subject}:{LAST_DAY}" if is_last else one.subject,
        is_met=is_met,
        severity=Severity.CRITICAL if is_last else Severity.WARNING,
        title=title,
        explanation=said + one.detail,
        numbers={
            "expires_at": stamp(one.expires_at),
            "hours_left": max(0, left // timedelta(hours=1)),
            "notice_days": notice.days,
        },
        since=one.expires_at - notice,
        remedy=one.remedy if is_met else None,
    )
