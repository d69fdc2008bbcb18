"""Prometheus metrics of the recorder and of maintenance."""

from prometheus_client import Counter, Gauge, Histogram

from shared.metrics import DEAD_LETTERS, start_at_zero

_LATENCIES = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LAGS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 5_000)

TRANSITIONS = Counter(
    "syncledger_recorder_transitions_total", "Transitions committed to the log", ["outcome"]
)
BATCH_SIZE = Histogram("syncledger_recorder_batch_transitions", "Transitions in a commit", buckets=_SIZES)
COMMIT_SECONDS = Histogram(
    "syncledger_recorder_commit_seconds", "Duration of a batch's transaction", buckets=_LATENCIES
)
LAG_SECONDS = Histogram(
    "syncledger_recorder_lag_seconds", "From the oldest transition of a batch to its commit", buckets=_LAGS
)
HELD_BACK = Counter(
    "syncledger_recorder_held_back_total", "Batches that could not be committed yet", ["reason"]
)
QUEUE_DEPTH = Gauge("syncledger_recorder_queue_depth", "Messages waiting in the recorder's queue")
AS_OF = Gauge(
    "syncledger_recorder_as_of_timestamp_seconds", "What occurred before this moment stands in the log"
)

PARTITION_DAYS_AHEAD = Gauge(
    "syncledger_partition_days_ahead", "Days after today for which every partitioned table has its partition"
)
DROPPED_PARTITIONS = Counter("syncledger_retention_partitions_dropped_total", "Partitions dropped", ["table"])
DELETED_ROWS = Counter("syncledger_retention_rows_deleted_total", "Rows deleted after retention", ["table"])
DRIFT = Gauge("syncledger_log_drift_rows", "Rows that differ from the log in the newest check", ["kind"])
CHECKED_ROWS = Counter("syncledger_log_rows_checked_total", "Rows compared with the log", ["kind"])
BREAKERS_OPEN = Gauge("syncledger_breakers_open", "Accounts that are left alone as they are unavailable")
BREAKERS_OPENED = Counter("syncledger_breakers_opened_total", "How often an account was left alone so")
JOB_FAILURES = Counter(
    "syncledger_maintenance_failures_total", "Maintenance jobs that did not finish", ["work"]
)
JOB_DONE_AT = Gauge(
    "syncledger_maintenance_done_timestamp_seconds", "When a job last finished here", ["work"]
)

start_at_zero(DEAD_LETTERS, ["recorder"])
start_at_zero(TRANSITIONS, ("new", "repeated"))
start_at_zero(HELD_BACK, ("contention", "rebuild", "database", "unexpected"))
