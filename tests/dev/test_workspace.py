"""The house rules a linter does not know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.lock import canonical, missing_from, product_requirements, tool_requirements
from devstack.workspace import DEVSTACK_PACKAGE, PRODUCT_PACKAGES, ROOT

LONGEST_FUNCTION = 50
LONGEST_FILE = 300
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "manager", "base", "misc"}
SOURCES = sorted(
    path
    for package in (*PRODUCT_PACKAGES, DEVSTACK_PACKAGE)
    for path in (ROOT / package / "src").rglob("*.py")
)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        (path, name, size) for path in SOURCES for name, size in functions(path) if size > LONGEST_FUNCTION
    ]
    assert not long


def test_no_file_is_several_rooms() -> None:
    assert not [path for path in SOURCES if len(path.read_text().splitlines()) > LONGEST_FILE]


def test_every_module_says_what_it_holds() -> None:
    assert not [path for path in SOURCES if path.stem in NAMES_THAT_SAY_NOTHING]
    assert not [
        path
        for path in SOURCES
        if path.name != "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-dev.lock", "benchmarks/requirements.lock"]
)
def test_a_lock_pins_with_hashes_and_does_not_say_from_where(lock: str) -> None:
    text = (ROOT / lock).read_text()
    pins = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    assert all("--hash=sha256:" in pin for pin in pins if pin.strip())
    assert "://" not in text
    assert "--index" not in text


def test_the_locks_pin_all_that_the_packages_name() -> None:
    assert missing_from((ROOT / "requirements.lock").read_text(), product_requirements()) == []
    assert missing_from((ROOT / "requirements-dev.lock").read_text(), tool_requirements()) == []


def test_requirements_are_compared_by_project_name() -> None:
    assert canonical("Pydantic_Settings[yaml]>=2") == "pydantic-settings"
    assert missing_from("orjson==3.1 \\\n", ["orjson>=3", "httpx>=0.28"]) == ["httpx>=0.28"]
