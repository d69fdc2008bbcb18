"""Paths into JSON, as the formats of suppliers use them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.suppliers.paths import list_at, put_at, steps_of, value_at, values_at

ANSWER = {
    "data": {"items": [{"price": {"amount": "1.50"}}, {"price": None}, {"price": {"amount": 2}}]},
    "images": [{"url": "a"}, {"url": "b"}],
    "grid": [[1, 2], [3]],
    "zero": 0,
    "no": False,
}
NAMES = st.text("abc_-0", min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("data.items[].price.amount", ["1.50", 2]),
        ("images[0].url", ["a"]),
        ("images[9].url", []),
        ("images[].url", ["a", "b"]),
        ("grid[][]", [1, 2, 3]),
        ("grid[1][0]", [3]),
        ("zero", [0]),
        ("no", [False]),
        ("data.missing.deeper", []),
        ("zero.deeper", []),
        ("images.url", []),
        ("=EUR", ["EUR"]),
        ("=", [""]),
    ],
)
def test_a_path_names_values(path: str, values: list[Any]) -> None:
    assert values_at(ANSWER, path) == values
    assert value_at(ANSWER, path) == (values[0] if values else None)


def test_no_path_is_no_value() -> None:
    assert value_at(ANSWER, None) is None


def test_a_list_is_told_from_something_that_is_none() -> None:
    assert list_at(ANSWER, "images[]") == ANSWER["images"]
    assert list_at([1, 2], "[]") == [1, 2]
    for path in ("data[]", "zero[]", "nowhere[]", "[]"):
        assert list_at(ANSWER, path) is None


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a[x]", "a[", "a b", "[0]a", "a.[0]"])
def test_what_is_no_path_says_what_one_looks_like(path: str) -> None:
    with pytest.raises(ValueError, match="names joined by dots"):
        steps_of(path)


@given(st.lists(NAMES, min_size=1, max_size=4), st.integers())
def test_what_was_put_is_found_there(names: list[str], value: int) -> None:
    document: dict[str, Any] = {}
    put_at(document, ".".join(names), value)
    assert value_at(document, ".".join(names)) == value


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)
    )
)
def test_any_document_can_be_looked_into(document: Any) -> None:
    for path in ("a", "a.b[]", "[]", "[0].a", "a[].b[]"):
        values_at(document, path)
        if path.endswith("[]"):
            list_at(document, path)
