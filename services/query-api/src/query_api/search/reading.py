"""From the text in the search box to what it can mean. Pure."""

import re
from collections.abc import Iterator
from uuid import UUID

from query_api.search.meanings import Search
from query_api.task_query import STATE_ALIASES, order_numbers_of
from shared.envelope import State
from shared.tasks import TaskType

SHORTEST_ID = 6
SHORTEST_WORD = 3
_ID_DIGITS = 32
_ID = re.compile(r"[0-9a-fA-F]+(-[0-9a-fA-F]*)*")
_LAST_BEFORE_SURROGATES, _FIRST_AFTER_SURROGATES = "\ud7ff", "\ue000"
_LAST = "\U0010ffff"


def read(text: str) -> Search:
    """Spaces around and between words do not matter."""
    text = " ".join(text.split())
    return Search(
        text=text,
        ids=_ids(text),
        order_numbers=tuple(_order_numbers(text)),
        types=_types(text),
        states=_states(text),
    )


def is_long_enough(text: str) -> bool:
    """For its beginning to name something, and for its words to be looked for."""
    return len(text) >= SHORTEST_WORD


def end_of(beginning: str) -> str | None:
    """The first text, by code points, after all that begin so. None: there is none."""
    kept = beginning.rstrip(_LAST)
    if not kept:
        return None
    last = kept[-1]
    after = _FIRST_AFTER_SURROGATES if last == _LAST_BEFORE_SURROGATES else chr(ord(last) + 1)
    return kept[:-1] + after


def _ids(text: str) -> tuple[UUID, UUID] | None:
    """Of the tasks whose ids begin so."""
    digits = text.replace("-", "")
    if not _ID.fullmatch(text) or not SHORTEST_ID <= len(digits) <= _ID_DIGITS:
        return None
    low = int(digits.ljust(_ID_DIGITS, "0"), 16)
    high = low + (1 << 4 * (_ID_DIGITS - len(digits)))
    return UUID(int=low), UUID(int=min(high, 2**128 - 1))


def _order_numbers(text: str) -> Iterator[str]:
    """With or without #, and with letters in the upper case that shops use."""
    for written in dict.fromkeys((text, text.upper())):
        yield from order_numbers_of(written)


def _types(text: str) -> tuple[TaskType, ...]:
    word = text.lower()
    return tuple(one for one in TaskType if is_long_enough(word) and one.lower().startswith(word))


def _states(text: str) -> tuple[State, ...]:
    word = text.lower()
    if not is_long_enough(word):
        return ()
    named = {state for state in State if state.startswith(word)}
    for alias, states in STATE_ALIASES.items():
        named |= set(states) if alias.startswith(word) else set()
    return tuple(state for state in State if state in named)
