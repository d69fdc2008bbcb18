"""The health of connections as it is answered."""

from typing import Any

from query_api.connection_health import Change, Part, Point, overall
from query_api.repository.api_health import Connected, LastCalls
from query_api.schemas.connections import ChangeOut, ConnectionOut, LastErrorOut, PartOut, PauseOut, PointOut
from shared.connections.counts import Counts


def connection(account: Connected, known: list[Part]) -> ConnectionOut:
    return ConnectionOut(
        account_id=str(account.id),
        shop=account.domain,
        kind=account.kind,
        name=account.name,
        status=overall(known),
        problem=account.problem,
        pause=_pause(account),
        parts=[_part(part) for part in known],
    )


def point(one: Point) -> PointOut:
    return PointOut(at=one.at, status=one.colour, **_figures(one.counts))


def change(one: Change) -> ChangeOut:
    return ChangeOut(at=one.at, before=one.before, after=one.status.colour, reason=one.status.reason)


def _part(part: Part) -> PartOut:
    return PartOut(
        category=part.category,
        status=part.status.colour,
        cause=part.status.cause,
        reason=part.status.reason,
        last_call_at=part.last.called_at if part.last else None,
        last_error=_last_error(part.last),
        **_figures(part.status.window),
    )


def _pause(account: Connected) -> PauseOut | None:
    if account.paused_until is None:
        return None
    return PauseOut(
        until=account.paused_until,
        reason=account.pause_reason or "",
        is_held=account.is_held,
        breaker_times=account.breaker_times,
    )


def _last_error(last: LastCalls | None) -> LastErrorOut | None:
    if last is None or last.error_at is None:
        return None
    return LastErrorOut(at=last.error_at, message=last.error_message, task_id=last.error_task_id)


def _figures(counts: Counts) -> dict[str, Any]:
    return {
        "calls": counts.calls,
        "errors": counts.errors,
        "error_rate": counts.error_rate,
        "p50_ms": counts.quantile_ms(0.5),
        "p95_ms": counts.quantile_ms(0.95),
    }
