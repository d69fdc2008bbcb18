-- name: settings(shop_ids)
-- The alert settings of shops in use (NULL, of all); NULL where a shop has none of its own.
SELECT s.id, a.settings
FROM store.shops s LEFT JOIN alerts.settings a ON a.shop_id = s.id
WHERE s.is_active AND (:shop_ids::bigint[] IS NULL OR s.id = ANY(:shop_ids::bigint[]))
ORDER BY s.id;

-- name: log_state()^
-- How far the log has come, by the recorders that run or ran last; the earliest of them counts.
SELECT min(as_of) AS as_of, sum(backlog)::bigint AS backlog, max(seen_at) AS seen_at
FROM ledger.recorders
WHERE seen_at > (SELECT max(seen_at) FROM ledger.recorders) - interval '15 seconds';

-- name: shops(shop_ids)
-- Shops, since when orders could be expected of each (NULL, of none), when one was last synced, and what the shop
-- last said about a silence. Minutes are kept for weeks, hours for good.
SELECT s.id, s.domain, s.name, s.timezone, since.watched_since, last.synced_at,
       p.since, p.asked_at, p.verdict, p.words, p.numbers, p.task_ids
FROM store.shops s
CROSS JOIN LATERAL (
    SELECT min(a.created_at) FILTER (WHERE a.kind = 'engage') AS crm_since,
           count(*) FILTER (WHERE a.kind IN ('shopify', 'woocommerce', 'standard')) > 0
               OR cardinality(s.webhook_secrets) > 0 AS is_selling
    FROM store.accounts a WHERE a.shop_id = s.id AND a.is_active
) AS told
CROSS JOIN LATERAL (
    SELECT coalesce(
        (SELECT c.bucket FROM ledger.task_counts_by_minute c
         WHERE c.shop_id = s.id AND c.state = 'succeeded' AND c.type IN ('SyncOrder', 'SyncOrderNotification', 'IndexOrder')
           AND (c.type = 'IndexOrder') = (told.crm_since IS NULL)
         ORDER BY c.bucket DESC LIMIT 1),
        (SELECT c.bucket FROM ledger.task_counts_by_hour c
         WHERE c.shop_id = s.id AND c.state = 'succeeded' AND c.type IN ('SyncOrder', 'SyncOrderNotification', 'IndexOrder')
           AND (c.type = 'IndexOrder') = (told.crm_since IS NULL)
         ORDER BY c.bucket DESC LIMIT 1)) AS synced_at
) AS last
CROSS JOIN LATERAL (
    SELECT CASE WHEN told.crm_since IS NOT NULL OR told.is_selling OR last.synced_at IS NOT NULL
                THEN greatest(s.installed_at, told.crm_since) END AS watched_since
) AS since
LEFT JOIN LATERAL (
    SELECT * FROM alerts.proofs p WHERE p.shop_id = s.id ORDER BY p.asked_at DESC, p.id DESC LIMIT 1
) AS p ON true
WHERE s.id = ANY(:shop_ids::bigint[])
ORDER BY s.id;

-- name: ended(shop_ids, since, until)
-- How many tasks of each shop and type ended well and badly since its own moment, from whole hours where it can be.
SELECT w.shop_id, c.type, sum(c.n) FILTER (WHERE c.state = 'succeeded')::bigint AS succeeded,
       sum(c.n) FILTER (WHERE c.state = 'failed')::bigint AS failed
FROM (
    SELECT shop_id, since, date_trunc('hour', since + interval '1 hour', 'UTC') AS first_hour,
           date_trunc('hour', :until::timestamptz, 'UTC') AS last_hour
    FROM unnest(:shop_ids::bigint[], :since::timestamptz[]) AS wanted (shop_id, since)
) AS w
CROSS JOIN LATERAL (
    SELECT m.type, m.state, m.n FROM ledger.task_counts_by_minute m
    WHERE m.shop_id = w.shop_id AND m.bucket >= w.since AND m.bucket < w.first_hour AND m.bucket <= :until
    UNION ALL
    SELECT h.type, h.state, h.n FROM ledger.task_counts_by_hour h
    WHERE h.shop_id = w.shop_id AND h.bucket >= w.first_hour AND h.bucket < w.last_hour
    UNION ALL
    SELECT m.type, m.state, m.n FROM ledger.task_counts_by_minute m
    WHERE m.shop_id = w.shop_id AND m.bucket >= greatest(w.first_hour, w.last_hour) AND m.bucket <= :until
) AS c
WHERE c.state IN ('succeeded', 'failed')
GROUP BY w.shop_id, c.type;

