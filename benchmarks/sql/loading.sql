-- name: add_shops(n)!
-- Shops with two accounts each, if they are not there.
WITH made AS (
    INSERT INTO store.shops (domain, name, email, data_key)
    SELECT 'bench-' || i || '.example', 'Bench ' || i, 'bench@bench-' || i || '.example', ''
    FROM generate_series(1, :n::integer) AS i
    ON CONFLICT DO NOTHING
    RETURNING id
)
INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials)
SELECT made.id, account.kind, account.name, 'https://api.example', ''
FROM made, (VALUES ('engage', 'main'), ('supplier', 'north')) AS account (kind, name);

-- name: shops()
-- The shops and their accounts.
SELECT s.id, array_agg(a.id ORDER BY a.id) AS account_ids
FROM store.shops s JOIN store.accounts a ON a.shop_id = s.id
WHERE s.domain LIKE 'bench-%' GROUP BY s.id ORDER BY s.id;

-- name: hurry()^
-- What is lost in a crash is loaded again.
SELECT set_config('synchronous_commit', 'off', false), set_config('maintenance_work_mem', '256MB', false),
       set_config('max_parallel_maintenance_workers', '0', false);

-- name: is_there(name)$
-- Whether there is such a table.
SELECT to_regclass(:name) IS NOT NULL;

-- name: ensure_partitions(first, last)$
-- The other tables that have days.
SELECT ledger.ensure_partitions(:first::date, :last::date);

-- name: say_recorded(as_of)!
-- The log is complete up to a moment.
INSERT INTO ledger.recorders (instance, as_of, backlog) VALUES ('benchmarks', :as_of, 0)
ON CONFLICT (instance) DO UPDATE SET as_of = excluded.as_of, seen_at = clock_timestamp();

-- name: upkeep()
-- What autovacuum would have done by the time a log is so large.
SELECT format('VACUUM (ANALYZE) %s', c.oid::regclass) AS statement
FROM pg_class c
WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT format('ANALYZE %s', c.oid::regclass) FROM pg_class c
WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'p';
