-- name: samples()
-- Tasks from all over the log, and as many failed ones.
SELECT sampled.*, s.domain
FROM (
    (SELECT * FROM ledger.tasks TABLESAMPLE SYSTEM (5) LIMIT 2000)
    UNION ALL
    (SELECT * FROM ledger.tasks WHERE state = 'failed' LIMIT 200)
) AS sampled
JOIN store.shops s ON s.id = sampled.shop_id;
