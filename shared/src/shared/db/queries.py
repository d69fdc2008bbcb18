"""Named queries from `.sql` files, bound to typed methods by the module that uses them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiosql


def load_queries(module_file: str, name: str) -> Any:
    """The queries of `sql/<name>.sql` beside a module."""
    return aiosql.from_path(_path(module_file, name), "asyncpg")


def load_queries_with(module_file: str, name: str, replacing: Mapping[str, str]) -> Any:
    """The same with other words in some places: for queries that differ in what can be no parameter."""
    text = _path(module_file, name).read_text()
    for marked, instead in replacing.items():
        text = text.replace(marked, instead)
    return aiosql.from_str(text, "asyncpg")


def _path(module_file: str, name: str) -> Path:
    return Path(module_file).parent / "sql" / f"{name}.sql"
