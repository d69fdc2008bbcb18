"""Shipments and their write-back, orders and products of marketplaces, the health of connections."""

from shared.db.migrations.steps import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql(__file__)
