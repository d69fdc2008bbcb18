"""`/stats/types`, `/stats/accounts` and `/stats/suppliers`: figures side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from query_api.account_kinds import SUPPLIER
from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf
from query_api.figures.buckets import counters_for, first_kept, whole
from query_api.figures.flows import Flow, Flows, added
from query_api.problems import documented
from query_api.repository.connections import snapshot
from query_api.repository.flows import Scope, accounts, flows, open_now
from query_api.routes.figure_parameters import (
    AccountFigureParameters,
    FigureFilters,
    choice_of,
    compared_span,
)
from query_api.routes.freshness import answered_as_of
from query_api.schemas import figure_shaping as shaping
from query_api.schemas.figures import ComparisonAnswer, SubjectOut
from shared.envelope import State, utc_now
from shared.tasks import CATALOGUE

router = APIRouter(prefix="/stats", tags=["statistics"])


@router.get("/types", summary="Task types in comparison", responses=documented(400, 401, 503))
async def compare_types(
    parameters: Annotated[FigureFilters, Query()], reader: ApiReader, backend: BackendOf, response: Response
) -> ComparisonAnswer:
    """What went through of each type of task, in a day or another stretch of time, and what is open now."""
    async with snapshot(backend.pool) as connection:
        choice = await choice_of(connection, parameters, reader)
        comparison = _Comparison(backend, parameters, await answered_as_of(connection, response))
        await comparison.count(connection, choice.scope, "type")
    every = [str(one) for one in choice.scope.types or CATALOGUE]
    names = [*every, *sorted(comparison.keys - set(every))]
    return comparison.answer((name, shaping.of_type(name), name in CATALOGUE) for name in names)


@router.get("/accounts", summary="Accounts in comparison", responses=documented(400, 401, 503))
async def compare_accounts(
    parameters: Annotated[AccountFigureParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> ComparisonAnswer:
    """What went through to each account, in a day or another stretch of time, and what is open now."""
    return await _compared(parameters, parameters.kind, reader, backend, response)


@router.get("/suppliers", summary="Suppliers in comparison", responses=documented(400, 401, 503))
async def compare_suppliers(
    parameters: Annotated[FigureFilters, Query()], reader: ApiReader, backend: BackendOf, response: Response
) -> ComparisonAnswer:
    """What went through to each supplier, in a day or another stretch of time, and what is open now."""
    return await _compared(parameters, [SUPPLIER.name], reader, backend, response)


async def _compared(
    parameters: FigureFilters, kinds: Sequence[str], reader: Reader, backend: Backend, response: Response
) -> ComparisonAnswer:
    async with snapshot(backend.pool) as connection:
        choice = await choice_of(connection, parameters, reader)
        scope = choice.scope
        found = await accounts(connection, scope.shop_ids, kinds=kinds, ids=scope.account_ids)
        comparison = _Comparison(backend, parameters, await answered_as_of(connection, response))
        await comparison.count(
            connection, replace(scope, account_ids=tuple(one.id for one in found)), "account"
        )
    return comparison.answer((str(one.id), shaping.of_account(one), one.is_active) for one in found)


class _Comparison:
    """Figures of one stretch of time, by type or account."""

    def __init__(self, backend: Backend, parameters: FigureFilters, as_of: datetime | None) -> None:
        self._as_of = as_of
        self._known_until = as_of or utc_now()
        self._bucket = whole(compared_span(parameters, self._known_until))
        self._counters = counters_for(
            self._bucket, "hour", minutes_since=first_kept(utc_now(), backend.minute_days)
        )
        self._flows: Flows = {}
        self._open: Mapping[str, Mapping[State, int]] = {}

    async def count(self, connection: Any, scope: Scope, told_by: Literal["type", "account"]) -> None:
        self._flows = await flows(connection, scope, self._bucket, self._counters, told_by)
        self._open = await open_now(connection, scope, told_by)

    @property
    def keys(self) -> set[str]:
        """What there is anything to tell of."""
        return self._flows.keys() | self._open.keys()

    def answer(self, subjects: Iterable[tuple[str, SubjectOut, bool]]) -> ComparisonAnswer:
        start, end = self._bucket.edges
        length = min(end, self._known_until) - start
        compared = [
            shaping.compared(subject, self._flow(key), length, self._open.get(key, {}), is_active=is_active)
            for key, subject, is_active in subjects
        ]
        return ComparisonAnswer(as_of=self._as_of, start=start, end=end, compared=compared)

    def _flow(self, key: str) -> Flow:
        return added(self._flows.get(key, []))
