"""Bodies that are almost right: something is missing, null, of another type, huge, or too much."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

Path = tuple[str | int, ...]

TEXTS = st.sampled_from(
    [
        *("", " ", "\x00", "a\x00b", "\ud800", "Kim \ud83d", "x" * 5_000, "Åberg", "null"),
        *("success", "SEK", "sek"),
        *("0", "-1", "1e400", "NaN", "Infinity", "9" * 400, "1" * 5_000, "0.1" + "0" * 60, "paid", "cancel"),
        *("1e9999999", "9" * 12),
        *("gid://shopify/Customer/", "gid://shopify/Order/x", "2026-11-20", "2026-11-20T10:00:00"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-45T99:99:99Z"),
    ]
)
_NUMBERS = st.sampled_from(
    [
        *(0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 10**20 - 1, 10**30, 10**400, -(10**30)),
        *(0.1, -0.5, 1e308, 1e-300, float("nan"), float("inf")),
    ]
)
_VALUES = st.one_of(
    st.none(), st.booleans(), _NUMBERS, TEXTS, st.just([]), st.just({}), st.just([None]), st.just([[]]),
    st.just([1, "a", {}]), st.just({"amount": "much"}),
)  # fmt: skip


def paths(content: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in the body but the whole."""
    places: Any = content.items() if isinstance(content, dict) else enumerate(content)
    for name, value in places:
        yield (*path, name)
        if isinstance(value, dict | list):
            yield from paths(value, (*path, name))


@st.composite
def almost(draw: st.DrawFn, body: dict[str, Any]) -> bytes:
    """The body with up to four mistakes in it, or something else altogether."""
    if draw(st.integers(0, 39)) == 0:
        return json.dumps(draw(_VALUES)).encode()
    content = deepcopy(body)
    for _ in range(draw(st.integers(1, 4))):
        _spoil(draw, content)
    return json.dumps(content).encode()


def _spoil(draw: st.DrawFn, content: dict[str, Any]) -> None:
    places = list(paths(content))
    if not places:
        return
    path = draw(st.sampled_from(places))
    last: Any = path[-1]
    parent: Any = content
    for name in path[:-1]:
        parent = parent[name]
    what = draw(st.sampled_from(["replace", "replace", "remove", "add", "repeat"]))
    if what == "remove":
        del parent[last]
    elif what == "add":
        _add(parent, deepcopy(draw(_VALUES)))
    elif what == "repeat" and isinstance(parent, list):
        parent.append(deepcopy(parent[last]))
    else:
        parent[last] = deepcopy(draw(_VALUES))


def _add(parent: Any, value: Any) -> None:
    if isinstance(parent, list):
        parent.append(value)
    else:
        parent["invented_in_2027"] = value
