"""What the log must hold, whatever happened: each function names what does not. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from shared.envelope import State
from tests.chaos import history as told
from tests.chaos.history import Facts, History
from tests.chaos.schedule import OUTSIDE

HELD_UP = timedelta(seconds=10)
SETTLED = timedelta(seconds=60)
RECORDED_WITHIN = timedelta(seconds=1)
_ENDINGS = ("retrying", "succeeded", "failed")
_WITHOUT_CALLS = ("OrderWebhook", "CustomerWebhook")


def lost_deliveries(history: History) -> Iterator[str]:
    """Answered 2xx, and without a task."""
    known = {step["delivery_key"] for step in _firsts(history)}
    return (sent["key"] for sent in history.of(told.DELIVERED) if sent["key"] not in known)


def deliveries_run_twice(history: History) -> Iterator[str]:
    """With two first tasks neither of which says that it is a duplicate."""
    owners: dict[tuple[int, str], set[str]] = defaultdict(set)
    duplicates = {step["task_id"] for step in _steps(history) if "Duplicate of" in (step["note"] or "")}
    for step in _firsts(history):
        if step["delivery_key"] and step["task_id"] not in duplicates:
            owners[step["shop_id"], step["delivery_key"]].add(step["task_id"])
    return (f"{key}: {sorted(tasks)}" for (_, key), tasks in owners.items() if len(tasks) > 1)


def unended(history: History) -> Iterator[str]:
    """Tasks on their way when all should be quiet, but for those that the clock began since."""
    late = _begun_since_quiet(history)
    for task in history.of(told.TASK):
        if not State(task["state"]).is_final and task["task_id"] not in late:
            yield f"{task['type']} {task['task_id']} is {task['state']}"


def orphans(history: History) -> Iterator[str]:
    """Follow-ups that an ended attempt named and nobody queued."""
    known = {step["task_id"] for step in _steps(history)}
    late = _begun_since_quiet(history)
    named = ((step, follow_up) for step in _steps(history) for follow_up in step["follow_ups"])
    for step, follow_up in named:
        if follow_up not in known and step["task_id"] not in late:
            yield f"{follow_up} of {step['task_id']}"


def ran_after_end(history: History) -> Iterator[str]:
    """Steps of a later attempt than the one the task ended with, or another end."""
    ends = {step["task_id"]: step for step in _steps(history) if State(step["state"]).is_final}
    for step in _steps(history):
        end = ends.get(step["task_id"])
        if end is not None and _is_after(step, end):
            yield f"{step['task_id']} {step['state']} in attempt {step['attempt']}, after {end['state']}"


def _is_after(step: Facts, end: Facts) -> bool:
    is_other_end = State(step["state"]).is_final and step["state"] != end["state"]
    return bool(step["attempt"] > end["attempt"] or is_other_end)


def attempts_without_one_ending(history: History) -> Iterator[str]:
    """An attempt is either repeated or over, once."""
    endings: dict[tuple[str, int], list[str]] = defaultdict(list)
    for step in _steps(history):
        if step["state"] in _ENDINGS:
            endings[step["task_id"], step["attempt"]].append(step["state"])
    return (f"{task} {attempt}: {ends}" for (task, attempt), ends in endings.items() if len(ends) > 1)


def counters_that_differ(history: History) -> Iterator[str]:
    """Counted now, against what the log says each task is."""
    told_by_log = Counter(_counted_as(step) for step in _last_steps(history).values())
    kept = Counter({_counted_as(row): row["n"] for row in history.of(told.COUNTER)})
    for key in sorted(told_by_log.keys() | kept.keys()):
        if told_by_log[key] != kept[key]:
            yield f"{key}: {kept[key]} counted, {told_by_log[key]} in the log"


def projection_that_differs(history: History) -> Iterator[str]:
    """A task shown otherwise than its log says, or not at all."""
    shown = {task["task_id"]: (task["state"], task["attempt"]) for task in history.of(told.TASK)}
    for task_id, step in _last_steps(history).items():
        if shown.get(task_id) != (step["state"], step["attempt"]):
            yield f"{task_id}: shown as {shown.get(task_id)}, logged {step['state']} {step['attempt']}"


def unexplained_failures(history: History) -> Iterator[str]:
    """What failed without saying what, why and what to do next."""
    for task in history.of(told.TASK):
        explained = task["error_message"] and task["remedy"] and task["error_kind"] not in (None, "internal")
        if task["state"] == "failed" and not explained:
            yield f"{task['type']} {task['task_id']}: {task['error_kind']} {task['error_message']}"


def held_up(history: History) -> Iterator[str]:
    """What calls nobody, and began late while only others were in trouble."""
    for step, waited in _waits(history, queued_in_calm(history)):
        if waited > HELD_UP:
            yield f"{step['type']} {step['task_id']} waited {waited.total_seconds():.1f} s"


def queued_in_calm(history: History) -> list[Facts]:
    """Deliveries that came when what happened to the system itself was long over and worked off."""
    since = _calm_since(history)
    later = [s for s in _firsts(history) if s["type"] in _WITHOUT_CALLS and _time(s) > since]
    begun_soon = (_time(step) for step, waited in _waits(history, later) if waited <= HELD_UP)
    caught_up = min(begun_soon, default=None)
    return [step for step in later if caught_up is not None and _time(step) >= caught_up]


def _waits(history: History, queued: Iterable[Facts]) -> Iterator[tuple[Facts, timedelta]]:
    """How long each waited until it began."""
    first_last = reversed(_steps(history))
    begun = {step["task_id"]: _time(step) for step in first_last if step["state"] == "processing"}
    return ((step, begun[step["task_id"]] - _time(step)) for step in queued if step["task_id"] in begun)


def _calm_since(history: History) -> datetime:
    others = {fault["number"] for fault in history.of(told.INJECTED) if fault["kind"] not in OUTSIDE}
    healed = [entry.at for entry in history.entries(told.HEALED) if entry.facts["number"] in others]
    began = [entry.at for entry in history.entries(told.RUN)]
    return max([*healed, *began], default=datetime.now(UTC)) + SETTLED


def _begun_since_quiet(history: History) -> set[str]:
    """Alerts and polls go on when the traffic does not: what they queue may be under way when all is read.

    What had been recorded when all was found quiet was over then. A row says when its transaction began.
    """
    quiet = [entry.at - RECORDED_WITHIN for entry in history.entries(told.QUIET)]
    if not quiet:
        return set()
    first: dict[str, datetime] = {}
    for step in _steps(history):
        recorded = datetime.fromisoformat(step["recorded_at"])
        first[step["task_id"]] = min(recorded, first.get(step["task_id"], recorded))
    return {task_id for task_id, recorded in first.items() if recorded >= max(quiet)}


def _steps(history: History) -> list[Facts]:
    return history.of(told.TRANSITION)


def _firsts(history: History) -> Iterator[Facts]:
    """How deliveries came in."""
    return (s for s in _steps(history) if s["state"] == "queued" and s["parent_id"] is None)


def _last_steps(history: History) -> dict[str, Facts]:
    """The higher attempt is the later one, then the higher rank."""
    last: dict[str, Facts] = {}
    for step in _steps(history):
        if step["task_id"] not in last or _place(step) > _place(last[step["task_id"]]):
            last[step["task_id"]] = step
    return last


def _place(step: Facts) -> tuple[int, int]:
    return step["attempt"], State(step["state"]).rank


def _counted_as(facts: Facts) -> tuple[int, str, int, str]:
    return facts["shop_id"], facts["type"], facts["account_id"], facts["state"]


def _time(step: Facts) -> datetime:
    return datetime.fromisoformat(step["occurred_at"])
