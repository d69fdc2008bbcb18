"""What people do: operations over many tasks, the audit log, repeated requests, deleted tasks, exports."""

from shared.db.migrations.steps import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql(__file__)
