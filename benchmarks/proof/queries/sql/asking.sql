-- name: tasks()$
-- How many there are.
SELECT sum(n)::bigint FROM ledger.task_counts;

-- name: samples(percent)
-- Tasks from all over the log, and some failed ones.
SELECT sampled.*, s.domain
FROM (
    (SELECT * FROM ledger.tasks TABLESAMPLE SYSTEM (:percent::real))
    UNION ALL
    (SELECT * FROM ledger.tasks WHERE state = 'failed' LIMIT 200)
) AS sampled
JOIN store.shops s ON s.id = sampled.shop_id;

-- name: files()
-- Where the server keeps its projection and counters: what a server that is in use has in memory.
SELECT current_setting('data_directory') || '/' || pg_relation_filepath(c.oid) AS path
FROM pg_class c
WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind IN ('r', 'i') AND c.relname NOT LIKE 'task\_events%';
