"""Prometheus metrics read from the database. Only the capped family `syncledger_shop_*` names shops."""

from prometheus_client import Gauge

SHOP_OPEN = Gauge("syncledger_shop_tasks_open", "Tasks of the shop that are not over", ["shop", "state"])
SHOP_ENDED = Gauge(
    "syncledger_shop_tasks_ended_15m",
    "Tasks of the shop that ended in the last 15 minutes",
    ["shop", "outcome"],
)
SHOP_SUCCEEDED_AT = Gauge(
    "syncledger_shop_last_success_timestamp_seconds",
    "The minute in which a task of the shop last succeeded; longer ago than two days at the start: those",
    ["shop"],
)
SHOP_ALERTS = Gauge("syncledger_shop_alerts_firing", "Alerts of the shop that fire", ["shop"])
SHOPS_SHOWN = Gauge("syncledger_shops_with_gauges", "Shops that have gauges of their own")
SHOPS_LEFT_OUT = Gauge(
    "syncledger_shops_without_gauges", "Shops in use that have none, as there are more than SHOP_GAUGES"
)

GROUP_SUCCEEDED_AT = Gauge(
    "syncledger_group_last_success_timestamp_seconds",
    "The minute in which a task of the group last succeeded; longer ago than two days at the start: those",
    ["group"],
)
OLDEST_WAITING = Gauge(
    "syncledger_lane_oldest_waiting_seconds",
    "How long the oldest task has waited that could run; 0: none waits",
    ["lane"],
)

DATABASE_BYTES = Gauge("syncledger_database_size_bytes", "Size of the database")
DATABASE_CONNECTIONS = Gauge("syncledger_database_connections", "Connections to the database", ["state"])
DATABASE_CONNECTIONS_MOST = Gauge("syncledger_database_connections_max", "Connections that the server allows")
OLDEST_TRANSACTION = Gauge(
    "syncledger_database_oldest_transaction_seconds", "Age of the oldest transaction; 0: none"
)
REVISIONS_MISSING = Gauge(
    "syncledger_schema_revisions_missing",
    "Migrations that the database has not come to and this version needs",
)
LOOKED_AT = Gauge("syncledger_gauges_read_timestamp_seconds", "When these gauges were last read")
