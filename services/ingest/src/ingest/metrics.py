"""Prometheus metrics of ingest. No label carries a shop or a task; topics come from a fixed list."""

from collections.abc import Collection
from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from ingest.refusals import Reason
from shared.metrics import start_at_zero

WATCHED = ("published", "spooled", Reason.NO_COPY, Reason.SHOP_UNKNOWABLE, Reason.TOKEN_UNKNOWABLE)
ANSWER_SECONDS_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5)

DELIVERIES = Counter(
    "syncledger_deliveries_total",
    "Deliveries by sender, topic and what became of them",
    ["source", "topic", "outcome"],
)
ANSWER_SECONDS = Histogram(
    "syncledger_delivery_answer_seconds",
    "From the request's head to the answer; senders give up after five seconds",
    ["outcome"],
    buckets=ANSWER_SECONDS_BUCKETS,
)
DUPLICATES = Counter(
    "syncledger_deliveries_repeated_total", "Accepted deliveries known to have been accepted before"
)
REJECTIONS = Counter("syncledger_rejections_total", "Refused deliveries", ["reason"])
REJECTIONS_UNSTORED = Counter(
    "syncledger_rejections_unnamed_total",
    "Refused deliveries stored without shop and topic: too many kinds at once",
)
SPOOL_DEPTH = Gauge("syncledger_spool_depth", "Tasks waiting in the spool for the broker")
SPOOL_AGE = Gauge("syncledger_spool_oldest_age_seconds", "Age of the oldest task in the spool")
RELAYED = Counter("syncledger_spool_relayed_total", "Tasks published from the spool")
BROKER_UP = Gauge("syncledger_ingest_broker_up", "1 while deliveries go straight to the broker")
SHOPS = Gauge("syncledger_shops_known", "Shops in memory")
SHOPS_REFRESHED = Gauge(
    "syncledger_shops_refreshed_timestamp_seconds", "When shops were last read from the database"
)
RESTARTS = Counter(
    "syncledger_ingest_background_restarts_total", "Background work that failed unforeseen", ["work"]
)

start_at_zero(REJECTIONS, Reason)


@cache
def deliveries(source: str, topic: str, outcome: str) -> Counter:
    """The one counter; looking it up by its labels costs more than counting. `topic`: of `topic_label`."""
    return DELIVERIES.labels(source, topic, outcome)


@cache
def answer_seconds(outcome: str) -> Histogram:
    return ANSWER_SECONDS.labels(outcome)


def expect_deliveries(source: str, topics: Collection[str]) -> None:
    """What is counted to tell how many of a sender's deliveries were not taken."""
    start_at_zero(DELIVERIES, [source], ("none", "other", *topics), WATCHED)


def topic_label(topic: str | None, known: Collection[str]) -> str:
    """One of a fixed list, whatever was sent."""
    if not topic:
        return "none"
    return topic if topic in known else "other"
