"""Tries an account: each part of its system is asked one harmless question."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import orjson

from shared.errors import Misconfigured, Obsolete, Rejected, TaskError
from shared.handling import Outcome, asking_for
from shared.tasks import Api

NOTHING_TO_TRY = "There is nothing to try: this system sends to us and is never asked"
_PARTS = "parts"

# Asks, and tells people what came of it; raises the errors of its client.
Trial = Callable[[], Awaitable[str]]
Trials = Mapping[Api, Trial]


def wish(parts: Sequence[Api]) -> bytes:
    """The payload of a trial of only these parts."""
    return orjson.dumps({_PARTS: parts})


async def try_parts(trials: Trials, payload: bytes) -> Outcome:
    """All at once, or those the payload names. The note says what was answered; an error, what is wrong.

    Credentials that open one part of a system are good: another part that refuses them is no reason to stop
    using the account.
    """
    wanted = _wanted(payload)
    chosen = {part: trial for part, trial in trials.items() if wanted is None or part in wanted}
    if not chosen:
        return Outcome(note=NOTHING_TO_TRY)
    told = await asyncio.gather(*(_tried(part, trial) for part, trial in chosen.items()))
    answers = [answer for answer in told if isinstance(answer, str)]
    failures = [
        (part, error) for part, error in zip(chosen, told, strict=True) if isinstance(error, TaskError)
    ]
    if failures:
        raise _gravest(failures, is_partial=bool(answers))
    return Outcome(note=f"It works: {'; '.join(dict.fromkeys(answers))}")


async def _tried(part: Api, trial: Trial) -> str | TaskError:
    try:
        with asking_for(part):
            return await trial()
    except Obsolete:
        raise
    except TaskError as error:
        return error


def _wanted(payload: bytes) -> list[str] | None:
    content = orjson.loads(payload) if payload else {}
    return content.get(_PARTS)


def _gravest(failures: Sequence[tuple[Api, TaskError]], *, is_partial: bool) -> TaskError:
    part, error = next(((p, e) for p, e in failures if not isinstance(e, Misconfigured)), failures[0])
    if is_partial and isinstance(error, Misconfigured):
        return Rejected(f"{part.capitalize()}: {error.message}", answer=error.answer, kind=error.kind)
    return error
