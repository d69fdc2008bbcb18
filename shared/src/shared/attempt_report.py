"""What operators learn of an attempt: one wide line, and its metrics."""

import structlog

from shared import metrics
from shared.attempts import Ending

log = structlog.get_logger()


def report(ending: Ending) -> None:
    transition = ending.transition
    task, detail = transition.task, transition.detail
    metrics.ATTEMPTS.labels(task.type, ending.outcome).inc()
    metrics.ATTEMPT_SECONDS.labels(task.type).observe((detail.duration_ms or 0) / 1000)
    log.info(
        "task_attempt",
        outcome=ending.outcome,
        task_id=str(task.id),
        type=task.type,
        attempt=transition.attempt,
        shop_id=task.shop_id,
        account_id=task.account_id,
        duration_ms=round(detail.duration_ms or 0, 1),
        calls=len(detail.calls),
        follow_ups=len(ending.follow_ups),
        error_kind=detail.failure.kind if detail.failure else None,
    )
