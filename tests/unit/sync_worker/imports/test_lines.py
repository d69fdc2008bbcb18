"""An export cut anywhere gives the same lines as the whole."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sync_worker.imports.lines import Line, LineSplitter, Staged, staged

LONGER = st.binary(max_size=40).map(lambda text: text.replace(b"\n", b" "))
SMALL = st.binary(max_size=12).map(lambda text: text.replace(b"\n", b" "))


def _split(export: bytes, cuts: list[int], longest: int = 1_000) -> list[Line]:
    splitter = LineSplitter(longest)
    edges = [0, *sorted(min(cut, len(export)) for cut in cuts), len(export)]
    lines = [line for start, end in pairwise(edges) for line in splitter.feed(export[start:end])]
    return [*lines, *splitter.finish()]


@given(st.lists(SMALL), st.booleans(), st.lists(st.integers(0, 200)))
def test_the_cuts_do_not_matter(bodies: list[bytes], ends_with_break: bool, cuts: list[int]) -> None:
    export = b"\n".join(bodies) + (b"\n" if ends_with_break and bodies else b"")
    lines = _split(export, cuts)
    assert lines == _split(export, [])
    assert sum(line.size for line in lines) == len(export)
    assert [line.body for line in lines] == (export.split(b"\n") if export else [])[: len(lines)]


@given(st.lists(SMALL, min_size=1), st.lists(st.integers(0, 200)), st.data())
def test_whoever_goes_on_after_any_line_gets_exactly_the_rest(
    bodies: list[bytes], cuts: list[int], data: st.DataObject
) -> None:
    export = b"\n".join(bodies)
    lines = _split(export, cuts)
    done = data.draw(st.integers(0, len(lines)))
    offset = sum(line.size for line in lines[:done])
    assert _split(export[offset:], cuts) == lines[done:]


@given(st.lists(LONGER), st.lists(st.integers(0, 400)))
def test_a_line_that_is_too_long_is_counted_and_not_kept(bodies: list[bytes], cuts: list[int]) -> None:
    export = b"".join(body + b"\n" for body in bodies)
    lines = _split(export, cuts, longest=20)
    assert [line.body for line in lines] == [body if len(body) <= 20 else None for body in bodies]
    assert [line.size for line in lines] == [len(body) + 1 for body in bodies]


def test_a_line_is_given_out_before_the_next_one_has_come() -> None:
    splitter = LineSplitter()
    assert list(splitter.feed(b'{"id":"1"}\n{"id')) == [Line(b'{"id":"1"}', 11)]


def test_a_line_says_what_it_is_and_whose() -> None:
    child = rb'{"id":"gid:\/\/shopify\/LineItem\/11","__parentId":"gid:\/\/shopify\/Order\/1"}'
    assert staged(child) == Staged("gid://shopify/LineItem/11", "gid://shopify/Order/1", child)
    assert staged(b'{"id":"a"}\r') == Staged("a", None, b'{"id":"a"}\r')
    assert staged(b" \r") is None


def test_a_line_nobody_can_use_says_why() -> None:
    reasons = {
        b'{"id":"gid:': "The line is not JSON",
        b"this is not JSON": "The line is not JSON",
        b'["an","array"]': "The line is not a JSON object",
        b'{"name":"no id and no parent"}': "The object has no usable id",
        b'{"id":42}': "The object has no usable id",
        b'{"id":""}': "The object has no usable id",
        b'{"id":"a\\u0000"}': "The object has no usable id",
        b'{"id":"' + b"a" * 300 + b'"}': "The object has no usable id",
        b'{"id":"a","__parentId":7}': "The object's __parentId is not usable",
    }
    assert {line: staged(line) for line in reasons} == reasons
    assert staged(None) == "The line is longer than 4 MiB"
