-- name: data_keys
-- The sealed payload keys of some shops.
SELECT id, data_key FROM store.shops WHERE id = ANY(:shop_ids::bigint[]);
