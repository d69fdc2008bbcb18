-- name: data_keys(shop_ids)
-- The sealed payload keys of some shops.
SELECT id, data_key FROM store.shops WHERE id = ANY(:shop_ids::bigint[]);
