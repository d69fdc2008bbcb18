"""`/alerts/test`: whether those who are to be told can be reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from query_api.auth import Reader
from query_api.backend import Backend, Operator, backend_of, client_address
from query_api.problems import Problem, documented, invalid
from query_api.repository.alert_settings import ShopSettings, shop_settings
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.routes.alert_evidence import ShopParameter, named_shop
from query_api.routes.freshness import answered_as_of
from query_api.schemas.alert_settings import TestAnswer, TestIn, TestTask
from query_api.starting import SERVICE
from shared.alerts.notifications import (
    Notification,
    NotificationKind,
    Recipient,
    insert,
    note_queued,
    queued,
)
from shared.envelope import utc_now
from shared.identity import new_task_id

router = APIRouter(prefix="/alerts", tags=["alerts"])

ACTION = "alert.test"


@router.post(
    "/test", status_code=202, summary="Send a test message", responses=documented(400, 401, 403, 409, 503)
)
async def send_test(
    parameters: Annotated[ShopParameter, Query()],
    reader: Operator,
    request: Request,
    response: Response,
    wanted: TestIn | None = None,
) -> TestAnswer:
    """To everybody who is told of the shop's alerts, or to one of them, each by a task of its own. Needs the
    role operator or admin."""
    sent = await sent_tests(request, reader, parameters.shop, wanted.recipient if wanted else None)
    async with snapshot(backend_of(request).pool) as connection:
        as_of = await answered_as_of(connection, response)
    return TestAnswer(as_of=as_of, is_queued=sent.is_queued, tasks=[_shown(one) for one in sent.tests])


@dataclass(frozen=True, slots=True)
class Sent:
    """`is_queued` False: the broker did not take them yet; alerting queues them a little later."""

    tests: Sequence[Notification]
    is_queued: bool


async def sent_tests(request: Request, reader: Reader, domain: str, recipient: str | None) -> Sent:
    """`recipient` None: to everybody who is told. Raises Problem when there is nobody."""
    backend = backend_of(request)
    async with snapshot(backend.pool) as connection:
        shop = await named_shop(connection, domain, reader)
        found = await shop_settings(connection, backend.vault, shop.id)
    if not shop.is_active:
        raise Problem(409, "conflict", "The shop is not connected: nobody is told of its alerts.")
    chosen = _chosen(found, recipient)
    tests = [Notification(new_task_id(), shop.id, NotificationKind.TEST, one) for one in chosen]
    await _keep(backend, reader, tests, address=client_address(request))
    return Sent(tests, await _queue(backend, reader, tests))


def _chosen(found: ShopSettings, name: str | None) -> list[Recipient]:
    """Raises Problem."""
    everybody = found.recipients
    chosen = everybody if name is None else [one for one in everybody if _is(one, name)]
    if name is not None and not chosen:
        raise invalid("recipient", "Nobody is told under this name; GET /api/v1/alerts/settings lists them.")
    if not chosen:
        raise Problem(409, "conflict", "There is nobody to tell: the shop has no mail address.")
    return chosen


def _is(recipient: Recipient, name: str) -> bool:
    return recipient.name.casefold() == name.strip().casefold()


async def _keep(
    backend: Backend, reader: Reader, tests: Sequence[Notification], *, address: str | None
) -> None:
    """From here on they are sent, whatever becomes of this request: alerting queues what was not."""
    detail = {"recipients": len(tests), "task_ids": [str(one.id) for one in tests]}
    async with backend.pool.acquire() as connection, connection.transaction():
        await insert(connection, tests)
        await audit(connection, reader, Deed(ACTION, tests[0].shop_id or 0, detail, address=address))


async def _queue(backend: Backend, reader: Reader, tests: Sequence[Notification]) -> bool:
    """False: the broker did not take them yet."""
    now = utc_now()
    try:
        await backend.starter.start_all(
            [queued(one, now, service=SERVICE, actor=reader.name) for one in tests]
        )
    except Problem:
        return False
    await note_queued(backend.pool, [one.id for one in tests], now)
    return True


def _shown(test: Notification) -> TestTask:
    return TestTask(task_id=test.id, channel=test.recipient.channel, recipient=test.recipient.name)
