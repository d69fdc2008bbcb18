-- name: ensure_order(shop_id, source_id)!
-- Makes the row to lock when the order is new; it gets its content in the same transaction.
INSERT INTO store.orders (shop_id, source_id) VALUES (:shop_id, :source_id) ON CONFLICT DO NOTHING;

-- name: lock_order(shop_id, source_id)^
-- The stored state, held until the transaction ends.
SELECT updated_at, triggered_at, deleted_at, content_hash FROM store.orders
WHERE shop_id = :shop_id AND source_id = :source_id FOR UPDATE;

-- name: keep_order(order_number, customer_id, updated_at, triggered_at, content_hash, data, shop_id, source_id)!
-- The state becomes the stored one.
UPDATE store.orders
SET order_number = :order_number, customer_id = :customer_id, updated_at = :updated_at, triggered_at = :triggered_at,
    content_hash = :content_hash, data = :data, indexed_at = now()
WHERE shop_id = :shop_id AND source_id = :source_id AND deleted_at IS NULL;

-- name: bury_order(deleted_at, shop_id, source_id)!
-- Leaves a tombstone without data, which no later state brings back.
UPDATE store.orders
SET deleted_at = coalesce(deleted_at, :deleted_at, now()), triggered_at = coalesce(:deleted_at, triggered_at),
    content_hash = NULL, data = NULL, customer_id = NULL, indexed_at = now()
WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: order(shop_id, source_id)^
-- The newest state.
SELECT deleted_at, data FROM store.orders WHERE shop_id = :shop_id AND source_id = :source_id;
