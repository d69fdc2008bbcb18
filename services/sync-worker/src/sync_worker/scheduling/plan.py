"""What runs by itself for an account, and how often. Pure.

An account's setting `schedules` overrides the defaults, in seconds; 0 switches one off:
`{"IndexOrders": 300, "SyncShopCurrency": 0}`.
"""

from collections.abc import Mapping
from typing import Any, TypeGuard

from shared.tasks import TaskType

SHORTEST_S = 10
LONGEST = 10_000_000
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# What is quiet for ten minutes counts as unknown; accounts in use are not tried.
_TRIAL = 5 * _MINUTE

_MARKETPLACE: Mapping[str, int] = {
    TaskType.CHECK_ACCOUNT: _TRIAL,
    TaskType.FETCH_MARKETPLACE_ORDERS: 15 * _MINUTE,
    TaskType.FETCH_MARKETPLACE_PRODUCTS: _DAY,
}
_DEFAULTS: Mapping[str, Mapping[str, int]] = {
    "shopify": {
        TaskType.CHECK_ACCOUNT: _TRIAL,
        TaskType.INDEX_ORDERS: 15 * _MINUTE,
        TaskType.INDEX_SHOP_CUSTOMERS: 15 * _MINUTE,
        TaskType.CHECK_WEBHOOK_SUBSCRIPTIONS: _HOUR,
        TaskType.SYNC_SHOP_CURRENCY: _DAY,
        TaskType.FETCH_MARKETPLACE_PRODUCTS: _DAY,
    },
    "amazon": _MARKETPLACE,
    "ebay": _MARKETPLACE,
    "supplier": {TaskType.CHECK_ACCOUNT: _TRIAL},
    "engage": {TaskType.CHECK_ACCOUNT: _TRIAL, TaskType.INDEX_STORES: _HOUR},
}

# Type, the option that switches it on, and the option that says how many minutes lie between.
_OPTIONS: Mapping[str, tuple[tuple[TaskType, str, str], ...]] = {
    "supplier": (
        (TaskType.UPDATE_ORDERS, "auto_update_order_status", "order_status_interval_minutes"),
        (TaskType.UPDATE_PRODUCTS, "auto_update_product_data", "product_data_interval_minutes"),
    ),
}
_OPTION_MINUTES = {TaskType.UPDATE_ORDERS: 30, TaskType.UPDATE_PRODUCTS: 360}


def planned(kind: str, settings: Mapping[str, Any]) -> dict[str, int]:
    """The seconds between runs of each type an account of this kind wants. Unusable wishes count as none."""
    plan = {**_DEFAULTS.get(kind, {}), **_options(kind, settings)}
    wishes = settings.get("schedules")
    for name, seconds in wishes.items() if isinstance(wishes, Mapping) else ():
        if name in plan and _is_count(seconds):
            plan[name] = seconds
    return {str(name): max(SHORTEST_S, seconds) for name, seconds in plan.items() if seconds > 0}


def _options(kind: str, settings: Mapping[str, Any]) -> dict[str, int]:
    """What people switch on and off for themselves."""
    plan: dict[str, int] = {}
    for name, switch, interval in _OPTIONS.get(kind, ()):
        minutes = settings.get(interval)
        is_on = settings.get(switch) is True
        plan[name] = _MINUTE * (minutes if _is_count(minutes) else _OPTION_MINUTES[name]) if is_on else 0
    return plan


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= LONGEST
