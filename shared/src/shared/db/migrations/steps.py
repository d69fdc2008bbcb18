"""Migrations are plain SQL files that stand beside their revision; there is no way back but a later one."""

from pathlib import Path

from alembic import op
from sqlalchemy.util import await_only


def run_sql(revision_file: str) -> None:
    """Runs the `.sql` file that has the revision's name, as one script in the migration's transaction."""
    script = Path(revision_file).with_suffix(".sql").read_text()
    connection = op.get_bind()
    connection.exec_driver_sql("SELECT 1")  # the driver opens its transaction with the first statement
    driver = connection.connection.driver_connection
    assert driver is not None
    await_only(driver.execute(script))
