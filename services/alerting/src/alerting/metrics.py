"""What is known of alerting itself; never by shop."""

from collections import Counter as Tally
from collections.abc import Sequence
from datetime import datetime

from prometheus_client import Counter, Gauge

from alerting.life import Alert, AlertState
from shared.alerts.verdicts import Rule
from shared.metrics import start_at_zero

EVALUATED_AT = Gauge(
    "syncledger_alerting_evaluated_timestamp_seconds", "When this process last evaluated all rules"
)
ROUND_SECONDS = Gauge("syncledger_alerting_round_seconds", "How long the last evaluation took")
IS_LEADER = Gauge("syncledger_alerting_is_leader", "1 when this replica evaluates")
FIRING = Gauge("syncledger_alerts_firing", "Alerts that fire, of all shops and of the platform", ["rule"])
PENDING = Gauge("syncledger_alerts_pending", "Alerts that have not held for long enough to fire", ["rule"])
HEARTBEATS = Counter("syncledger_alerting_heartbeats_total", "Heartbeats sent", ["outcome"])
SENT_DIRECTLY = Counter(
    "syncledger_notifications_sent_directly_total", "Notifications sent while the broker was away"
)
RULES, WRITING = "rules", "writing"
SHOPS_FAILED = Counter(
    "syncledger_alerting_shops_failed_total",
    "Shops, or the platform, whose alerts a round left as they were, as their rules or writing failed",
    ["part"],
)

start_at_zero(HEARTBEATS, ("taken", "lost"))
start_at_zero(SHOPS_FAILED, (RULES, WRITING))


def note_round(now: datetime, alerts: Sequence[Alert], took_ms: float) -> None:
    for gauge, state in ((FIRING, AlertState.FIRING), (PENDING, AlertState.PENDING)):
        counts = Tally(alert.rule for alert in alerts if alert.state is state)
        for rule in Rule:
            gauge.labels(rule.value).set(counts[rule.value])
    ROUND_SECONDS.set(took_ms / 1000)
    EVALUATED_AT.set(now.timestamp())
