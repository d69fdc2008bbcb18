"""From kinds of failure to answers. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from query_api.failures.groups import Failure, ShopFailures, Trend
from query_api.repository.failures import Hours
from query_api.repository.flows import AccountBrief
from query_api.schemas.failures import (
    FailureDetail,
    FailureExample,
    FailureHour,
    FailureInShop,
    FailureOfAccount,
    FailureOut,
    FailureTrend,
    TouchedAccount,
)
from query_api.schemas.shaping import spec_of

IN_LISTS, IN_DETAIL = 48, 7 * 24
Accounts = Mapping[int, AccountBrief]


def failure(found: Failure, hours: Hours, accounts: Accounts, now: datetime, *, n_hours: int) -> FailureOut:
    newest = found.newest
    spec = spec_of(newest.type)
    shops = sorted(found.shops, key=lambda one: one.last_at, reverse=True)
    return FailureOut(
        fingerprint=found.fingerprint,
        state=found.state(now),
        type=newest.type,
        group=spec.group.value if spec else "other",
        error_kind=newest.error_kind,
        place=newest.place,
        message=newest.message,
        remedy=newest.remedy,
        count=found.n,
        first_at=found.first_at,
        last_at=found.last_at,
        shops=[one.domain for one in shops if one.domain is not None],
        accounts=[_account(account_id, accounts) for account_id in _by_count(hours) if account_id],
        example=_example(newest),
        trend=_trend(hours.trend(now, n_hours)),
    )


def detail(found: Failure, hours: Hours, accounts: Accounts, now: datetime) -> FailureDetail:
    shops = sorted(found.shops, key=lambda one: one.last_at, reverse=True)
    return FailureDetail(
        **failure(found, hours, accounts, now, n_hours=IN_DETAIL).model_dump(),
        by_shop=[_in_shop(one, now) for one in shops],
        by_account=[
            FailureOfAccount(
                account=_account(account_id, accounts) if account_id else None,
                count=hours.accounts[account_id],
            )
            for account_id in _by_count(hours)
        ],
    )


def _in_shop(one: ShopFailures, now: datetime) -> FailureInShop:
    return FailureInShop(
        shop=one.domain,
        state=one.state(now),
        count=one.n,
        first_at=one.first_at,
        last_at=one.last_at,
        resolved_at=one.resolved_at,
        resolved_by=one.resolved_by,
        back_at=one.back_at,
        example=_example(one),
    )


def _by_count(hours: Hours) -> list[int]:
    return sorted(hours.accounts, key=lambda account_id: (-hours.accounts[account_id], account_id))


def _account(account_id: int, accounts: Accounts) -> TouchedAccount:
    known = accounts.get(account_id)
    if known is None:
        return TouchedAccount(id=str(account_id), kind=None, name=None, shop=None)
    return TouchedAccount(id=str(known.id), kind=known.kind, name=known.name, shop=known.domain)


def _example(one: ShopFailures) -> FailureExample:
    return FailureExample(task_id=one.example_id, order_number=one.example_order)


def _trend(trend: Trend) -> FailureTrend:
    return FailureTrend(
        direction=trend.direction,
        last_24h=trend.last_24h,
        day_before=trend.day_before,
        hours=[
            FailureHour(start=trend.start + timedelta(hours=number), count=n)
            for number, n in enumerate(trend.hours)
        ],
    )
