-- name: watched()
-- Accounts in use that have a breaker, and those whose breaker is still open.
SELECT a.id, a.settings, b.category, b.opened_at, b.open_until, b.times, b.reason
FROM store.accounts a LEFT JOIN store.breakers b ON b.account_id = a.id
WHERE a.is_active AND (a.settings -> 'breaker' ->> 'enabled' = 'true' OR b.times > 0)
ORDER BY a.id;

-- name: note(account_id, category, opened_at, open_until, times, reason)!
-- How an account's breaker stands now.
INSERT INTO store.breakers AS b (account_id, category, opened_at, open_until, times, reason)
VALUES (:account_id, :category, :opened_at, :open_until, :times, :reason)
ON CONFLICT (account_id) DO UPDATE
SET category = excluded.category, opened_at = excluded.opened_at, open_until = excluded.open_until,
    times = excluded.times, reason = excluded.reason;

-- name: pause(account_id, until, reason)!
-- Every replica leaves the account alone until then; longer pauses and the wait for credentials go before.
INSERT INTO store.throttles AS t (account_id, paused_until, reason, is_hold)
VALUES (:account_id, :until, :reason, false)
ON CONFLICT (account_id) DO UPDATE
SET paused_until = excluded.paused_until, reason = excluded.reason, is_hold = false
WHERE t.paused_until < excluded.paused_until AND NOT (t.is_hold AND t.paused_until > now());

-- name: resume(account_id, reason)!
-- Ends the pause that had this reason.
DELETE FROM store.throttles WHERE account_id = :account_id AND reason = :reason AND NOT is_hold;

-- name: count_open()$
-- How many accounts are left alone now.
SELECT count(*) FROM store.breakers WHERE open_until > now();
