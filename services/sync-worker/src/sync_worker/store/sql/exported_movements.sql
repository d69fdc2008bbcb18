-- name: keep_parcels(shop_id, source_ids, order_ids, ats, content_hashes, datas)
-- Exported parcels become the stored ones where they are newer; which these are.
INSERT INTO store.fulfilments AS f (shop_id, source_id, order_id, updated_at, content_hash, data)
SELECT :shop_id, n.*
FROM unnest(:source_ids::text[], :order_ids::text[], :ats::timestamptz[], :content_hashes::bytea[], :datas::jsonb[]) AS n
ON CONFLICT (shop_id, source_id) DO UPDATE
SET updated_at = excluded.updated_at, content_hash = excluded.content_hash, data = excluded.data, indexed_at = now()
WHERE f.updated_at < excluded.updated_at
RETURNING source_id, order_id;

-- name: keep_refunds(shop_id, source_ids, order_ids, ats, content_hashes, datas)
-- Exported refunds that were not known; which these are.
INSERT INTO store.refunds (shop_id, source_id, order_id, created_at, content_hash, data)
SELECT :shop_id, n.*
FROM unnest(:source_ids::text[], :order_ids::text[], :ats::timestamptz[], :content_hashes::bytea[], :datas::jsonb[]) AS n
ON CONFLICT DO NOTHING
RETURNING source_id, order_id;
