-- name: keep_listings(account_id, shop_id, source_ids, skus, titles, weights, image_urls, content_hashes, data)$
-- Writes what is new or has changed and nothing else; how many that were.
WITH written AS (
    INSERT INTO store.listings AS l
        (account_id, source_id, shop_id, sku, title, weight_grams, image_url, content_hash, data)
    SELECT :account_id, i.source_id, :shop_id, i.sku, i.title, i.weight_grams, i.image_url, i.content_hash, i.data
    FROM unnest(:source_ids::text[], :skus::text[], :titles::text[], :weights::float8[], :image_urls::text[],
                :content_hashes::bytea[], :data::jsonb[])
        AS i (source_id, sku, title, weight_grams, image_url, content_hash, data)
    ON CONFLICT (account_id, source_id) DO UPDATE
    SET sku = excluded.sku, title = excluded.title, weight_grams = excluded.weight_grams,
        image_url = excluded.image_url, content_hash = excluded.content_hash, data = excluded.data,
        changed_at = now()
    WHERE l.content_hash <> excluded.content_hash
    RETURNING 1
)
SELECT count(*) FROM written;

-- name: note_sold(account_id, shop_id, source_ids, skus, titles, data)!
-- Products known from orders only: nothing is known of them yet but their names.
INSERT INTO store.listings (account_id, source_id, shop_id, sku, title, content_hash, data)
SELECT :account_id, i.source_id, :shop_id, i.sku, i.title, '', i.data
FROM unnest(:source_ids::text[], :skus::text[], :titles::text[], :data::jsonb[]) AS i (source_id, sku, title, data)
ON CONFLICT DO NOTHING;

-- name: listings_after(account_id, source_id, limit)
-- A page of an account's listings.
SELECT source_id, sku, title, weight_grams, image_url, data FROM store.listings
WHERE account_id = :account_id AND source_id > :source_id ORDER BY source_id LIMIT :limit;
