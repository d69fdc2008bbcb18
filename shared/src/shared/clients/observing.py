"""Every request to another system is counted, and belongs to the run it was made for."""

from shared import metrics
from shared.envelope import Call
from shared.handling import asked_for, record_call

NOTHING_WATCHED = "other"


def observe(call: Call) -> None:
    """Called once for each exchange, whatever came of it."""
    category = asked_for(call) or NOTHING_WATCHED
    metrics.expect_calls(call.api, category)
    metrics.API_CALLS.labels(call.api, category, call.went).inc()
    metrics.API_CALL_SECONDS.labels(call.api, category).observe(call.duration_ms / 1000)
    record_call(call)
