"""Looks through everything that keeps copies of personal data, in slices, and takes the bodies away."""

from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from shared.dead_letters import DeadLetters
from shared.envelope import Unreadable, decode, encode
from shared.tasks import CATALOGUE, Group
from sync_worker.imports.slices import Slice
from sync_worker.privacy.traces import raw_transitions, rewritten, without_bodies
from sync_worker.store import privacy
from sync_worker.store.privacy import Request, Task

_REQUESTS = {kind.value for kind, spec in CATALOGUE.items() if spec.group is Group.PRIVACY}

TASKS_AT_ONCE = 50
SPOOLED_AT_ONCE = 200
OUTCOMES_AT_ONCE = 500


class Search(Protocol):
    """What is looked for, and what is taken away of it."""

    @property
    def shop_id(self) -> int: ...

    async def erase(self, connection: Any, tasks: list[Task]) -> int:
        """Takes the bodies of these tasks away, as far as they are concerned; how many exchanges were."""

    def is_about(self, transition: dict[str, Any]) -> bool:
        """Whether a transition, as it travels, is concerned."""

    def is_in(self, message: bytes) -> bool:
        """The same of a message that can not be read."""

    async def clear_staging(self, connection: Any) -> int:
        """Takes staged lines of imports away; how many."""


async def erase_payloads(pool: Any, request: Request, search: Search, part: Slice) -> tuple[Request, bool]:
    """Page by page from the request's cursor: what is committed is done, whoever goes on from there.

    How the request stands then, and whether all stored payloads have been looked at.
    """
    while not part.is_over:
        cursor = dict(request.cursor or {})
        tasks = await privacy.tasks(pool, search.shop_id, after=UUID(cursor["after"]), wanted=TASKS_AT_ONCE)
        if not tasks:
            return request, True
        async with pool.acquire() as connection, connection.transaction():
            n = await search.erase(connection, tasks)
            cursor["after"], summary = str(tasks[-1].id), request.told(exchanges=n)
            await privacy.advance(connection, request, cursor, summary)
        request = replace(request, cursor=cursor, summary=summary)
        await part.breathe()
    return request, False


async def erase_the_rest(pool: Any, search: Search, letters: DeadLetters | None) -> dict[str, int]:
    """Spool, outcomes that wait, staged lines, dead letters; how many of each."""
    return {
        "spooled": await _spool(pool, search),
        "outcomes": await _outcomes(pool, search),
        "staged_lines": await search.clear_staging(pool),
        "dead_letters": await _dead_letters(search, letters),
    }


async def _spool(pool: Any, search: Search) -> int:
    """A task about erased data is not published any more; the requests themselves are."""
    removed, after = 0, 0
    while rows := await privacy.spooled(pool, after=after, wanted=SPOOLED_AT_ONCE):
        after = rows[-1][0]
        ids = [row_id for row_id, body in rows if not _is_request(body) and _is_concerned(body, search)]
        if ids:
            await privacy.remove_spooled(pool, ids)
        removed += len(ids)
    return removed


async def _outcomes(pool: Any, search: Search) -> int:
    """What was sent and answered goes; a task that is still to be run keeps its data until it has been."""
    changed = 0
    for task_id, attempt, outcome in await privacy.outcomes(pool, wanted=OUTCOMES_AT_ONCE):
        emptied = _emptied(outcome) if _is_concerned(outcome, search) else outcome
        if emptied != outcome:
            await privacy.replace_outcome(pool, (task_id, attempt), outcome, emptied)
            changed += 1
    return changed


async def _dead_letters(search: Search, letters: DeadLetters | None) -> int:
    """Readable ones keep what happened; others are dropped."""
    if letters is None:
        return 0

    def judge(message: bytes) -> bytes | None:
        return rewritten(message, search.is_about) if _is_concerned(message, search) else message

    return await letters.sift(judge)


def _is_concerned(message: bytes, search: Search) -> bool:
    transitions = raw_transitions(message)
    if transitions is None:
        return search.is_in(message)
    return any(search.is_about(one) for one in transitions)


def _emptied(outcome: bytes) -> bytes:
    try:
        transitions = decode(outcome)
    except Unreadable:
        return outcome
    return encode([one if one.state.dispatches else without_bodies(one) for one in transitions])


def _is_request(message: bytes) -> bool:
    """Whether it is a task of the privacy topics."""
    for transition in raw_transitions(message) or ():
        task = transition.get("task")
        kind = task.get("type") if isinstance(task, dict) else None
        if kind in _REQUESTS:
            return True
    return False
