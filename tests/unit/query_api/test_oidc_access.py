"""What groups give, and who came back."""

from datetime import UTC, datetime, timedelta

import pytest

from query_api.auth import Role
from query_api.oidc_access import (
    PATIENCE,
    Departure,
    GroupRule,
    SignInRefused,
    check_return,
    person_of,
    rule_for,
    unpacked,
)

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
DEPARTURE = Departure("s", "n", "v", "/", NOW.timestamp())
RULES = {
    "a": GroupRule(role=Role.VIEWER),
    "b": GroupRule(role=Role.OPERATOR, shops=("two", "one")),
    "c": GroupRule(role=Role.OPERATOR, shops=("three", "one")),
    "d": GroupRule(role=Role.OPERATOR),
}


@pytest.mark.parametrize(
    ("groups", "given"),
    [
        (["a", "x"], GroupRule(role=Role.VIEWER)),
        (["a", "b"], GroupRule(role=Role.OPERATOR, shops=("one", "two"))),
        (["b", "c"], GroupRule(role=Role.OPERATOR, shops=("one", "three", "two"))),
        (["b", "d"], GroupRule(role=Role.OPERATOR)),
    ],
)
def test_the_highest_role_counts_for_the_shops_it_is_given_for(groups: list[str], given: GroupRule) -> None:
    assert rule_for(groups, RULES) == given


def test_no_group_of_ours_is_no_entry() -> None:
    with pytest.raises(SignInRefused):
        rule_for(["x"], RULES)


def test_people_are_called_by_the_best_name_there_is() -> None:
    person = person_of("https://id", {"sub": "7", "email": "a@b", "groups": "ops"}, "groups")
    assert (person.subject, person.name) == ("https://id 7", "a@b")
    assert person.groups == {"ops"}
    assert person_of("https://id", {"sub": "7"}, "groups").name == "7"
    assert person_of("https://id", {"sub": "7", "groups": {"x": 1}}, "groups").groups == frozenset()


def test_a_return_needs_its_own_state_and_comes_in_time() -> None:
    check_return(DEPARTURE, "s", NOW + PATIENCE)
    for state, now in (("t", NOW), ("", NOW), ("s", NOW + PATIENCE + timedelta(seconds=1))):
        with pytest.raises(SignInRefused):
            check_return(DEPARTURE, state, now)


def test_a_departure_is_remembered_as_it_was() -> None:
    assert unpacked(DEPARTURE.packed()) == DEPARTURE
