-- name: ensure_customer(shop_id, source_id)!
-- Makes the row to lock when the customer is new; it gets its content in the same transaction.
INSERT INTO store.customers (shop_id, source_id) VALUES (:shop_id, :source_id) ON CONFLICT DO NOTHING;

-- name: lock_customer(shop_id, source_id)^
-- The stored state, held until the transaction ends.
SELECT updated_at, triggered_at, deleted_at, content_hash FROM store.customers
WHERE shop_id = :shop_id AND source_id = :source_id FOR UPDATE;

-- name: keep_customer(updated_at, triggered_at, content_hash, data, shop_id, source_id)!
-- The state becomes the stored one.
UPDATE store.customers
SET updated_at = :updated_at, triggered_at = :triggered_at, content_hash = :content_hash, data = :data,
    indexed_at = now()
WHERE shop_id = :shop_id AND source_id = :source_id AND deleted_at IS NULL;

-- name: bury_customer(deleted_at, shop_id, source_id)!
-- Leaves a tombstone without data, which no later state brings back.
UPDATE store.customers
SET deleted_at = coalesce(deleted_at, :deleted_at, now()), triggered_at = coalesce(:deleted_at, triggered_at),
    content_hash = NULL, data = NULL, contact_id = NULL, synced = NULL, synced_at = NULL,
    email_consent = NULL, sms_consent = NULL, crm_preferences = NULL, tags = '{}', tag_changes = '{}', indexed_at = now()
WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: customer(shop_id, source_id)^
-- The newest state with what the CRM knows of it.
SELECT deleted_at, data, contact_id, synced FROM store.customers
WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: keep_link(contact_id, synced, shop_id, source_id)!
-- Which contact the customer is and which of its fields the CRM has accepted.
UPDATE store.customers SET contact_id = :contact_id, synced = :synced, synced_at = now()
WHERE shop_id = :shop_id AND source_id = :source_id AND deleted_at IS NULL;
