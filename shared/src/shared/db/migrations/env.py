"""Alembic's entry point; `shared.db.migrate` hands over the connection that holds the advisory lock."""

from alembic import context

connection = context.config.attributes.get("connection")

if connection is None:
    context.configure(dialect_name="postgresql", literal_binds=True)
else:
    context.configure(
        connection=connection,
        transaction_per_migration=True,
        version_table_schema="public",
    )

with context.begin_transaction():
    context.run_migrations()
