"""Migrations are plain SQL files that stand beside their revision; there is no way back but a later one.

What is quick is run in one transaction (`run_sql`); what takes long on a full log is another revision, whose
statements are run by themselves (`run_online`). The rules: docs/operations.md.
"""

from pathlib import Path
from typing import Any

from alembic import op
from sqlalchemy.util import await_only

from shared.db.migrations import online


def run_sql(revision_file: str) -> None:
    """Runs the `.sql` file that has the revision's name, as one script in the migration's transaction."""
    op.get_bind().exec_driver_sql("SELECT 1")  # the driver opens its transaction with the first statement
    await_only(_driver().execute(_script(revision_file)))


def run_online(revision_file: str) -> None:
    """Runs its statements one by one, each by itself, while others read and write."""
    with op.get_context().autocommit_block():
        driver = _driver()
        for statement in online.statements(_script(revision_file)):
            await_only(online.run(driver, statement))


def _script(revision_file: str) -> str:
    return Path(revision_file).with_suffix(".sql").read_text()


def _driver() -> Any:
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    return driver
