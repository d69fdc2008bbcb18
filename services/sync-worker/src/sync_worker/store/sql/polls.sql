-- name: stored_orders(shop_id, source_ids)
-- How new the stored states of these orders are.
SELECT source_id, updated_at, content_hash, deleted_at IS NOT NULL AS is_deleted FROM store.orders
WHERE shop_id = :shop_id AND source_id = ANY(:source_ids::text[]);

-- name: stored_customers(shop_id, source_ids)
-- How new the stored states of these customers are.
SELECT source_id, updated_at, content_hash, deleted_at IS NOT NULL AS is_deleted FROM store.customers
WHERE shop_id = :shop_id AND source_id = ANY(:source_ids::text[]);

-- name: count_missed(shop_id, kind, n)!
-- What no webhook told, by the day it was found.
INSERT INTO store.missed_webhooks AS m (shop_id, kind, day, n)
VALUES (:shop_id, :kind, (now() AT TIME ZONE 'UTC')::date, :n)
ON CONFLICT (shop_id, kind, day) DO UPDATE SET n = m.n + excluded.n;

-- name: stored_refunds(shop_id, source_ids)
-- Which of these refunds are stored; they never change.
SELECT source_id, created_at AS updated_at, content_hash, false AS is_deleted FROM store.refunds
WHERE shop_id = :shop_id AND source_id = ANY(:source_ids::text[]);

-- name: stored_parcels(shop_id, source_ids)
-- How new the stored states of these fulfilments are.
SELECT source_id, updated_at, content_hash, false AS is_deleted FROM store.fulfilments
WHERE shop_id = :shop_id AND source_id = ANY(:source_ids::text[]);
