"""Who did what, when, and from where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from query_api.auth import Reader
from query_api.time_spans import ANY_TIME, Span
from shared.db.queries import load_queries

LATEST = 2**63 - 1
COMMAND_LINE = "command line"
_queries = load_queries(__file__, "audit")


@dataclass(frozen=True, slots=True)
class Deed:
    """`shop_id` None: of several shops, or of none. `detail` holds no secrets and no personal data; `address`
    is where the request came from, where that is not the reader's."""

    action: str
    shop_id: int | None
    detail: Mapping[str, Any]
    address: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class DeedRow:
    """`shop`: its domain."""

    id: int
    at: datetime
    actor: str
    token_id: int | None
    address: str | None
    action: str
    shop: str | None
    subject: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`shop_ids` None: all there is; else what was done for them, and `own_id`'s deeds whatever for."""

    shop_ids: tuple[int, ...] | None
    own_id: int | None = None
    actors: Sequence[str] = field(default=())
    actions: Sequence[str] = field(default=())
    subject: str | None = None
    at: Span = ANY_TIME
    before: int = LATEST


def only_shop(shop_ids: Sequence[int] | None) -> int | None:
    """The shop that a deed is about; None: several, or all."""
    return shop_ids[0] if shop_ids is not None and len(shop_ids) == 1 else None


async def audit(connection: Any, reader: Reader, deed: Deed) -> None:
    """Inside the transaction of what was done."""
    await _add(connection, reader.name, reader.token_id, deed.address or reader.address, deed)


async def audit_command(connection: Any, host: str, deed: Deed) -> None:
    """The same for the command line, which was used on `host`."""
    await _add(connection, COMMAND_LINE, None, host, deed)


async def newest_deeds(connection: Any, wanted: Wanted, *, limit: int) -> list[DeedRow]:
    rows = _queries.newest_deeds(
        connection,
        shop_ids=None if wanted.shop_ids is None else list(wanted.shop_ids),
        own_id=wanted.own_id,
        actors=list(wanted.actors) or None,
        actions=list(wanted.actions) or None,
        subject=wanted.subject,
        since=wanted.at.since,
        until=wanted.at.until,
        before=wanted.before,
        wanted=limit,
    )
    return [DeedRow(**dict(row)) async for row in rows]


async def _add(connection: Any, actor: str, token_id: int | None, address: str | None, deed: Deed) -> None:
    await _queries.add_deed(
        connection,
        actor=actor,
        token_id=token_id,
        address=address,
        action=deed.action,
        shop_id=deed.shop_id,
        subject=deed.subject,
        detail=dict(deed.detail),
    )
