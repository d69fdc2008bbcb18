-- name: ensure_fulfilment(shop_id, source_id, order_id)!
-- Makes the row to lock when the fulfilment is new; it gets its content in the same transaction.
INSERT INTO store.fulfilments (shop_id, source_id, order_id, updated_at, content_hash, data)
VALUES (:shop_id, :source_id, :order_id, '-infinity', '', '{}') ON CONFLICT DO NOTHING;

-- name: lock_fulfilment(shop_id, source_id)^
-- The stored state, held until the transaction ends; one that was just made has no content.
SELECT nullif(updated_at, '-infinity') AS updated_at, triggered_at, nullif(content_hash, '') AS content_hash
FROM store.fulfilments WHERE shop_id = :shop_id AND source_id = :source_id FOR UPDATE;

-- name: keep_fulfilment(updated_at, triggered_at, content_hash, data, shop_id, source_id)!
-- The state becomes the stored one.
UPDATE store.fulfilments
SET updated_at = :updated_at, triggered_at = :triggered_at, content_hash = :content_hash, data = :data, indexed_at = now()
WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: fulfilment(shop_id, source_id)^
-- The newest state.
SELECT data FROM store.fulfilments WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: fulfilments_of_order(shop_id, order_id)
-- The newest states of the order's parcels.
SELECT data FROM store.fulfilments WHERE shop_id = :shop_id AND order_id = :order_id ORDER BY source_id;
