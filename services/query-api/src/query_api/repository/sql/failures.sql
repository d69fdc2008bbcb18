-- name: kinds(shop_ids, since, types, error_kind, account_ids, at_most)
-- Kinds of failure that some shops had since a moment, the latest first.
SELECT lately.fingerprint, max(lately.last_at) AS last_at
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT g.fingerprint, g.last_at FROM ledger.failure_groups g
    WHERE g.shop_id = shop.id AND g.last_at >= :since
      AND (:types::text[] IS NULL OR g.type = ANY(:types::text[]))
      AND (:error_kind::text IS NULL OR g.error_kind = :error_kind)
      AND (:account_ids::bigint[] IS NULL OR EXISTS (
          SELECT FROM ledger.failures_by_hour h
          WHERE h.shop_id = g.shop_id AND h.fingerprint = g.fingerprint AND h.account_id = ANY(:account_ids::bigint[])
      ))
    ORDER BY g.last_at DESC LIMIT :at_most
) AS lately
GROUP BY lately.fingerprint
ORDER BY last_at DESC LIMIT :at_most;

-- name: groups(shop_ids, fingerprints)
-- All that some shops had of these kinds of failure, with the order that is the example.
SELECT g.shop_id, s.domain, g.fingerprint, g.type, g.error_kind, g.place, g.message, g.remedy, g.n, g.first_at, g.last_at,
       g.example_id, (SELECT t.order_number FROM ledger.tasks t WHERE t.task_id = g.example_id) AS example_order,
       g.resolved_at, g.resolved_by, g.back_at
FROM ledger.failure_groups g LEFT JOIN store.shops s ON s.id = g.shop_id
WHERE g.fingerprint = ANY(:fingerprints::text[]) AND g.shop_id = ANY(:shop_ids::bigint[]);

-- name: hours(shop_ids, fingerprints, since)
-- Failures by hour from each group's own moment on, by account.
SELECT h.fingerprint, h.bucket, h.account_id, sum(h.n)::bigint AS n
FROM unnest(:shop_ids::bigint[], :fingerprints::text[], :since::timestamptz[]) AS g (shop_id, fingerprint, since)
CROSS JOIN LATERAL (
    SELECT * FROM ledger.failures_by_hour h
    WHERE h.shop_id = g.shop_id AND h.fingerprint = g.fingerprint AND h.bucket >= g.since OFFSET 0
) AS h
GROUP BY h.fingerprint, h.bucket, h.account_id;

-- name: hold(shop_ids, fingerprint)
-- A kind of failure in some shops, kept from others until the transaction ends; in the order of recorders.
SELECT shop_id, type, resolved_at, back_at FROM ledger.failure_groups
WHERE fingerprint = :fingerprint AND shop_id = ANY(:shop_ids::bigint[])
ORDER BY shop_id FOR UPDATE;

-- name: resolve(shop_ids, fingerprint, resolved_at, resolved_by)!
-- A person said that a kind of failure is mended.
UPDATE ledger.failure_groups SET resolved_at = :resolved_at, resolved_by = :resolved_by, back_at = NULL
WHERE fingerprint = :fingerprint AND shop_id = ANY(:shop_ids::bigint[]);

-- name: reopen(shop_ids, fingerprint)!
-- It is not mended after all.
UPDATE ledger.failure_groups SET resolved_at = NULL, resolved_by = NULL, back_at = NULL
WHERE fingerprint = :fingerprint AND shop_id = ANY(:shop_ids::bigint[]);
