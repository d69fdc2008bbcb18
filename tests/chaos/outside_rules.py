"""What others must have seen, and must not have: each function names what is off. Pure."""

from collections.abc import Iterator

from tests.chaos import history as told
from tests.chaos.history import Facts, History

# A repeat may name the same contact by another key; what was bought has to stay the same.
_MAY_CHANGE = {"contact"}


def missing_receipts(history: History) -> Iterator[str]:
    """Paid orders the CRM knows nothing of, unless a failed task says why."""
    held, failed = _held(history), _failed_sources(history)
    for thing, identity, _ in _expected(history):
        is_excused = identity.removeprefix("shopify-") in failed
        if thing == "receipt" and (thing, identity) not in held and not is_excused:
            yield identity


def older_states(history: History) -> Iterator[str]:
    """Orders and customers that are not as the shop told last, unless a failed task says why."""
    held, failed = _held(history), _failed_sources(history)
    for thing, identity, state in _expected(history):
        if thing == "receipt" or identity in failed:
            continue
        if (kept := held.get((thing, identity))) != state:
            yield f"{thing} {identity}: {kept} instead of {state}"


def doubled_effects(history: History) -> Iterator[str]:
    """What another system did twice, or was told differently the second time."""
    for effect in history.of(told.EFFECT):
        changed = set(effect["changed"]) - _MAY_CHANGE
        if effect["times"] > 1 or changed:
            yield f"{effect['party']}: {effect['id']} × {effect['times']} {sorted(changed)}"


def answers_without_as_of(history: History) -> Iterator[str]:
    """Answers of the API, once anything was recorded, that do not say how old they are."""
    is_empty = True
    for entry in history.entries(told.ANSWERED):
        is_empty = is_empty and entry.facts["as_of"] is None
        if not is_empty and entry.facts["status"] == 200 and entry.facts["as_of"] is None:
            yield f"{entry.facts['page']} at {entry.at.isoformat()}"


def leaks(history: History) -> Iterator[str]:
    return (f"{leak['file']}:{leak['line']}: {leak['of']}" for leak in history.of(told.LEAK))


def dead_letters(history: History) -> Iterator[str]:
    """Each unreadable message is kept with a reason, and none that was readable is."""
    poisoned = {body for fault in history.of(told.HEALED) for body in fault.get("bodies", ())}
    found = {letter["body"]: letter["reason"] for letter in history.of(told.DEAD_LETTER)}
    yield from (f"gone: {body}" for body in sorted(poisoned - found.keys()))
    yield from (f"not ours: {body[:200]}" for body in sorted(found.keys() - poisoned))
    yield from (f"without a reason: {body[:200]}" for body, reason in found.items() if not reason)


def _expected(history: History) -> Iterator[tuple[str, str, Facts]]:
    return ((one["thing"], one["id"], one["state"]) for one in history.of(told.EXPECTED))


def _held(history: History) -> dict[tuple[str, str], Facts]:
    return {(one["thing"], one["id"]): one["state"] for one in history.of(told.HELD)}


def _failed_sources(history: History) -> set[str]:
    """Orders and customers of which a task failed; that it says why is another rule."""
    return {step["source_id"] for step in history.of(told.TRANSITION) if step["state"] == "failed"}
