-- name: keep_orders(account_id, shop_id, orders)$
-- Writes the orders of a page whose state is newer than the known one; how many these are.
WITH incoming AS (
    SELECT * FROM jsonb_to_recordset(:orders::jsonb) AS i (
        source_id text, order_number text, status text, is_shippable boolean, marketplace text, items jsonb,
        ordered_at timestamptz, updated_at timestamptz
    )
), kept AS (
    INSERT INTO store.marketplace_orders AS o (
        account_id, source_id, shop_id, order_number, status, is_shippable, marketplace, items, ordered_at, updated_at
    )
    SELECT :account_id, source_id, :shop_id, order_number, status, is_shippable, marketplace, items, ordered_at,
           updated_at
    FROM incoming
    ON CONFLICT (account_id, source_id) DO UPDATE
    SET order_number = excluded.order_number, status = excluded.status, is_shippable = excluded.is_shippable,
        marketplace = excluded.marketplace, items = excluded.items, ordered_at = excluded.ordered_at,
        updated_at = excluded.updated_at, indexed_at = now()
    WHERE o.updated_at < excluded.updated_at
       OR (o.updated_at = excluded.updated_at
           AND (o.status, o.is_shippable, o.items) IS DISTINCT FROM
               (excluded.status, excluded.is_shippable, excluded.items))
    RETURNING 1
)
SELECT count(*) FROM kept;

-- name: keep_listings(account_id, shop_id, listings)$
-- Writes the listings of a page that are new or have changed; how many these are.
WITH incoming AS (
    SELECT * FROM jsonb_to_recordset(:listings::jsonb) AS i (
        source_id text, sku text, title text, weight_grams float8, image_url text, data jsonb, content_hash text
    )
), kept AS (
    INSERT INTO store.listings AS l (
        account_id, source_id, shop_id, sku, title, weight_grams, image_url, content_hash, data
    )
    SELECT :account_id, source_id, :shop_id, sku, title, weight_grams, image_url, decode(content_hash, 'hex'), data
    FROM incoming
    ON CONFLICT (account_id, source_id) DO UPDATE
    SET sku = excluded.sku, title = excluded.title, weight_grams = excluded.weight_grams,
        image_url = excluded.image_url, content_hash = excluded.content_hash, data = excluded.data, changed_at = now()
    WHERE l.content_hash <> excluded.content_hash
    RETURNING 1
)
SELECT count(*) FROM kept;

-- name: note_sold(account_id, shop_id, listings)!
-- Products known from orders only, without anything that has to be read from the marketplace.
INSERT INTO store.listings (account_id, source_id, shop_id, sku, title, content_hash, data)
SELECT :account_id, i.source_id, :shop_id, i.sku, i.title, '', i.data
FROM jsonb_to_recordset(:listings::jsonb) AS i (source_id text, sku text, title text, data jsonb)
ON CONFLICT DO NOTHING;

-- name: listings_after(account_id, source_id, limit)
-- A page of an account's listings, by their ids.
SELECT source_id, sku, title, weight_grams, image_url, data FROM store.listings
WHERE account_id = :account_id AND source_id > :source_id ORDER BY source_id LIMIT :limit;
