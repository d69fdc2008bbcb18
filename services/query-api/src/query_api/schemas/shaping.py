"""From rows to answers. Pure."""

import base64
from dataclasses import asdict
from typing import Any, Literal

from query_api.json_view import pretty_text
from query_api.repository.payloads import Exchange
from query_api.repository.records import EventRow, Names, TaskRow
from query_api.repository.tasks import Related
from query_api.schemas.board import FiguresOut
from query_api.schemas.tasks import Body, PayloadEntry, Task, TaskBrief, TaskError, TaskEvent
from query_api.statistics import Figures
from shared.tasks import CATALOGUE, TaskSpec, TaskType

LARGEST_LAID_OUT = 1_000_000

Layout = Literal["pretty", "raw"]


def spec_of(type_name: str) -> TaskSpec | None:
    """None for types that were recorded once and have since left the catalogue."""
    try:
        return CATALOGUE[TaskType(type_name)]
    except ValueError:
        return None


def brief(row: TaskRow, names: Names) -> TaskBrief:
    return TaskBrief(**_brief_values(row, names))


def task(row: TaskRow, related: Related, names: Names, *, with_data: bool) -> Task:
    """`names`: of the related tasks, too. `with_data`: what may hold data of persons is shown."""
    spec = spec_of(row.type)
    return Task(
        **_brief_values(row, names),
        description=spec.description if spec else "",
        summary=row.summary,
        error=error(row, with_data=with_data),
        parent=related.parent and brief(related.parent, names),
        retried=related.retry_of and brief(related.retry_of, names),
        follow_ups=[brief(follow_up, names) for follow_up in related.follow_ups],
        retries=[brief(retry, names) for retry in related.retries],
        has_more_related=related.has_more,
    )


def error(row: TaskRow, *, with_data: bool) -> TaskError | None:
    if row.error_kind is None:
        return None
    return TaskError(
        kind=row.error_kind,
        message=row.error_message or "",
        http_status=row.error_status,
        response_excerpt=row.error_excerpt if with_data else None,
        is_withheld=row.error_excerpt is not None and not with_data,
        place=row.error_place,
        remedy=row.remedy,
        fingerprint=row.fingerprint,
    )


def event(row: EventRow, *, with_data: bool) -> TaskEvent:
    detail = {name: value for name, value in row.detail.items() if value not in (None, [], {})}
    is_withheld = not with_data and bool(row.failure.get("response_excerpt"))
    if is_withheld:
        shown = {name: value for name, value in row.failure.items() if name != "response_excerpt"}
        detail = {**detail, "failure": shown}
    return TaskEvent(
        attempt=row.attempt,
        state=row.state,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        service=row.service,
        by=row.by,
        max_attempts=row.header["max_attempts"],
        trace_id=row.trace_id,
        detail=detail,
        is_withheld=is_withheld,
    )


def payload_entry(exchange: Exchange, address: str, *, is_pretty: bool = False) -> PayloadEntry:
    """`address`: where the task's payloads are; the exact bytes lie below it. `is_pretty`: bodies that are
    JSON, and not too large, are laid out for reading."""
    place = f"{address}/{exchange.attempt}.{exchange.position}"
    return PayloadEntry(
        attempt=exchange.attempt,
        position=exchange.position,
        kind="received" if exchange.position == 0 else "call",
        meta=exchange.meta,
        sent=_body(exchange.sent, f"{place}.sent", is_pretty=is_pretty),
        received=_body(exchange.received, f"{place}.received", is_pretty=is_pretty),
        is_erased=exchange.is_erased,
    )


def figures(counted: Figures) -> FiguresOut:
    return FiguresOut(**asdict(counted), error_rate_24h=counted.error_rate_24h)


def _brief_values(row: TaskRow, names: Names) -> dict[str, Any]:
    spec = spec_of(row.type)
    account = names.accounts.get(row.account_id or 0)
    own = {name: getattr(row, name) for name in TaskBrief.model_fields if hasattr(row, name)}
    return own | {
        "id": row.task_id,
        "group": spec.group.value if spec else "other",
        "shop": names.domains.get(row.shop_id, str(row.shop_id)),
        "account": str(account) if account else None,
    }


def _body(content: bytes | None, raw: str, *, is_pretty: bool) -> Body | None:
    if content is None:
        return None
    size = len(content)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        encoded = base64.b64encode(content).decode()
        return Body(size=size, encoding="base64", layout="raw", body=encoded, raw=raw)
    laid_out = pretty_text(text) if is_pretty and size <= LARGEST_LAID_OUT else None
    layout: Layout = "raw" if laid_out is None else "pretty"
    return Body(size=size, encoding="text", layout=layout, body=laid_out or text, raw=raw)
