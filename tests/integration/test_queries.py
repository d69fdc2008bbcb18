"""Every named query of every package is valid on the migrated schema, and says what it is for."""

from collections.abc import Iterator
from pathlib import Path

import aiosql
import asyncpg
import pytest

ROOT = Path(__file__).parents[2]
PLACES = (ROOT / "shared", ROOT / "services")
FILES = sorted(path for place in PLACES for path in place.glob("**/src/**/sql/*.sql"))


def _queries() -> Iterator[tuple[str, str]]:
    for path in FILES:
        loaded = aiosql.from_path(path, "asyncpg")
        for name in loaded.available_queries:
            if not name.endswith("_cursor"):
                yield f"{path.relative_to(ROOT)}:{name}", getattr(loaded, name).sql


def test_there_are_queries() -> None:
    assert len(list(_queries())) > 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_query_has_its_line_of_intent(path: Path) -> None:
    lines = path.read_text().splitlines()
    lacking = [
        line
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("-- name:") and not after.startswith("-- ")
    ]
    assert lacking == []


async def test_every_query_can_be_prepared(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    faults = {}
    for name, sql in _queries():
        try:
            await connection.prepare(sql)
        except asyncpg.PostgresError as error:
            faults[name] = str(error)
    await connection.close()
    assert faults == {}
