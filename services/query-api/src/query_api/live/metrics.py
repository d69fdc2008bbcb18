"""Prometheus metrics of the live stream."""

from prometheus_client import Counter, Gauge, Histogram

OPEN = Gauge("syncledger_event_streams", "Clients that listen to events")
ENDED = Counter("syncledger_event_streams_ended_total", "Streams that ended, by why", ["reason"])
REFUSED = Counter("syncledger_event_streams_refused_total", "Streams that were not opened", ["reason"])
TOLD = Counter("syncledger_events_told_total", "Events handed to clients", ["event"])
LAG_SECONDS = Histogram(
    "syncledger_event_lag_seconds",
    "From the recording of a transition to handing it to those who listen",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
