"""What the documentation says of the code is there: files, functions and tables it names."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
SOURCES = [
    path
    for place in ("services", "shared", "sandbox", "deploy", "tests")
    for path in (ROOT / place).rglob("*.py")
]
SCHEMA = (ROOT / "shared/src/shared/db/schema.sql").read_text()
_NAMED_CODE = re.compile(r"`((?:[\w-]+/)*\w+\.py)(?::([\w.]+))?`")
_NAMED_TABLE = re.compile(r"`((?:ledger|store|ingest|alerts|admin)\.\w+)`")


def _defined(path: Path) -> set[str]:
    """Names a module defines, methods as `Class.method`."""
    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef))
            names |= {f"{node.name}.{method.name}" for method in methods}
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def _is_there(file: str, name: str | None) -> bool:
    found = [path for path in SOURCES if f"/{path.relative_to(ROOT)}".endswith(f"/{file}")]
    return any(name is None or name in _defined(path) for path in found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_functions_and_tables_a_page_names_are_there(page: Path) -> None:
    text = page.read_text()
    named = [(file, name or None) for file, name in _NAMED_CODE.findall(text)]
    missing = [f"{file}:{name}" if name else file for file, name in named if not _is_there(file, name)]
    tables = [table for table in _NAMED_TABLE.findall(text) if table not in SCHEMA]
    assert (missing, tables) == ([], [])
