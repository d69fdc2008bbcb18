"""What runs by itself for an account, and how often."""

from typing import Any

import pytest

from shared.tasks import TaskType
from sync_worker.scheduling.plan import SHORTEST_S, planned


def test_a_shop_is_polled_and_checked() -> None:
    assert set(planned("shopify", {})) == {
        TaskType.INDEX_ORDERS,
        TaskType.INDEX_SHOP_CUSTOMERS,
        TaskType.CHECK_WEBHOOK_SUBSCRIPTIONS,
        TaskType.SYNC_SHOP_CURRENCY,
        TaskType.FETCH_MARKETPLACE_PRODUCTS,
        TaskType.CHECK_ACCOUNT,
    }


def test_a_crms_stores_are_listed_every_hour() -> None:
    assert planned("engage", {"store_external_id": "ecom"}) == {
        "IndexStores": 3_600,
        "CheckAccount": 300,
    }


def test_an_unknown_kind_of_account_wants_nothing() -> None:
    assert planned("fax", {"schedules": {"IndexOrders": 60}}) == {}


def test_intervals_are_adjusted_and_switched_off_by_the_accounts_settings() -> None:
    plan = planned("shopify", {"schedules": {"IndexOrders": 300, "SyncShopCurrency": 0, "IndexStores": 60}})
    assert plan["IndexOrders"] == 300
    assert "SyncShopCurrency" not in plan
    assert "IndexStores" not in plan


def test_no_interval_is_shorter_than_the_shortest() -> None:
    assert planned("shopify", {"schedules": {"IndexOrders": 1}})["IndexOrders"] == SHORTEST_S


@pytest.mark.parametrize("wishes", [None, "often", [300], {"IndexOrders": "300"}, {"IndexOrders": True}])
def test_unusable_wishes_count_as_none(wishes: Any) -> None:
    assert planned("shopify", {"schedules": wishes}) == planned("shopify", {})


def test_a_suppliers_options_are_its_plan() -> None:
    options = {
        "auto_update_order_status": True,
        "order_status_interval_minutes": 5,
        "auto_update_product_data": False,
        "product_data_interval_minutes": 60,
    }
    trial = {"CheckAccount": 300}
    assert planned("supplier", options) == {"UpdateOrders": 300, **trial}
    assert planned("supplier", {}) == trial
    assert planned("supplier", {"auto_update_product_data": True}) == {"UpdateProducts": 360 * 60, **trial}


@pytest.mark.parametrize("kind", ["shopify", "engage", "supplier", "amazon", "ebay"])
def test_accounts_are_tried_before_ten_quiet_minutes_are_over(kind: str) -> None:
    assert planned(kind, {})["CheckAccount"] < 600
    assert "CheckAccount" not in planned(kind, {"schedules": {"CheckAccount": 0}})
