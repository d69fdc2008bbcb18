"""Prometheus metrics of this service. No label carries a shop, an order or a task."""

from prometheus_client import Counter, Gauge

from shared.metrics import start_at_zero
from sync_worker.polling.found import Thing

MISSED_WEBHOOKS = Counter(
    "syncledger_missed_webhooks_total",
    "Changes that a poll had to find because no webhook told of them",
    ["kind"],
)
OLDEST_OVERDUE = Gauge(
    "syncledger_schedule_overdue_seconds",
    "How late the oldest due schedule is",
)

start_at_zero(MISSED_WEBHOOKS, Thing)
