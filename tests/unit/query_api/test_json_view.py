"""JSON is laid out for reading and stays what it was, digit by digit."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.json_view import pretty

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def _text(source: str) -> str:
    pieces = pretty(source)
    assert pieces is not None
    return "".join(piece.text for piece in pieces)


@given(values, st.booleans())
def test_the_value_stays_the_same(value: Any, is_compact: bool) -> None:
    source = json.dumps(value, separators=(",", ":") if is_compact else None)
    assert json.loads(_text(source)) == json.loads(source)


@pytest.mark.parametrize(
    "number", ["12345678901234567890", "1.10", "-0.0", "1e400", "0.1000000000000000000001"]
)
def test_numbers_keep_every_digit(number: str) -> None:
    assert _text(f'{{"n":{number}}}') == f'{{\n  "n": {number}\n}}'


def test_keys_strings_and_other_values_are_told_apart() -> None:
    pieces = pretty('{"a":[1,"b",null],"c":{},"d":[]}')
    assert pieces is not None
    kinds = {piece.text: piece.kind for piece in pieces if piece.kind != "plain"}
    assert kinds == {'"a"': "key", '"c"': "key", '"d"': "key", "1": "atom", '"b"': "string", "null": "atom"}
    assert _text('{"c":{},"d":[]}') == '{\n  "c": {},\n  "d": []\n}'


def test_doubled_keys_and_odd_strings_survive() -> None:
    assert (
        _text('{"a": "{\\"b\\": [1,2]}", "a": "\\\\"}') == '{\n  "a": "{\\"b\\": [1,2]}",\n  "a": "\\\\"\n}'
    )


@pytest.mark.parametrize("text", ["", "plain text", "{", '{"a":1}x', "[" * 100_000, "<xml/>"])
def test_what_is_no_json_is_left_alone(text: str) -> None:
    assert pretty(text) is None


def test_deep_nesting_does_not_blow_up() -> None:
    source = "[" * 400 + ",".join("1" for _ in range(2_000)) + "]" * 400
    assert len(_text(source)) < 400 * 2 * 90 + 2_000 * 90
