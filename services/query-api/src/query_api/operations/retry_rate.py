"""How many tasks a second an account takes. Pure."""

from collections.abc import Mapping
from typing import Any

# A task asks the other system some three times: it reads, compares and writes.
REQUESTS_OF_A_TASK = 3.0
SLOWEST = 0.1
_POINTS = 25.0
_REQUESTS_PER_SECOND = {"engage": 10.0, "shopify": 6.0, "amazon": 2.0, "ebay": 15.0, "supplier": 10.0}
_OTHERS = 6.0


def rate_of(kind: str, settings: Mapping[str, Any], budgets: Mapping[str, float]) -> float:
    """`budgets`: requests a second by operation, as far as they are known; Shopify counts points, of which a
    question and a change cost some 25. An account's own setting counts before what is usual for its kind."""
    if kind == "shopify" and "graphql" in budgets:
        return max(budgets["graphql"] / _POINTS, SLOWEST)
    own = settings.get("requests_per_second")
    requests = min(budgets.values(), default=None)
    if requests is None:
        requests = float(own) if isinstance(own, int | float) else _REQUESTS_PER_SECOND.get(kind, _OTHERS)
    return max(requests / REQUESTS_OF_A_TASK, SLOWEST)
