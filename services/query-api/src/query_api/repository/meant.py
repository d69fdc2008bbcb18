"""How to come to the tasks that a text can mean: by an index for each of its meanings. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from query_api.repository.driver import By, Driver, in_states
from query_api.search.meanings import Search
from query_api.task_query import TaskQuery
from shared.envelope import State

UNDER_WAY_WITH_ERRORS = (State.PROCESSING, State.RETRYING)
WITH_ERRORS = (*UNDER_WAY_WITH_ERRORS, State.FAILED)


def meant(query: TaskQuery, search: Search) -> Driver | None:
    """To all that a text can mean, once that is looked up. None: only looking at every task tells."""
    is_past = query.as_of is not None
    if search.leads is None or (is_past and not all(state.is_final for state in search.states)):
        return None
    return Driver(query, By.ANY, (*_certain(query, search), *_of_kinds(query, search)))


def _certain(query: TaskQuery, search: Search) -> Iterator[Driver]:
    known = search.task_ids | search.worded | (search.leads or frozenset())
    if known:
        yield Driver(query, By.IDS, tuple(known))
    if search.ids:
        yield Driver(query, By.RANGE, search.ids)
    for column, names in search.names:
        yield Driver(query, By(column), names)


def _of_kinds(query: TaskQuery, search: Search) -> Iterator[Driver]:
    """As far as the filters leave some of the kind."""
    types = tuple(one for one in search.types if one in (query.types or search.types))
    named = {*search.states, *(WITH_ERRORS if search.are_words_frequent else ())}
    states = tuple(one for one in State if one in named and one in (query.states or State))
    if search.account_ids:
        yield Driver(query, By.ACCOUNT, search.account_ids)
    if types:
        yield Driver(replace(query, types=types), By.TYPE)
    if states:
        yield in_states(query, states)
