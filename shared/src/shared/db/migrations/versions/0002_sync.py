"""Imports, refunds, products, supplier orders, CRM stores, schedules, budgets, consent and privacy."""

from shared.db.migrations.steps import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(__file__)
