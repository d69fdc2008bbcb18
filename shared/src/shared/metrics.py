"""Prometheus metrics of the frame. No label carries a shop, an order or a task."""

from collections.abc import Iterable
from functools import cache
from itertools import product

from prometheus_client import Counter, Gauge, Histogram

from shared.call_outcomes import CallOutcome

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)

ATTEMPTS = Counter(
    "syncledger_task_attempts_total",
    "Attempts of tasks by how they ended",
    ["type", "outcome"],
)
ATTEMPT_SECONDS = Histogram(
    "syncledger_task_attempt_seconds",
    "How long an attempt ran",
    ["type"],
    buckets=SECONDS,
)
WAIT_SECONDS = Histogram(
    "syncledger_task_wait_seconds",
    "From queued to the start of the first attempt",
    ["type"],
    buckets=SECONDS,
)
PUT_BACK = Counter(
    "syncledger_messages_put_back_total",
    "Messages returned to wait, untouched",
    ["lane", "reason"],
)
REPEATED = Counter(
    "syncledger_messages_repeated_total",
    "Messages whose attempt had ended before",
    ["lane"],
)
DEAD_LETTERS = Counter("syncledger_dead_letters_total", "Messages nobody could read", ["service"])
RUNNING = Gauge("syncledger_tasks_running", "Attempts running in this process", ["lane"])
CONSUMERS_RESTARTED = Counter(
    "syncledger_consumers_restarted_total",
    "Consumers found missing at the broker and started again",
    ["queue"],
)
CONNECTIONS_REPLACED = Counter(
    "syncledger_broker_connections_replaced_total",
    "Connections to the broker that did not come back by themselves and were replaced",
)
API_CALLS = Counter("syncledger_api_calls_total", "Requests to other systems", ["api", "category", "outcome"])
API_CALL_SECONDS = Histogram(
    "syncledger_api_call_seconds",
    "Duration of requests to other systems",
    ["api", "category"],
    buckets=SECONDS,
)
EVENT_LOOP_LAG = Gauge("syncledger_event_loop_lag_seconds", "How late the event loop woke up last")
POOL_CONNECTIONS = Gauge(
    "syncledger_database_pool_connections",
    "Connections of this process: open, idle, and how many it may open (max)",
    ["pool", "state"],
)
BUILD = Gauge("syncledger_build_info", "Always 1", ["service", "version"])
SHOPIFY_OTHER_VERSION = Counter(
    "syncledger_shopify_other_version_total",
    "Answers of another version of the shop's Admin API than the one asked for",
)


def start_at_zero(counter: Counter, *values: Iterable[str]) -> None:
    """For each label its known values: what is counted for the first time would not be seen to grow."""
    for labels in product(*map(tuple, values)):
        counter.labels(*labels)


@cache
def expect_calls(api: str, category: str) -> None:
    """From the first request on, whatever can come of one."""
    start_at_zero(API_CALLS, [api], [category], CallOutcome)
