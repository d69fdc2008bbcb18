-- name: due(types, limit)
-- Schedules whose time has come, kept from other replicas until the transaction ends.
SELECT s.id, s.shop_id, s.account_id, s.type, s.next_at, s.interval_s
FROM store.schedules s JOIN store.shops h ON h.id = s.shop_id LEFT JOIN store.accounts a ON a.id = s.account_id
WHERE s.is_active AND s.next_at <= now() AND h.is_active AND a.is_active IS NOT FALSE AND s.type = ANY(:types::text[])
ORDER BY s.next_at LIMIT :limit
FOR UPDATE OF s SKIP LOCKED;

-- name: move_on(schedule_ids)!
-- After a tick: the next time in the schedule's rhythm that is still to come.
UPDATE store.schedules
SET last_at = next_at,
    next_at = next_at + make_interval(secs => interval_s
                  * (1 + floor(extract(epoch FROM now() - next_at) / interval_s)))
WHERE id = ANY(:schedule_ids::bigint[]);

-- name: catch_up(stale_s)!
-- Times that passed long ago, while nobody ran or the schedule was off: they become one, now.
UPDATE store.schedules SET next_at = now() WHERE is_active AND next_at < now() - make_interval(secs => :stale_s);

-- name: lively(account_ids, within_s)
-- Accounts with the parts of their systems that were called lately; each has its own idea of lately.
SELECT a.id, a.kind, a.settings, coalesce(array_agg(l.category) FILTER (WHERE l.category IS NOT NULL), '{}') AS parts
FROM unnest(:account_ids::bigint[], :within_s::float8[]) AS asked (account_id, within_s)
JOIN store.accounts a ON a.id = asked.account_id
LEFT JOIN ledger.api_last_calls l
    ON l.account_id = a.id AND l.called_at > now() - make_interval(secs => asked.within_s)
GROUP BY a.id;

-- name: overdue_s()$
-- How late the oldest due schedule is, in seconds.
SELECT coalesce(extract(epoch FROM now() - min(s.next_at)), 0)::float8
FROM store.schedules s JOIN store.shops h ON h.id = s.shop_id LEFT JOIN store.accounts a ON a.id = s.account_id
WHERE s.is_active AND s.next_at <= now() AND h.is_active AND a.is_active IS NOT FALSE;

-- name: accounts()
-- Every account in use of a shop in use, with its settings.
SELECT a.id, a.shop_id, a.kind, a.settings FROM store.accounts a JOIN store.shops h ON h.id = a.shop_id
WHERE a.is_active AND h.is_active ORDER BY a.id;

-- name: wanted(shop_ids, account_ids, types, intervals_s)!
-- Makes the schedules that are wanted and brings known ones to the wanted interval, sooner if that is sooner.
INSERT INTO store.schedules AS s (shop_id, account_id, type, interval_s)
SELECT * FROM unnest(:shop_ids::bigint[], :account_ids::bigint[], :types::text[], :intervals_s::integer[])
ON CONFLICT (shop_id, account_id, type) DO UPDATE
SET interval_s = excluded.interval_s, is_active = true,
    next_at = least(s.next_at, now() + make_interval(secs => excluded.interval_s))
WHERE s.interval_s <> excluded.interval_s OR NOT s.is_active;

-- name: unwanted(planned_ids, account_ids, types)!
-- Stops the schedules of planned accounts that are not among the wanted ones.
UPDATE store.schedules SET is_active = false
WHERE is_active AND account_id = ANY(:planned_ids::bigint[])
  AND (account_id, type) NOT IN (SELECT * FROM unnest(:account_ids::bigint[], :types::text[]));

-- name: schedule(shop_id, account_id, type)^
-- How far a poll of an account is, and since when it is connected.
SELECT s.id, s.cursor, a.created_at AS connected_at
FROM store.accounts a LEFT JOIN store.schedules s
    ON s.account_id = a.id AND s.shop_id = :shop_id AND s.type = :type
WHERE a.id = :account_id;

-- name: move_cursor(shop_id, account_id, type, cursor, was)$
-- The poll has come further, unless another one has meanwhile; a poll without a schedule gets one that rests.
INSERT INTO store.schedules AS s (shop_id, account_id, type, interval_s, is_active, cursor)
VALUES (:shop_id, :account_id, :type, 3600, false, :cursor)
ON CONFLICT (shop_id, account_id, type) DO UPDATE SET cursor = excluded.cursor
WHERE s.cursor IS NOT DISTINCT FROM :was
RETURNING s.id;
