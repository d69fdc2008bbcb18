-- name: of_shop(shop_id)^
-- How long a shop wants its payloads kept.
SELECT domain, payload_days FROM store.shops WHERE id = :shop_id;

-- name: hold_payload_days(shop_id)$
-- The same, kept as it is until the transaction ends.
SELECT payload_days FROM store.shops WHERE id = :shop_id FOR UPDATE;

-- name: set_payload_days(shop_id, payload_days)!
-- How long from now on.
UPDATE store.shops SET payload_days = :payload_days, updated_at = now() WHERE id = :shop_id;
