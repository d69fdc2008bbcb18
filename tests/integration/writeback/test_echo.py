"""Our own fulfilments come back as the shop's webhooks: stored like any other, told to nobody anew."""

import orjson

from shared.envelope import Payload
from shared.handling import Run
from shared.tasks import CATALOGUE, Group, TaskType
from sync_worker.handlers.fulfilments import receive_fulfilment
from tests.factories import header
from tests.integration.writeback.shipping import Shipping


async def test_the_echo_of_a_write_back_causes_no_other(shipping: Shipping) -> None:
    order = await shipping.store.buy(lines=[{"sku": "SL-001", "quantity": 2}])
    package = await shipping.pack(order, {"SL-001": 1})
    await shipping.tell(package)
    (echo,) = await shipping.fulfilments(order)
    before = await shipping.row(package)
    task = header(type=TaskType.FULFILLMENT_WEBHOOK, shop_id=shipping.shop_id)
    body = Payload(body=orjson.dumps(echo), topic="fulfillments/create")
    run = Run(task, body, 1, False, shipping.pool)
    outcome = await receive_fulfilment(run)
    await run.end(commit=True)
    assert outcome.source_id == before["target_id"]
    assert all(CATALOGUE[one.type].group is not Group.WRITE_BACK for one in outcome.follow_ups)
    assert await shipping.row(package) == before