-- name: accounts(shop_ids, now)
-- The accounts in use of some shops, with how they pause and how their breaker stands.
SELECT a.id, a.shop_id, a.kind, a.name, a.settings, a.problem, a.updated_at,
       coalesce(t.is_hold, false) AS is_held, t.reason AS pause_reason,
       b.category, b.opened_at, b.open_until, b.times, b.reason AS breaker_reason
FROM store.accounts a
LEFT JOIN store.throttles t ON t.account_id = a.id AND t.paused_until > :now
LEFT JOIN store.breakers b ON b.account_id = a.id AND b.times > 0
WHERE a.is_active AND a.shop_id = ANY(:shop_ids::bigint[])
ORDER BY a.shop_id, a.kind, a.name;

-- name: troubled_minutes(account_ids, since, until)
-- The calls by minute of those connections that had one go wrong lately; rows are compared as such, for that is one
-- range of the primary key.
SELECT c.account_id, c.category, c.minute, c.calls, c.ok, c.rejected, c.refused, c.rate_limited, c.failed, c.no_answer,
       c.total_ms, c.latency
FROM unnest(:account_ids::bigint[], :since::timestamptz[]) AS wanted (account_id, since)
JOIN ledger.api_last_calls l ON l.account_id = wanted.account_id AND l.error_at >= wanted.since
CROSS JOIN LATERAL (
    SELECT * FROM ledger.api_calls c
    WHERE (c.account_id, c.category, c.minute) >= (l.account_id, l.category, wanted.since)
      AND (c.account_id, c.category, c.minute) <= (l.account_id, l.category, :until)
    LIMIT 2000
) AS c;

-- name: tokens(shop_ids, since, until)
-- Tokens of some shops that run out in that time; shop_id NULL for those that are for all shops.
SELECT shop_id, t.id, t.name, t.role, t.expires_at, t.last_used_at
FROM admin.api_tokens t CROSS JOIN LATERAL unnest(coalesce(t.shop_ids, ARRAY[NULL::bigint])) AS owner (shop_id)
WHERE t.revoked_at IS NULL AND t.expires_at >= :since AND t.expires_at <= :until
  AND (shop_id IS NULL OR shop_id = ANY(:shop_ids::bigint[]))
ORDER BY t.expires_at, t.id;

-- name: failure_groups(shop_ids, since, counted_since, left_out)
-- The newest groups of each shop that failed since its own moment, with an example and whether they have an alert.
SELECT w.shop_id, g.fingerprint, g.type, g.error_kind AS kind, g.message, g.remedy, g.place, g.n,
       coalesce(lately.n, 0)::bigint AS n_lately, g.first_at, g.last_at, g.resolved_at, g.back_at, g.example_id,
       (SELECT t.order_number FROM ledger.tasks t WHERE t.task_id = g.example_id) AS example_order,
       EXISTS (SELECT FROM alerts.alerts a
               WHERE coalesce(a.shop_id, 0) = g.shop_id AND a.rule = 'failure-group' AND a.subject = g.fingerprint
                 AND a.state <> 'resolved') AS is_alerted
FROM unnest(:shop_ids::bigint[], :since::timestamptz[], :counted_since::timestamptz[])
     AS w (shop_id, since, counted_since)
CROSS JOIN LATERAL (
    SELECT * FROM ledger.failure_groups g
    WHERE g.shop_id = w.shop_id AND g.last_at >= w.since AND g.type <> ALL(:left_out::text[])
    ORDER BY g.last_at DESC LIMIT 100
) AS g
CROSS JOIN LATERAL (
    SELECT sum(h.n) AS n FROM ledger.failures_by_hour h
    WHERE h.shop_id = g.shop_id AND h.fingerprint = g.fingerprint
      AND h.bucket >= date_trunc('hour', w.counted_since, 'UTC')
) AS lately
ORDER BY w.shop_id, g.last_at DESC;

