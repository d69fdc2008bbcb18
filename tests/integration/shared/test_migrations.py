"""The migrations, one after the other, make exactly the schema that `schema.sql` shows."""

import asyncio
from importlib.resources import files

import asyncpg

from shared.db.migrate import upgrade, upgrade_async
from shared.db.revisions import newest_revision

CATALOG = {
    "columns": """
        SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               a.attidentity, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND n.nspname = ANY($1) ORDER BY 1, 2, 3""",
    "constraints": """
        SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT c.relispartition AND n.nspname = ANY($1) ORDER BY 1, 2, 3""",
    "indexes": """
        SELECT schemaname, tablename, indexname, indexdef FROM pg_indexes i
        JOIN pg_class c ON c.oid = format('%I.%I', schemaname, tablename)::regclass
        WHERE NOT c.relispartition AND schemaname = ANY($1) ORDER BY 1, 2, 3""",
    "functions": """
        SELECT n.nspname, p.proname, pg_get_functiondef(p.oid) FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY($1) ORDER BY 1, 2""",
    "views": """
        SELECT schemaname, viewname, definition FROM pg_views WHERE schemaname = ANY($1) ORDER BY 1, 2""",
    "partitioning": """
        SELECT partrelid::regclass::text, pg_get_partkeydef(partrelid)
        FROM pg_partitioned_table ORDER BY 1""",
}
SCHEMAS = ["ledger", "store", "ingest", "alerts", "admin"]


async def _catalog(url: str) -> dict[str, list[tuple[object, ...]]]:
    connection = await asyncpg.connect(url)
    try:
        return {
            name: [tuple(row) for row in await connection.fetch(query, *([SCHEMAS] if "$1" in query else []))]
            for name, query in CATALOG.items()
        }
    finally:
        await connection.close()


async def test_the_migrations_make_exactly_the_schema_file(
    database_url: str, empty_database_url: str
) -> None:
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute(files("shared.db").joinpath("schema.sql").read_text())
    await connection.close()

    migrated, written = await _catalog(database_url), await _catalog(empty_database_url)

    assert migrated["columns"]
    assert migrated == written


async def test_many_processes_may_migrate_at_once(empty_database_url: str) -> None:
    await asyncio.gather(*(upgrade_async(empty_database_url) for _ in range(3)))

    connection = await asyncpg.connect(empty_database_url)
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == newest_revision()
    await connection.close()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    before = asyncio.run(_catalog(database_url))
    upgrade(database_url)
    assert asyncio.run(_catalog(database_url)) == before


async def test_the_coming_ten_days_have_partitions(empty_database_url: str) -> None:
    await upgrade_async(empty_database_url)
    connection = await asyncpg.connect(empty_database_url)
    missing = await connection.fetch(
        "SELECT parent, current_date + n AS day FROM unnest($1::text[]) AS parent, generate_series(-2, 10) n "
        "WHERE to_regclass(parent || to_char(current_date + n, '_YYYYMMDD')) IS NULL",
        ["ledger.task_events", "ledger.tasks", "ledger.payloads", "store.inbox"],
    )
    await connection.close()
    assert missing == []
