-- name: refund_hash(shop_id, source_id)^
-- Whether the refund is known, and its content.
SELECT content_hash FROM store.refunds WHERE shop_id = :shop_id AND source_id = :source_id FOR UPDATE;

-- name: keep_refund(shop_id, source_id, order_id, created_at, content_hash, data)!
-- The state becomes the stored one.
INSERT INTO store.refunds (shop_id, source_id, order_id, created_at, content_hash, data)
VALUES (:shop_id, :source_id, :order_id, :created_at, :content_hash, :data)
ON CONFLICT (shop_id, source_id) DO UPDATE
SET content_hash = excluded.content_hash, data = excluded.data, indexed_at = now();

-- name: refund(shop_id, source_id)^
-- The refund as it is known.
SELECT data FROM store.refunds WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: refunds_of_order(shop_id, order_id)
-- All refunds of an order, oldest first.
SELECT data FROM store.refunds WHERE shop_id = :shop_id AND order_id = :order_id ORDER BY created_at, source_id;

-- name: order_label(shop_id, order_id)^
-- The order's number as people know it.
SELECT order_number FROM store.orders WHERE shop_id = :shop_id AND source_id = :order_id;
