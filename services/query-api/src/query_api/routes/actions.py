"""`/actions`: what people start for suppliers, as tasks."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import APIRouter, Response

from query_api.account_kinds import SUPPLIER
from query_api.auth import Reader
from query_api.backend import Backend, BackendOf, Operator
from query_api.problems import Problem, documented, not_found
from query_api.repository.accounts import Account, all_accounts
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.suppliers import unpublished_orders
from query_api.routes.accounts import chosen_shops
from query_api.routes.freshness import answered_as_of
from query_api.schemas.accounts import ActionAnswer, ActionIn, StartedTask
from query_api.starting import SERVICE
from shared.envelope import Payload, Transition, utc_now
from shared.starting import Start, started
from shared.tasks import Lane, TaskType

router = APIRouter(prefix="/actions", tags=["actions"])

SHOWN = 1_000
_FETCHING = {TaskType.UPDATE_ORDERS: "orders.fetch", TaskType.UPDATE_PRODUCTS: "products.fetch"}
PROBLEMS = documented(400, 401, 403, 404, 409, 503)


@router.post("/publish-all-orders", status_code=202, summary="Publish All Orders", responses=PROBLEMS)
async def publish_all_orders(
    wanted: ActionIn, reader: Operator, backend: BackendOf, response: Response
) -> ActionAnswer:
    """Hands every paid order with products of the supplier, that it has not got, on to it: one task each.
    Needs the role operator or admin."""
    suppliers = await _suppliers(backend, wanted, reader)
    report = _Report(suppliers)
    for supplier in suppliers:
        before = report.count
        async for page in _unpublished(backend, supplier, reader):
            await backend.starter.start_all(page)
            report.add(page)
        await _note(backend, reader, "orders.publish", supplier, report.count - before)
    return await report.answer(backend, response)


@router.post("/fetch-all-orders", status_code=202, summary="Fetch All Orders", responses=PROBLEMS)
async def fetch_all_orders(
    wanted: ActionIn, reader: Operator, backend: BackendOf, response: Response
) -> ActionAnswer:
    """Asks the supplier how our orders stand. Needs the role operator or admin."""
    return await _fetch(TaskType.UPDATE_ORDERS, wanted, reader, backend, response)


@router.post("/fetch-all-products", status_code=202, summary="Fetch All Products", responses=PROBLEMS)
async def fetch_all_products(
    wanted: ActionIn, reader: Operator, backend: BackendOf, response: Response
) -> ActionAnswer:
    """Takes over the supplier's catalogue. Needs the role operator or admin."""
    return await _fetch(TaskType.UPDATE_PRODUCTS, wanted, reader, backend, response)


class _Report:
    """What was started, with as much of it as is shown."""

    def __init__(self, suppliers: Sequence[Account]) -> None:
        self._names = {supplier.id: supplier.name for supplier in suppliers}
        self._tasks: list[StartedTask] = []
        self.count = 0

    def add(self, transitions: Sequence[Transition]) -> None:
        self.count += len(transitions)
        room = SHOWN - len(self._tasks)
        self._tasks += [self._shown(transition) for transition in transitions[:room]]

    async def answer(self, backend: Backend, response: Response) -> ActionAnswer:
        async with snapshot(backend.pool) as connection:
            as_of = await answered_as_of(connection, response)
        return ActionAnswer(as_of=as_of, tasks=self._tasks, count=self.count)

    def _shown(self, transition: Transition) -> StartedTask:
        task = transition.task
        account_id = task.account_id or 0
        return StartedTask(
            id=task.id,
            type=task.type,
            account_id=str(account_id),
            account=self._names.get(account_id, ""),
            order_number=task.order_number,
        )


async def _fetch(
    task_type: TaskType, wanted: ActionIn, reader: Reader, backend: Backend, response: Response
) -> ActionAnswer:
    suppliers = await _suppliers(backend, wanted, reader)
    transitions = [_started(task_type, supplier, reader) for supplier in suppliers]
    await backend.starter.start_all(transitions)
    for supplier in suppliers:
        await _note(backend, reader, _FETCHING[task_type], supplier, 1)
    report = _Report(suppliers)
    report.add(transitions)
    return await report.answer(backend, response)


async def _note(backend: Backend, reader: Reader, action: str, supplier: Account, tasks: int) -> None:
    deed = Deed(action, supplier.shop_id, {"tasks": tasks}, subject=str(supplier.id))
    await audit(backend.pool, reader, deed)


async def _unpublished(
    backend: Backend, supplier: Account, reader: Reader
) -> AsyncIterator[list[Transition]]:
    """Off the lane of live webhooks: there may be thousands."""
    async with backend.pool.acquire() as connection:
        async for orders in unpublished_orders(connection, supplier.id, supplier.shop_id):
            yield [
                _started(
                    TaskType.PUBLISH_ORDER,
                    supplier,
                    reader,
                    source_id=order.order_id,
                    order_number=order.order_number,
                    lane=Lane.SYNC_BULK,
                )
                for order in orders
            ]


def _started(task_type: TaskType, supplier: Account, reader: Reader, **facts: Any) -> Transition:
    start = Start(
        type=task_type,
        shop_id=supplier.shop_id,
        actor=reader.name,
        payload=Payload(body=b"{}"),
        account_id=supplier.id,
        retry_policy=supplier.settings.get("retry_policy"),
        **facts,
    )
    return started(start, service=SERVICE, now=utc_now())


async def _suppliers(backend: Backend, wanted: ActionIn, reader: Reader) -> list[Account]:
    """The active suppliers meant. Raises Problem when there is none."""
    async with snapshot(backend.pool) as connection:
        shop_ids = await chosen_shops(connection, [wanted.shop] if wanted.shop else [], reader)
        found = await all_accounts(connection, backend.vault, shop_ids=shop_ids, kinds=[SUPPLIER.name])
    if wanted.account_id is not None:
        found = [account for account in found if str(account.id) == wanted.account_id]
        if not found:
            raise not_found("There is no such supplier that this token may see.")
    active = [account for account in found if account.is_active]
    if not active:
        raise Problem(409, "conflict", _why_none(found))
    return active


def _why_none(found: Sequence[Account]) -> str:
    if found:
        return f"The supplier {found[0].name!r} is switched off: switch it on first."
    return "There is no supplier yet: connect one with POST /api/v1/accounts, kind supplier."
