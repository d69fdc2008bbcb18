"""Changes to full tables that writers do not notice: indexes are built concurrently, partition by partition.

Each statement can be run again after it was broken off.
"""

import re
from typing import Any

_INDEX = re.compile(
    r"CREATE (?P<unique>UNIQUE )?INDEX (?P<name>\w+)\s+ON (?P<table>[\w.]+) (?P<rest>.+)", re.DOTALL
)
_COMMENT = re.compile(r"^--.*\n", re.MULTILINE)

_STATE_OF = """
SELECT i.indisvalid FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE format('%I.%I', n.nspname, c.relname) = $1"""
_PARTITIONS_WITHOUT = """
SELECT child.inhrelid::regclass::text FROM pg_inherits child
WHERE child.inhparent = $1::text::regclass AND NOT EXISTS (
    SELECT FROM pg_inherits attached JOIN pg_index i ON i.indexrelid = attached.inhrelid
    WHERE attached.inhparent = $2::text::regclass AND i.indrelid = child.inhrelid)
ORDER BY 1"""


def statements(script: str) -> list[str]:
    """Those of a script without function bodies, in order."""
    return [one.strip() for one in _COMMENT.sub("", script).split(";\n") if one.strip()]


async def run(driver: Any, statement: str) -> None:
    """Outside of a transaction."""
    found = _INDEX.fullmatch(statement)
    if found is None:
        await driver.execute(statement)
    elif await _is_partitioned(driver, found["table"]):
        await _index_partitions(driver, found)
    else:
        schema = found["table"].partition(".")[0]
        await _build(driver, found, table=found["table"], name=f"{schema}.{found['name']}")


async def _is_partitioned(driver: Any, table: str) -> bool:
    sql = "SELECT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = $1::text::regclass)"
    return bool(await driver.fetchval(sql, table))


async def _index_partitions(driver: Any, wanted: re.Match[str]) -> None:
    """The index of the whole is valid with the last partition's; new partitions get theirs by themselves."""
    unique, name, table, rest = wanted["unique"] or "", wanted["name"], wanted["table"], wanted["rest"]
    schema = table.partition(".")[0]
    if await driver.fetchval(_STATE_OF, f"{schema}.{name}") is None:
        await driver.execute(f"CREATE {unique}INDEX {name} ON ONLY {table} {rest}")
    for row in await driver.fetch(_PARTITIONS_WITHOUT, table, f"{schema}.{name}"):
        partition = row[0]
        own = f"{partition}_{name}"
        await _build(driver, wanted, table=partition, name=own)
        await driver.execute(f"ALTER INDEX {schema}.{name} ATTACH PARTITION {own}")


async def _build(driver: Any, wanted: re.Match[str], *, table: str, name: str) -> None:
    """Waits for older transactions as long as they take: nobody waits for this."""
    is_valid = await driver.fetchval(_STATE_OF, name)
    if is_valid is False:
        await driver.execute(f"DROP INDEX {name}")
    if not is_valid:
        unique, bare = wanted["unique"] or "", name.partition(".")[2]
        await driver.execute("SET lock_timeout = 0")
        try:
            await driver.execute(f"CREATE {unique}INDEX CONCURRENTLY {bare} ON {table} {wanted['rest']}")
        finally:
            await driver.execute("RESET lock_timeout")
