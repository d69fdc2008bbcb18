"""The event log, its projection and counters, the store, the spool and the tokens."""

from shared.db.migrations.steps import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql(__file__)
