-- name: shop(shop_id)^
-- What has to be known of a shop in use before it is asked: its account at its Admin API (NULL: it has none), why that
-- is not to be used, and whether the shop has a CRM.
SELECT s.timezone, a.id AS account_id, coalesce(a.problem, t.reason) AS refused,
       EXISTS (SELECT FROM store.accounts c WHERE c.shop_id = s.id AND c.kind = 'engage' AND c.is_active) AS has_crm
FROM store.shops s
LEFT JOIN LATERAL (
    SELECT id, problem FROM store.accounts WHERE shop_id = s.id AND kind = 'shopify' AND is_active ORDER BY id LIMIT 1
) AS a ON true
LEFT JOIN store.throttles t ON t.account_id = a.id AND t.is_hold AND t.paused_until > now()
WHERE s.id = :shop_id AND s.is_active;

-- name: known(shop_id, order_ids)
-- Which of these orders are stored.
SELECT source_id FROM store.orders WHERE shop_id = :shop_id AND source_id = ANY(:order_ids::text[]);

-- name: synced(shop_id, types, since_id, order_ids)
-- Which of these orders got through since.
SELECT DISTINCT source_id FROM ledger.tasks
WHERE shop_id = :shop_id AND type = ANY(:types::text[]) AND state = 'succeeded' AND task_id >= :since_id
  AND source_id = ANY(:order_ids::text[]);

-- name: hold(shop_id)$
-- One proof of a shop is written at a time, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('proof of shop ' || :shop_id::bigint, 0));

-- name: newest(shop_id)^
-- What the shop said last.
SELECT id, since, asked_at, verdict, task_ids FROM alerts.proofs
WHERE shop_id = :shop_id ORDER BY asked_at DESC, id DESC LIMIT 1;

-- name: under_way(task_ids)
-- The types of those tasks that have not ended.
SELECT DISTINCT type FROM ledger.tasks
WHERE task_id = ANY(:task_ids::uuid[]) AND state NOT IN ('succeeded', 'failed', 'cancelled');

-- name: add(shop_id, since, asked_at, verdict, words, numbers, order_ids, task_ids, published_at)!
-- The shop said something new.
INSERT INTO alerts.proofs (shop_id, since, asked_at, verdict, words, numbers, order_ids, task_ids, published_at)
VALUES (:shop_id, :since, :asked_at, :verdict, :words, :numbers, :order_ids, :task_ids, :published_at);

-- name: repeat(proof_id, asked_at, words, numbers, order_ids, task_ids)!
-- The shop said the same again. Tasks that were never queued are superseded by the new ones.
UPDATE alerts.proofs
SET asked_at = :asked_at, words = :words, numbers = :numbers, order_ids = :order_ids,
    task_ids = CASE WHEN published_at IS NULL THEN :task_ids::uuid[] ELSE task_ids || :task_ids::uuid[] END,
    published_at = CASE WHEN cardinality(:task_ids::uuid[]) = 0 THEN coalesce(published_at, :asked_at) END
WHERE id = :proof_id;

-- name: unpublished(limit)
-- Proofs whose tasks are still to be queued, kept from other replicas until the transaction ends.
SELECT p.id, p.shop_id, p.since, p.asked_at, p.task_ids,
       (SELECT a.id FROM store.accounts a WHERE a.shop_id = p.shop_id AND a.kind = 'shopify' AND a.is_active
        ORDER BY a.id LIMIT 1) AS account_id
FROM alerts.proofs p WHERE p.published_at IS NULL
ORDER BY p.id LIMIT :limit
FOR UPDATE SKIP LOCKED;

-- name: mark_published(proof_ids)!
-- Their tasks are queued.
UPDATE alerts.proofs SET published_at = clock_timestamp() WHERE id = ANY(:proof_ids::bigint[]);

-- name: unfetched(asked_since)
-- Proofs with missed orders that may have been synced meanwhile.
SELECT p.id, p.shop_id, p.since, p.order_ids, coalesce((p.numbers->>'fetched')::integer, 0) AS fetched,
       EXISTS (SELECT FROM store.accounts c WHERE c.shop_id = p.shop_id AND c.kind = 'engage' AND c.is_active) AS has_crm
FROM alerts.proofs p
WHERE p.asked_at >= :asked_since AND coalesce((p.numbers->>'fetched')::integer, 0) < cardinality(p.order_ids);

-- name: count_fetched(proof_id, fetched)!
-- So many of the missed orders are synced by now.
UPDATE alerts.proofs SET numbers = numbers || jsonb_build_object('fetched', :fetched::integer)
WHERE id = :proof_id;

-- name: forget(asked_before)!
-- What shops said long ago.
DELETE FROM alerts.proofs WHERE asked_at < :asked_before;
