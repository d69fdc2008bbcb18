"""What is known of a shop itself, and of the CRM's stores."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.db.queries import load_queries

_queries = load_queries(__file__, "shops")


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What a shop tells of itself; None is what it left out."""

    name: str | None
    email: str | None
    currency: str | None
    timezone: str | None


@dataclass(frozen=True, slots=True)
class CrmStore:
    external_id: str
    name: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """Ids of the CRM's stores that are new, and of those that are gone."""

    new: list[str]
    gone: list[str]


async def keep_currency(connection: Any, shop_id: int, currency: str) -> None:
    await _queries.keep_currency(connection, shop_id=shop_id, currency=currency)


async def keep_shop(
    connection: Any, shop_id: int, facts: ShopFacts, *, told_at: datetime | None
) -> list[str] | None:
    """The names of what changed; None when the shop told something newer before."""
    before = await _queries.shop(connection, shop_id=shop_id)
    after = await _queries.keep_shop(connection, **asdict(facts), told_at=told_at, shop_id=shop_id)
    return None if after is None else [name for name, value in after.items() if value != before[name]]


async def keep_stores(connection: Any, account_id: int, stores: Sequence[CrmStore]) -> Changed:
    """Makes the known stores those the CRM has."""
    ids = [store.external_id for store in stores]
    known = {row["external_id"] async for row in _queries.crm_store_ids(connection, account_id=account_id)}
    await _queries.keep_crm_stores(
        connection,
        account_id=account_id,
        external_ids=ids,
        names=[store.name for store in stores],
        contents=[store.content for store in stores],
    )
    gone = _queries.drop_crm_stores(connection, account_id=account_id, external_ids=ids)
    return Changed([id_ for id_ in ids if id_ not in known], [row["external_id"] async for row in gone])


async def was_listed(connection: Any, account_id: int, external_id: str, *, within: timedelta) -> bool:
    """Whether the CRM listed the store in this time, and the account is the same as then."""
    listed = await _queries.was_listed(
        connection, account_id=account_id, external_id=external_id, within=within
    )
    return bool(listed)


async def shop_domain(connection: Any, shop_id: int) -> str:
    """The shop's permanent domain."""
    return str(await _queries.domain(connection, shop_id=shop_id))
