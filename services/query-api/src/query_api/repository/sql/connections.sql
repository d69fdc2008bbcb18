-- name: schema_revision()$
-- The migration the database has come to.
SELECT version_num FROM public.alembic_version;
