"""From rows of imports to answers. Pure."""

from datetime import datetime
from typing import Any

from query_api.import_progress import handed_over, pace, to_sync
from query_api.repository.imports import ImportRow
from query_api.schemas.imports import ImportOut, ImportPart


def shown(row: ImportRow, domain: str, now: datetime) -> ImportOut:
    speed = pace(row, now)
    facts: dict[str, Any] = {
        name: getattr(row, name)
        for name in (
            *("id", "state", "kinds", "kind", "processed", "failed", "total", "lines", "problem"),
            *("requested_by", "task_id", "requested_at", "updated_at", "finished_at"),
        )
    }
    return ImportOut(
        **facts,
        shop=domain,
        bytes_staged=row.byte_offset,
        bytes_total=row.size,
        to_sync=to_sync(row),
        handed_over=handed_over(row),
        per_second=speed.per_second,
        seconds_left=speed.seconds_left,
        parts=[_part(row, kind) for kind in row.kinds],
    )


def _part(row: ImportRow, kind: str) -> ImportPart:
    counts = row.summary.get(kind)
    is_stored = isinstance(counts, dict) and "orphans" in counts
    state = "stored" if is_stored else "under_way" if kind == row.kind else "waiting"
    return ImportPart.model_validate({"kind": kind, "state": state, "counts": counts or {}})
