"""What is asked of the API when it is measured: every filter in every order, counts, the past, statistics,
and pages of the console."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from query_api.problems import API_VERSION_1
from query_api.task_query import SORTS
from shared.envelope import utc_now

Sample = Mapping[str, Any]
_PAST_SORTS = ("-created", "created", "-type")


class Asked(NamedTuple):
    """What answers are gathered by. `area`: what is compared as one; `filter`: of a list."""

    area: str
    name: str
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    asked: Asked
    path: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def questions(
    samples: Sequence[Sample], rng: random.Random, sorts: Sequence[str] = SORTS
) -> Iterator[Question]:
    """Each once; values are those of tasks that are there, other ones in each round. Logs that have the same
    shops, accounts and types are asked for the same ones in a round."""
    shop, account, task_type = (_any(samples, name, rng) for name in ("domain", "account_id", "type"))
    task, failed = rng.choice(samples), rng.choice([one for one in samples if one["fingerprint"]])
    task = {**task, "domain": shop, "account_id": account, "type": task_type}
    filters = dict(_filters(task, failed))
    for name, given in filters.items():
        for sort in sorts:
            asked = Asked("list", f"{name} by {sort}", name)
            yield Question(asked, f"{API_VERSION_1}/tasks", {**given, "sort": sort})
        yield Question(Asked("count", name), f"{API_VERSION_1}/tasks/count", given)
        moment = min(task["created_at"] + timedelta(hours=6), utc_now())
        past = {**given, "as_of": moment.isoformat()}
        for sort in [one for one in _PAST_SORTS if one in sorts]:
            asked = Asked("past", f"{name} by {sort}")
            yield Question(asked, f"{API_VERSION_1}/tasks", {**past, "sort": sort})
        yield Question(Asked("past", f"count of {name}"), f"{API_VERSION_1}/tasks/count", past)
    yield Question(Asked("task", "one task"), f"{API_VERSION_1}/tasks/{task['task_id']}")
    yield Question(Asked("task", "its transitions"), f"{API_VERSION_1}/tasks/{task['task_id']}/events")
    yield from _statistics(task)
    for page in ("/", "/?state=failed", f"/tasks/{task['task_id']}", "/failures", "/statistics", "/orders"):
        yield Question(Asked("page", page.replace(str(task["task_id"]), "…")), page)


def _any(samples: Sequence[Sample], name: str, rng: random.Random) -> Any:
    return rng.choice(sorted({one[name] for one in samples if one[name]}))


def _filters(task: Sample, failed: Sample) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "all", {}
    yield "state=failed", {"state": "failed"}
    yield "state=success", {"state": "success"}
    yield "state=pending", {"state": "pending"}
    yield "state=cancelled", {"state": "cancelled"}
    yield "type", {"type": task["type"]}
    yield "group", {"group": "order sync"}
    yield "shop", {"shop": task["domain"]}
    yield "account", {"account": task["account_id"]}
    yield "order_number", {"order_number": task["order_number"] or "#1"}
    yield "order_id", {"order_id": task["source_id"] or "1"}
    yield "source_id", {"source_id": task["source_id"] or "1"}
    yield "target_id", {"target_id": task["target_id"] or "1"}
    yield "error_kind", {"error_kind": failed["error_kind"]}
    yield "fingerprint", {"fingerprint": failed["fingerprint"]}
    yield "parent_id", {"parent_id": task["parent_id"] or task["task_id"]}
    yield "root_id", {"root_id": task["root_id"] or task["task_id"]}
    yield "retry_of", {"retry_of": task["task_id"]}
    yield "has_retry", {"has_retry": "true"}
    yield "attempts_min", {"attempts_min": 2}
    yield "q=order", {"q": task["order_number"] or "#1"}
    yield "q=words", {"q": "postal code"}
    for name in ("created", "started", "completed"):
        span = {
            f"{name}_from": task["created_at"].isoformat(),
            f"{name}_to": (task["created_at"] + timedelta(days=1)).isoformat(),
        }
        yield f"{name} on a day", span
    yield "shop, type and state", {"shop": task["domain"], "type": task["type"], "state": "failed"}


def _statistics(task: Sample) -> Iterator[Question]:
    stats = f"{API_VERSION_1}/stats"
    yield Question(Asked("statistics", "board"), stats)
    yield Question(Asked("statistics", "board of a shop"), stats, {"shop": task["domain"]})
    for step in ("minute", "hour", "day"):
        yield Question(Asked("statistics", f"series by {step}"), f"{stats}/series", {"step": step})
    for by in ("type", "group", "account", "shop"):
        yield Question(Asked("statistics", f"series of each {by}"), f"{stats}/series", {"by": by})
    for compared in ("types", "accounts", "suppliers"):
        yield Question(Asked("statistics", compared), f"{stats}/{compared}")
