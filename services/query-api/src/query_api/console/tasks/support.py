"""A task as plain text, for a mail to whoever can help. Without the data itself. Pure."""

from collections.abc import Sequence

from query_api.console.formatting import NOTHING, duration, exact, state_label
from query_api.repository.records import EventRow, Shop, TaskRow


def support_text(task: TaskRow, shop: Shop, account: str | None, events: Sequence[EventRow]) -> str:
    """Times are in UTC, so that both sides mean the same."""
    facts = [
        ("Task", f"{task.type} {task.task_id}"),
        ("State", f"{state_label(task.state)}, attempt {task.attempt} of {task.max_attempts}"),
        ("Shop", shop.domain),
        ("Account", account),
        ("Order", task.order_number),
        ("Source ID", task.source_id),
        ("Target ID", task.target_id),
        ("Created", exact(task.created_at)),
        ("Duration", None if task.duration_ms is None else duration(task.duration_ms)),
        ("Error", task.error_message),
        ("Kind", task.error_kind),
        ("HTTP status", task.error_status and str(task.error_status)),
        ("Place", task.error_place),
        ("Answer", task.error_excerpt),
        ("Remedy", task.remedy),
        ("Fingerprint", task.fingerprint),
    ]
    steps = [
        f"  {exact(event.occurred_at)}  {state_label(event.state)}, attempt {event.attempt}, {event.by}"
        for event in events
    ]
    return "\n".join(
        [f"{name}: {value or NOTHING}" for name, value in facts if value] + ["Timeline:", *steps]
    )
