"""An account is tried with one harmless question, whatever it is for."""

import orjson
import pytest

from shared.envelope import Payload
from shared.errors import Misconfigured, Obsolete, Rejected, Unavailable
from shared.tasks import Api, TaskType
from shared.trials import wish
from tests.integration.sync_worker.supplying import example, supplying
from tests.integration.sync_worker.world import Done, World


async def tried(world: World, account_id: int) -> Done:
    return await world.run(TaskType.CHECK_ACCOUNT, account_id=account_id)


async def add(world: World, kind: str, path: str, **credentials: str) -> int:
    base = str(world.control.base_url).removesuffix("/control/")
    account_id: int = await world.pool.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
        "VALUES ($1, $2, 'Tried', $3, $4) RETURNING id",
        world.shop_id,
        kind,
        f"{base}{path}",
        world.vault.seal(orjson.dumps(credentials)),
    )
    return account_id


async def test_the_crm_answers(world: World) -> None:
    done = await tried(world, world.account_id)
    assert done.note == "It works: the CRM answered when it was asked for a contact; the CRM has 1 store"
    assert {call.category for call in done.calls} == {Api.CONTACTS, Api.ORDERS}


async def test_the_shop_answers_with_its_name(world: World) -> None:
    path = "/shopify/sandbox-outdoor.myshopify.com"
    account_id = await add(world, "shopify", path, access_token="sandbox-shopify-token")
    done = await tried(world, account_id)
    assert done.note is not None
    assert done.note.startswith("It works: products can be read; orders can be read; this is the Admin ")
    assert {(call.category, call.account_id) for call in done.calls} == {
        (part, account_id) for part in (Api.PRODUCTS, Api.ORDERS, Api.WRITEBACK)
    }


async def test_only_the_parts_that_are_named_are_tried(world: World) -> None:
    payload = Payload(body=wish([Api.ORDERS]))
    done = await world.run(TaskType.CHECK_ACCOUNT, payload, account_id=world.account_id)
    assert [call.category for call in done.calls] == [Api.ORDERS]


async def test_a_part_that_is_refused_does_not_make_the_account_unusable(world: World) -> None:
    await world.faults({"route": "GET /api/v3/stores", "fault": "unauthorised"})
    done = await tried(world, world.account_id)
    assert isinstance(done.error, Rejected)
    assert not isinstance(done.error, Misconfigured)
    assert done.error.message == "Orders: Engage refused the account's key (401)"
    await world.faults({"fault": "unauthorised"})
    assert isinstance((await tried(world, world.account_id)).error, Misconfigured)


@pytest.mark.parametrize("name", ["gate4cards", "trinavo"])
async def test_a_supplier_answers_and_its_products_can_be_read(world: World, name: str) -> None:
    supplier = await supplying(world, name, invalid_every=10)
    done = await tried(world, supplier.account_id)
    assert done.note is not None
    assert done.note.startswith("It works: the first page of the catalogue has 27 usable products and 3 ")


async def test_a_supplier_without_a_catalogue_is_asked_for_an_order(world: World) -> None:
    supplier = await supplying(world, "gate4cards")
    settings = example("gate4cards")
    settings["format"]["products"] = None
    await supplier.settle(**{**settings, "auto_update_product_data": False})
    done = await tried(world, supplier.account_id)
    assert done.note == "It works: the supplier answered when it was asked for an order"


async def test_what_is_wrong_is_said(world: World) -> None:
    supplier = await supplying(world, "trinavo")
    await supplier.credentials(token="expired", token2="sandbox-supplier-token-2")
    assert isinstance((await tried(world, supplier.account_id)).error, Misconfigured)
    await world.pool.execute("UPDATE store.accounts SET base_url = 'http://127.0.0.1:9'")
    await supplier.credentials(token="sandbox-supplier-token", token2="sandbox-supplier-token-2")
    assert isinstance((await tried(world, supplier.account_id)).error, Unavailable)


async def test_a_sender_that_is_never_asked_is_not_tried(world: World) -> None:
    done = await tried(world, await add(world, "woocommerce", ""))
    assert done.note == "There is nothing to try: this system sends to us and is never asked"


async def test_an_account_that_is_gone_is_said_to_be(world: World) -> None:
    assert isinstance((await tried(world, 999)).error, Obsolete)
