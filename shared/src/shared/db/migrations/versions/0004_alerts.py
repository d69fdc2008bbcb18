"""Alerts: settings, their life, what people are told; failures of one kind as one group."""

from shared.db.migrations.steps import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql(__file__)