-- name: group_alerts(shop_ids)
-- Since when one alert has told of several new failure groups at once.
SELECT shop_id, began_at FROM alerts.alerts
WHERE coalesce(shop_id, 0) = ANY(:shop_ids::bigint[]) AND rule = 'failure-group' AND subject = '' AND state <> 'resolved';

-- name: late(shop_ids, ready_before, oldest_id, now, left_out)
-- Tasks that could have run before their shop's own moment and have not, among the oldest of each type: how many,
-- and the first three. Not those of accounts that pause, nor retries before their time. The states are named as
-- a range as well: of a day on which all has succeeded the planner would take any index of its shop for as good.
SELECT shop_id, n, task_id, type, order_number, since
FROM (
    SELECT t.shop_id, t.task_id, t.type, t.order_number, ready.since,
           count(*) OVER (PARTITION BY t.shop_id) AS n,
           row_number() OVER (PARTITION BY t.shop_id ORDER BY ready.since, t.task_id) AS place
    FROM unnest(:shop_ids::bigint[], :ready_before::timestamptz[]) AS w (shop_id, ready_before)
    JOIN LATERAL (
        SELECT DISTINCT c.type, c.state FROM ledger.task_counts c
        LEFT JOIN store.throttles p ON p.account_id = c.account_id AND p.paused_until > :now
        WHERE c.shop_id = w.shop_id AND c.state IN ('queued', 'retrying') AND c.n > 0 AND p.account_id IS NULL
          AND c.type <> ALL(:left_out::text[])
    ) AS kind ON true
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.tasks t
        WHERE t.shop_id = w.shop_id AND t.type = kind.type AND t.state = kind.state AND t.task_id >= :oldest_id
          AND t.state BETWEEN 'queued' AND 'retrying'
        ORDER BY t.task_id LIMIT 1000
    ) AS t
    LEFT JOIN store.throttles p ON p.account_id = t.account_id
    CROSS JOIN LATERAL (SELECT greatest(t.queued_at, t.due_at, p.paused_until) AS since) AS ready
    WHERE ready.since < w.ready_before
) AS late
WHERE place <= 3
ORDER BY shop_id, place;

-- name: stuck(shop_ids, silent_since, oldest_id, left_out)
-- Tasks that are said to run since before that moment while no worker has shown a sign of life for them since, among
-- the oldest of each shop; how many, and the first three.
SELECT shop_id, n, task_id, type, order_number, since
FROM (
    SELECT t.shop_id, t.task_id, t.type, t.order_number, t.updated_at AS since,
           count(*) OVER (PARTITION BY t.shop_id) AS n,
           row_number() OVER (PARTITION BY t.shop_id ORDER BY t.updated_at, t.task_id) AS place
    FROM unnest(:shop_ids::bigint[]) AS w (shop_id)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.tasks t
        WHERE t.shop_id = w.shop_id AND t.state = 'processing' AND t.task_id >= :oldest_id
          AND EXISTS (SELECT FROM ledger.task_counts c
                      WHERE c.shop_id = w.shop_id AND c.state = 'processing' AND c.n > 0)
        ORDER BY t.task_id LIMIT 1000
    ) AS t
    LEFT JOIN store.inbox i ON i.task_id = t.task_id
    WHERE t.updated_at < :silent_since AND t.type <> ALL(:left_out::text[])
      AND NOT coalesce(i.is_running AND i.lease_until >= :silent_since, false)
) AS stuck
WHERE place <= 3
ORDER BY shop_id, place;

-- name: queues()
-- The queues as they were last seen from outside.
SELECT queue, messages, consumers, grew_at, measured_at FROM alerts.queues ORDER BY queue;

-- name: spooled_since()$
-- The oldest task that waits for the broker to come back.
SELECT spooled_at FROM ingest.spool ORDER BY id LIMIT 1;
