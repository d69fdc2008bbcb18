-- What tables, partitions, functions, triggers and constraints a database has.
SELECT md5(string_agg(thing, ',' ORDER BY thing)) FROM (
    SELECT concat(c.oid, c.relname, c.relkind, c.relispartition, c.relnatts) AS thing
    FROM pg_class c WHERE c.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^(pg_|information_schema)')
    UNION ALL
    SELECT concat(p.oid, md5(p.prosrc))
    FROM pg_proc p WHERE p.pronamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^(pg_|information_schema)')
    UNION ALL SELECT concat(t.oid, t.tgname, t.tgenabled) FROM pg_trigger t
    UNION ALL SELECT concat(k.oid, k.conname, k.conrelid) FROM pg_constraint k
    UNION ALL SELECT version_num FROM public.alembic_version
) AS things;
