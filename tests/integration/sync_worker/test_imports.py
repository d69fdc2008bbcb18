"""A shop's data is imported: exported there, staged, stored by the rules of freshness, told to the CRM."""

from datetime import timedelta

import pytest

from shared.envelope import utc_now
from shared.tasks import Lane, TaskType
from tests.integration.sync_worker import importing
from tests.integration.sync_worker.importing import T, whole_import
from tests.integration.sync_worker.storefront import Storefront
from tests.integration.sync_worker.world import World, delivery
from tests.unit.sync_worker.bodies import customer_body


async def test_customers_and_then_orders_are_stored_and_told_to_the_crm(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PUT", "volume", customers=30, orders=40, lines_per_order=3)
    found, way = await whole_import(world)
    assert way.types == [
        T.HANDLE_BULK_IMPORT_CREATE_REQUEST,
        *_ROUND,
        T.TRIGGER_NEXT_BATCH,
        *_ROUND,
        T.TRIGGER_NEXT_BATCH,
    ]
    assert (found["state"], found["problem"], found["url"]) == ("finished", None, None)
    assert await importing.stored(world) == (30, 40)
    assert await importing.staged_lines(world) == 0
    assert {(one.type, one.lane) for one in way.for_crm} == {
        (TaskType.SYNC_CONTACT, Lane.SYNC_BULK),
        (TaskType.SYNC_ORDER, Lane.SYNC_BULK),
    }
    assert len({one.source_id for one in way.for_crm}) == len(way.for_crm) == 70
    summary = found["summary"]
    assert summary["customers"] | {"new": 30, "processed": 30, "failed": 0} == summary["customers"]
    assert summary["orders"] | {"new": 40, "children": 160, "joined": 160} == summary["orders"]
    assert summary["handed_over"] == 70


_ROUND = [T.HANDLE_BULK_IMPORT_CREATE, T.HANDLE_BULK_OPERATION_FINISH, T.PROCESS_BULK_IMPORT_DATA]


@pytest.mark.parametrize("order", ["grouped", "shuffled", "children_last", "children_first"])
async def test_orders_find_their_lines_wherever_these_stand(
    world: World, storefront: Storefront, order: str
) -> None:
    await storefront.say("PATCH", "admin", bulk_order=order, bulk_shuffle_window=100)
    await storefront.say("PUT", "volume", orders=50, lines_per_order=4)
    found, _ = await whole_import(world, "orders")
    assert (found["processed"], found["failed"], found["total"]) == (50, 0, 50)
    query = (
        "SELECT DISTINCT jsonb_array_length(data -> 'line_items') AS n,"
        " jsonb_array_length(data -> 'shipping_lines') AS m FROM store.orders"
    )
    assert [tuple(row) for row in await world.pool.fetch(query)] == [(4, 1)]


async def test_an_imported_state_equals_the_one_the_webhook_tells(
    world: World, storefront: Storefront
) -> None:
    order = await storefront.buy()
    await whole_import(world, "customers", "orders")
    for topic, body in (("orders/updated", order), ("customers/update", order["customer"])):
        if body is not None:
            done = await world.deliver(topic, body)
            assert (topic, done.note) == (topic, "Nothing that matters has changed")


async def test_newer_and_deleted_states_win_over_the_export(world: World, storefront: Storefront) -> None:
    await storefront.say("PUT", "volume", customers=3)
    ids = await _customer_ids(world, storefront)
    later = (utc_now() + timedelta(hours=1)).isoformat()
    await world.deliver("customers/update", customer_body(id=ids[0], first_name="Newer", updated_at=later))
    await world.deliver("customers/delete", {"id": ids[1]})
    found, way = await whole_import(world, "customers")
    summary = found["summary"]["customers"]
    assert (summary["new"], summary["older"], summary["deleted"]) == (1, 1, 1)
    assert (await world.customer_row(ids[0]))["data"]["first_name"] == "Newer"
    assert (await world.customer_row(ids[1]))["data"] is None
    assert [one.source_id for one in way.for_crm] == [str(ids[2])]


async def test_a_second_import_changes_nothing_and_tells_only_what_the_crm_does_not_know(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PUT", "volume", customers=5, orders=5)
    await whole_import(world)
    await world.pool.execute("UPDATE store.customers SET contact_id = source_id WHERE source_id LIKE '%0'")
    linked = await world.pool.fetchval("SELECT count(*) FROM store.customers WHERE contact_id IS NOT NULL")
    before = await world.pool.fetch("SELECT source_id, indexed_at FROM store.customers ORDER BY 1")
    found, way = await whole_import(world)
    assert found["summary"]["customers"]["unchanged"] == found["summary"]["orders"]["unchanged"] == 5
    assert before == await world.pool.fetch("SELECT source_id, indexed_at FROM store.customers ORDER BY 1")
    due = "SELECT count(*) FROM store.orders WHERE data ->> 'financial_status' = 'paid'"
    orders = await world.pool.fetchval(due)
    assert [one.type for one in way.for_crm] == [T.SYNC_CONTACT] * (5 - linked) + [T.SYNC_ORDER] * orders


async def test_orders_from_before_the_crm_are_told_once_it_is_there(
    world: World, storefront: Storefront
) -> None:
    await importing.no_crm(world)
    await storefront.say("PUT", "volume", orders=6)
    await whole_import(world, "orders")
    await world.set_account(is_active=True)
    _, way = await whole_import(world, "orders")
    paid = await world.pool.fetchval(
        "SELECT count(*) FROM store.orders WHERE data ->> 'financial_status' = 'paid'"
    )
    assert len(way.for_crm) == paid > 0
    for follow_up in way.for_crm:
        assert (await world.follow(follow_up)).error is None
    _, again = await whole_import(world, "orders")
    assert again.for_crm == []


async def test_a_shop_without_a_crm_account_is_stored_only(world: World, storefront: Storefront) -> None:
    await importing.no_crm(world)
    await storefront.say("PUT", "volume", customers=5, orders=5)
    found, way = await whole_import(world)
    assert (found["state"], way.for_crm) == ("finished", [])
    assert await importing.stored(world) == (5, 5)


async def test_an_empty_shop_has_nothing_to_import(world: World, storefront: Storefront) -> None:
    await storefront.say("PUT", "volume", customers=0, orders=0)
    found, _ = await whole_import(world)
    assert (found["state"], found["total"]) == ("finished", 0)


async def test_bad_lines_are_counted_with_number_and_reason_and_the_rest_goes_on(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PATCH", "admin", bulk_bad_lines=10)
    await storefront.say("PUT", "volume", orders=60, lines_per_order=2)
    found, _ = await whole_import(world, "orders")
    told = await importing.exported(storefront)
    failed = await importing.failures(world, found["id"])
    assert [one["line"] for one in failed] == told["bad_lines"]
    assert {one["reason"] for one in failed} == {
        "The line is not JSON",
        "The line is not a JSON object",
        "The object has no usable id",
        "The object it belongs to is not in the export",
    }
    assert (found["processed"], found["failed"], found["total"]) == (60, len(failed), 60 + len(failed))
    assert found["summary"]["orders"]["orphans"] >= 1
    assert await importing.stored(world) == (0, 60)


async def test_consents_and_tags_come_with_the_import_and_never_replace_newer_ones(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PUT", "volume", customers=40)
    ids = await _customer_ids(world, storefront)
    newer = {"state": "unsubscribed", "consent_updated_at": utc_now().isoformat()}
    consent = {"customer_id": ids[0], "email_address": "a@example.com", "email_marketing_consent": newer}
    told = delivery("customers_email_marketing_consent/update", consent)
    await world.run(TaskType.INDEX_CUSTOMER, told, source_id=str(ids[0]))
    await whole_import(world, "customers")
    assert (await world.customer_row(ids[0]))["email_consent"]["state"] == "unsubscribed"
    query = "SELECT count(*) FROM store.customers WHERE email_consent ->> 'state' = 'subscribed'"
    assert await world.pool.fetchval(query) > 5


async def test_each_customer_has_its_own_tags_however_many_others_have(
    world: World, storefront: Storefront
) -> None:
    wanted: dict[int, list[str]] = {}
    for tags in (["vip", "återkommande"], ["nyhetsbrev"], []):
        made = await storefront.say("POST", "customers", tags=tags, last_name="Lind", tell=False)
        wanted[made["id"]] = tags
    for extra in ([], ["later"]):
        for customer_id, tags in wanted.items():
            await storefront.say("PATCH", f"customers/{customer_id}", tags=[*tags, *extra], tell=False)
        found, _ = await whole_import(world, "customers")
        assert found["state"] == "finished"
        for customer_id, tags in wanted.items():
            assert set((await world.customer_row(customer_id))["tags"]) == {*tags, *extra}


async def _customer_ids(world: World, storefront: Storefront) -> list[int]:
    """The ids of the shop's customers, by importing them and forgetting that again."""
    await whole_import(world, "customers")
    rows = await world.pool.fetch("SELECT source_id FROM store.customers ORDER BY source_id")
    await world.pool.execute("DELETE FROM store.customers")
    return [int(row["source_id"]) for row in rows]
