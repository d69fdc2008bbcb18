"""Named queries from `.sql` files, bound to typed methods by the module that uses them."""

from pathlib import Path
from typing import Any

import aiosql


def load_queries(module_file: str, name: str) -> Any:
    """The queries of `sql/<name>.sql` beside a module."""
    return aiosql.from_path(Path(module_file).parent / "sql" / f"{name}.sql", "asyncpg")
