"""Migrations keep to the rules for full tables, docs/operations.md: no long lock, nothing rewritten."""

import re
from pathlib import Path

import pytest

from shared.db.migrations import online, versions

OLD = ("0001", "0002", "0003", "0004")
HERE = Path(next(iter(versions.__path__)))
QUICK = [
    path.with_suffix(".sql")
    for path in sorted(HERE.glob("[0-9]*.py"))
    if not path.stem.startswith(OLD) and "run_sql(" in path.read_text()
]
_BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
_MADE = re.compile(r"CREATE TABLE ([\w.]+)")
_TABLE = re.compile(r"(?:INDEX \w+\s+ON|ALTER TABLE|UPDATE|INSERT INTO) ([\w.]+)")
SLOW = {
    "builds an index": re.compile(r"CREATE (UNIQUE )?INDEX"),
    "checks every row; add NOT VALID, and VALIDATE in a migration that runs online": re.compile(
        r"ADD CONSTRAINT (?!.*NOT VALID)", re.DOTALL
    ),
    "rewrites or checks the table": re.compile(r"ALTER COLUMN \w+ (SET NOT NULL|TYPE)|SET DATA TYPE"),
    "takes away what the release before reads": re.compile(r"DROP COLUMN|DROP TABLE|RENAME COLUMN|RENAME TO"),
    "moves rows": re.compile(r"^(UPDATE|INSERT INTO|DELETE FROM)"),
}


def faults(script: str) -> list[str]:
    """What a script would do to tables that were there before it."""
    made = set(_MADE.findall(script))
    found = []
    for statement in online.statements(_BODY.sub("''", script)):
        table = _TABLE.search(statement)
        if table is not None and table[1] not in made:
            found += [f"{table[1]}: {why}" for why, pattern in SLOW.items() if pattern.search(statement)]
    return found


@pytest.mark.parametrize("path", QUICK, ids=lambda path: path.stem)
def test_what_runs_in_one_transaction_is_quick_on_full_tables(path: Path) -> None:
    assert faults(path.read_text()) == []


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("CREATE INDEX a ON ledger.tasks (b);\n", id="index"),
        pytest.param("ALTER TABLE ledger.tasks ADD CONSTRAINT a CHECK (b > 0);\n", id="check"),
        pytest.param("ALTER TABLE ledger.tasks ALTER COLUMN a SET NOT NULL;\n", id="not-null"),
        pytest.param("ALTER TABLE ledger.tasks DROP COLUMN a;\n", id="drop"),
        pytest.param("UPDATE ledger.tasks SET a = 1;\n", id="update"),
    ],
)
def test_what_is_slow_is_named(statement: str) -> None:
    assert len(faults(statement)) == 1
    assert faults("CREATE TABLE ledger.tasks (a int);\n" + statement) == []


def test_what_runs_online_can_be_run_again() -> None:
    for path in sorted(HERE.glob("[0-9]*.sql")):
        if path not in QUICK and not path.stem.startswith(OLD):
            for statement in online.statements(path.read_text()):
                assert re.match(
                    r"CREATE (UNIQUE )?INDEX|DROP INDEX IF EXISTS|ALTER TABLE [\w.]+ VALIDATE|INSERT INTO"
                    r".*ON CONFLICT",
                    statement,
                    re.DOTALL,
                ), statement
