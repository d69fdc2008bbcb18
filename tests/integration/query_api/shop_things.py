"""One of everything that belongs to a shop, and what stands in its place where there is none."""

from typing import Any
from uuid import uuid4

from msgspec.structs import replace

from query_api.auth import Role
from shared.envelope import Detail, State, utc_now
from shared.identity import new_task_id
from tests.factories import transition
from tests.integration.query_api.alerting import add_alert
from tests.integration.query_api.shipping import add_account, add_shipment
from tests.integration.query_api.supplying import add_order, new_account
from tests.integration.query_api.world import Api, World
from tests.integration.recorder.histories import FAILURE

Things = dict[str, str]


async def things_of(world: World, name: str, number: int) -> Things:
    """Those of a new shop; `number` tells its orders from others'."""
    shop_id = await world.add_shop(name)
    domain = f"{name}.example"
    async with world.reader() as administrator:
        account_id = await _supplier(administrator, domain)
        seller_id = await add_account(world.pool, shop_id)
        await add_account(world.pool, shop_id, "shopify", "Shop")
        import_id = await _import(administrator, domain)
        operation_id = await _operation(administrator, domain)
    await add_order(world.pool, shop_id, number)
    task = await world.record_task(
        State.FAILED, shop_id=shop_id, account_id=int(account_id), order_number=f"#{number}"
    )
    done = await world.record_task(State.SUCCEEDED, shop_id=shop_id)
    await _failure(world, shop_id, f"f-{number}")
    await _refused(world, domain)
    await world.token(Role.VIEWER, shop_ids=[shop_id])
    return {
        "domain": domain,
        "order_number": str(number),
        "task": str(task.id),
        "fingerprint": f"f-{number}",
        "done": str(done.id),
        "account": account_id,
        "import": import_id,
        "operation": operation_id,
        "shipment": str(await add_shipment(world.pool, seller_id, number, state="failed")),
        "alert": await add_alert(world, shop_id),
        "request": await _privacy_request(world, shop_id, domain),
        "token": str(await world.pool.fetchval("SELECT max(id) FROM admin.api_tokens")),
    }


def nothing() -> Things:
    """Things that are not there."""
    numbers = dict.fromkeys(("account", "request", "token"), "987654321")
    ids = {name: str(uuid4()) for name in ("import", "operation", "shipment", "alert")}
    return {
        "domain": "nowhere.example",
        "order_number": "987",
        "task": str(new_task_id()),
        "fingerprint": "f-987",
        "done": str(new_task_id()),
        **numbers,
        **ids,
    }


async def _supplier(api: Api, domain: str) -> str:
    answer = await api.client.post("/api/v1/accounts", json=new_account(shop=domain))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["account"]["id"])


async def _import(api: Api, domain: str) -> str:
    answer = await api.client.post("/api/v1/imports", json={"shop": domain})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["import"]["id"])


async def _operation(api: Api, domain: str) -> str:
    wanted = {"kind": "retry", "filter": {"shop": [domain], "state": ["succeeded"]}}
    answer = await api.client.post("/api/v1/operations", json=wanted)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["operation"]["id"])


async def _refused(world: World, domain: str) -> None:
    await world.pool.execute(
        "INSERT INTO ingest.rejections (source, shop_domain, topic, reason, first_at, last_at) "
        "VALUES ('shopify', $1, 'orders/create', 'bad_signature', now(), now())",
        domain,
    )


async def _failure(world: World, shop_id: int, fingerprint: str) -> None:
    """Of a kind that only this shop has."""
    detail = Detail(failure=replace(FAILURE, fingerprint=fingerprint))
    await world.record([transition(shop_id=shop_id, state=State.FAILED, detail=detail)])


async def _privacy_request(world: World, shop_id: int, domain: str) -> str:
    task_id, key = new_task_id(), "SELECT data_key FROM store.shops WHERE id = $1"
    data_key = world.vault.open_data_key(await world.pool.fetchval(key, shop_id))
    request_id: Any = await world.pool.fetchval(
        "INSERT INTO admin.privacy_requests (shop_id, shop_domain, kind, task_id, export, due_at, done_at)"
        " VALUES ($1, $2, 'data_request', $3, $4, $5, $5) RETURNING id",
        shop_id,
        domain,
        task_id,
        data_key.seal(b"{}", task_id),
        utc_now(),
    )
    return str(request_id)
