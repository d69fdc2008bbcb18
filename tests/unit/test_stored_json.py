"""The judge of what Postgres takes as JSON tells a NUL from letters that look like one."""

import json

import pytest

from tests.unit.stored_json import has_nul


@pytest.mark.parametrize("text", ["\0", "a\0", "\\\0", "\\\\\0"])
def test_a_nul_is_found_whatever_is_before_it(text: str) -> None:
    assert has_nul(json.dumps({"a": text}).encode())


@pytest.mark.parametrize("text", ["", "u0000", "\\u0000", "\\\\u0000", "\\\\\\u0000"])
def test_letters_are_none(text: str) -> None:
    assert not has_nul(json.dumps({"a": text}).encode())
