-- name: connected(shop_ids, kinds, account_id)
-- Accounts in use that we call, of some shops (NULL: of all) and kinds, or just one; with how they pause.
SELECT a.id, a.shop_id, s.domain, a.kind, a.name, a.settings, a.problem,
       t.paused_until, t.reason AS pause_reason, coalesce(t.is_hold, false) AS is_held, b.times AS breaker_times
FROM store.accounts a
JOIN store.shops s ON s.id = a.shop_id
LEFT JOIN store.throttles t ON t.account_id = a.id AND t.paused_until > now()
LEFT JOIN store.breakers b ON b.account_id = a.id AND b.open_until > now()
WHERE a.is_active AND a.kind = ANY(:kinds::text[])
  AND (:shop_ids::bigint[] IS NULL OR a.shop_id = ANY(:shop_ids::bigint[]))
  AND (:account_id::bigint IS NULL OR a.id = :account_id)
ORDER BY s.domain, a.kind, a.name;

-- name: limit_time(milliseconds)$
-- Statements of this transaction give up after so long.
SELECT set_config('statement_timeout', :milliseconds::text, true);

-- name: minutes(account_ids, categories, since, until)
-- The calls of some connections by minute.
SELECT account_id, category, minute, calls, ok, rejected, refused, rate_limited, failed, no_answer, total_ms, latency
FROM ledger.api_calls
WHERE account_id = ANY(:account_ids::bigint[]) AND category = ANY(:categories::text[])
  AND minute >= :since AND minute <= :until;

-- name: last_calls(account_ids)
-- The newest call of each connection of some accounts, and the newest that went wrong.
SELECT account_id, category, called_at, error_at, error_message, error_task_id
FROM ledger.api_last_calls WHERE account_id = ANY(:account_ids::bigint[]);
