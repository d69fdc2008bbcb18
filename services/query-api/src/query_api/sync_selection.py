"""What a request to synchronise shipments means: how many, which of them now, and for how long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from query_api.places import Place
from query_api.repository.shipment_pages import shipment_page
from query_api.repository.shipment_records import Shipper
from query_api.repository.shipments import shipments_by_id
from query_api.repository.syncing import budgets_of, counted
from query_api.shipment_query import ShipmentQuery, Sort
from query_api.shipment_words import ShipmentState
from query_api.sync_plan import AccountShare, Reason, SyncPlan, kind_of, planned, rate_of, refusal

Named = dict[Reason, list[UUID]]


@dataclass(frozen=True, slots=True)
class Selection:
    """`batch`: what may be started at once; `next`: where the rest begins. `named`: of shipments that were
    named one by one, those that are not started, by the reason. `is_exact` False: there are more than `plan`
    says."""

    plan: SyncPlan
    is_exact: bool
    shares: list[AccountShare]
    accounts: Mapping[int, Shipper]
    batch: list[UUID]
    next: Place | None
    named: Named


def walk_of(query: ShipmentQuery) -> ShipmentQuery:
    """The failed shipments of a query, the oldest first."""
    return replace(query, states=(ShipmentState.FAILED,), sort=Sort.CREATED, descending=False)


async def select(
    connection: Any, query: ShipmentQuery, among: Sequence[Shipper], place: Place | None, *, limit: int
) -> Selection:
    """`place`: where an earlier request ended. Raises InvalidCursor and TooManyFound."""
    accounts = {shipper.id: shipper for shipper in among}
    counts, is_exact = await counted(connection, query, among)
    plan = planned(counts, accounts)
    among = among if ShipmentState.FAILED in query.wanted_states else ()
    page = await shipment_page(connection, walk_of(query), among, place, limit=limit)
    named = await _named(connection, query.ids or (), accounts)
    plan.refused[Reason.NOT_FOUND] += len(named.get(Reason.NOT_FOUND, ()))
    return Selection(
        plan=plan,
        is_exact=is_exact,
        shares=await _shares(connection, plan, accounts),
        accounts=accounts,
        batch=[row.id for row in page.shipments],
        next=page.next,
        named=named,
    )


async def _named(connection: Any, ids: Sequence[UUID], accounts: Mapping[int, Shipper]) -> Named:
    rows = {row.id: row for row in await shipments_by_id(connection, ids)}
    named: Named = {}
    for shipment_id in ids:
        row = rows.get(shipment_id)
        shipper = accounts.get(row.account_id) if row else None
        if row is None or shipper is None:
            reason: Reason | None = Reason.NOT_FOUND
        else:
            reason = refusal(kind_of(row), shipper)
        if reason is not None:
            named.setdefault(reason, []).append(shipment_id)
    return named


async def _shares(connection: Any, plan: SyncPlan, accounts: Mapping[int, Shipper]) -> list[AccountShare]:
    budgets = await budgets_of(connection, list(plan.to_start))
    return [
        AccountShare(
            accounts[account_id], number, rate_of(accounts[account_id].kind, budgets.get(account_id, {}))
        )
        for account_id, number in plan.to_start.most_common()
    ]
